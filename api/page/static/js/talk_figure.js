// A talk to look at: its timeline, its RMSSD and its overview, moved together by hand, keys and buttons.

import { Overview } from "./overview.js";
import { pointing } from "./pointing.js";
import { RmssdChart, rmssdSummary } from "./rmssd_chart.js";
import { Timeline } from "./timeline.js";
import { moved, zoomed } from "./view_window.js";

// part(name): the figure's element of that name. more: what else shows the part of the talk that is in view.
export function talkFigure(part, talk, { clock, more = [] } = {}) {
  const length = Math.max(1, talk.length_s);
  const timeline = new Timeline(talk, { chart: part("timeline-chart"), phases: part("phases") }, clock);
  const overview = new Overview(part("overview"), talk, (seconds) => {
    const [from, to] = timeline.window;
    show(moved([from, to], seconds - (from + to) / 2, length));
  });
  const views = [timeline, overview, new RmssdChart(part("rmssd-chart"), talk), ...more];
  part("rmssd-summary").textContent = rmssdSummary(talk);

  function show(seen) {
    for (const view of views) view.show(seen);
    part("whole").hidden = seen[1] - seen[0] > length - 1;
    part("zoom-out").disabled = part("whole").hidden;
  }
  const zoom = (factor) => show(zoomed(timeline.window, factor, length));
  const whole = () => show([0, length]);

  part("zoom-in").addEventListener("click", () => zoom(0.5));
  part("zoom-out").addEventListener("click", () => zoom(2));
  part("whole").addEventListener("click", whole);
  pointing(part("timeline"), {
    zoom,
    whole,
    pan: (px) => show(moved(timeline.window, px * timeline.seconds_per_px, length)),
    panShare: (share) => show(moved(timeline.window, share * (timeline.window[1] - timeline.window[0]), length)),
  });
  whole();
}
