// Artifacts as short strokes on the axis, over the same part of the recording as the chart.

import { LABELS_PX } from "./drawing.js";

const HEIGHT = 8;

export class ArtifactStrokes {
  constructor(place, artifacts_s) {
    this.place = place;
    place.style.width = `calc(100% - ${LABELS_PX}px)`;
    place.querySelector("path").setAttribute("d", artifacts_s.map((t) => `M${t} 0V${HEIGHT}`).join(""));
  }

  show([from, to]) {
    this.place.setAttribute("viewBox", `${from} 0 ${to - from} ${HEIGHT}`);
  }
}
