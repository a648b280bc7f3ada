// How much the time between beats varies: RMSSD below the heart rate, over the same part of the talk.

import { hatch, ink, LABELS_PX, plot, px, text } from "./drawing.js";
import { gapsOf, rangeOf } from "./series.js";

const LEAST_TOP_MS = 50;

export class RmssdChart {
  #chart;
  #data;
  #top;
  #gaps;

  constructor(place, { t_s, rmssd_ms }) {
    this.#data = [t_s, rmssd_ms];
    this.#top = Math.max(LEAST_TOP_MS, Math.ceil((rangeOf(rmssd_ms)?.[1] ?? 0) / 10) * 10);
    this.#gaps = gapsOf(this.#data);
    this.#chart = plot(place, [10, LABELS_PX, 10, 0], { under: (u) => this.#under(u), over: (u) => this.#over(u) });
  }

  show([from, to]) {
    const chart = this.#chart;
    chart.batch(() => {
      chart.setData(this.#data, false);
      chart.setScale("x", { min: from, max: to });
      chart.setScale("y", { min: 0, max: this.#top });
    });
  }

  #under(u) {
    if (!this.#gaps) return;
    for (const [from, to] of this.#gaps) hatch(u, from, to);
    u.ctx.fillStyle = ink("line");
    u.ctx.fillRect(u.bbox.left, u.bbox.top + u.bbox.height, u.bbox.width, px(1.5));
  }

  #over(u) {
    if (!this.#top) return;
    for (const value of [0, this.#top]) text(u, `${value} ms`, u.bbox.left + u.bbox.width + px(14), u.valToPos(value, "y", true), { weight: 400 });
  }
}

// "Between 8 and 42 ms."
export function rmssdSummary({ rmssd_ms }) {
  const range = rangeOf(rmssd_ms);
  return range === null ? "There is no clear value in this talk." : `Between ${range[0]} and ${range[1]} ms in this talk.`;
}
