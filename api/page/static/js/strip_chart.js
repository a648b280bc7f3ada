// One more figure below the heart rate, over the same part of the talk: how much the time between beats varies, or movement.

import { hatch, ink, LABELS_PX, plot, px, text } from "./drawing.js";
import { gapsOf, rangeOf } from "./series.js";
import { columnsOf, thinned } from "./thinned.js";

export class StripChart {
  #chart;
  #data;
  #top;
  #unit;
  #gaps;

  // leastTop: the scale's end, further out only where a value is above it.
  constructor(place, { t_s, values, unit, leastTop }) {
    this.#data = [t_s, values];
    this.#unit = unit;
    this.#top = Math.max(leastTop, Math.ceil((rangeOf(values)?.[1] ?? 0) / 10) * 10);
    this.#gaps = gapsOf(this.#data);
    this.#chart = plot(place, [10, LABELS_PX, 10, 0], { under: (u) => this.#under(u), over: (u) => this.#over(u) });
  }

  show([from, to]) {
    const chart = this.#chart;
    chart.batch(() => {
      chart.setData(thinned(this.#data, [from, to], columnsOf(chart)), false);
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
    for (const value of [0, this.#top]) text(u, `${value} ${this.#unit}`, u.bbox.left + u.bbox.width + px(14), u.valToPos(value, "y", true), { weight: 400 });
  }
}

// "Between 8 and 42 ms in this talk."
export function rangeSummary(values, unit) {
  const range = rangeOf(values);
  return range === null ? "There is no clear value in this talk." : `Between ${range[0]} and ${range[1]} ${unit} in this talk.`;
}
