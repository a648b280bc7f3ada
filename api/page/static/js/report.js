// A report's page: each of its recordings to look at, with its artifacts as strokes on the axis.

import { ArtifactStrokes } from "./report_artifacts.js";
import { onPaper } from "./report_print.js";
import { fromTheBeginning } from "./report_times.js";
import { talkFigure } from "./talk_figure.js";

for (const place of document.querySelectorAll("[data-recording]")) {
  const part = (name) => place.querySelector(`[data-part="${name}"]`);
  const { artifacts_s, ...told } = JSON.parse(part("timeline-data").textContent);
  const talk = { ...told, t_s: told.bpm.map((_, second) => second) };
  talkFigure(part, talk, { clock: fromTheBeginning, more: [new ArtifactStrokes(part("artifacts"), artifacts_s)] });
}
onPaper(document.querySelectorAll("[data-recording] figure"));
