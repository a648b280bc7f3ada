// The own descent in a pause: from two minutes before it until now, with the band that is near the usual.

import { clockTimeAfter } from "./clock.js";
import { band, below, dashedAt, dot, hatch, plot, px, text, valueLabels, within, x } from "./drawing.js";
import { gapsOf, rangeOf } from "./series.js";

export class DescentChart {
  #chart;
  #look = null;

  constructor(place) {
    this.#chart = plot(place, [8, 96, 26, 1], { under: (u) => this.#under(u), over: (u) => this.#over(u) });
  }

  // look: {data, from_s, t_s, pause_s, began, usual, near}
  show(look) {
    this.#look = { ...look, gaps: gapsOf(look.data) };
    const range = rangeOf(look.data[1]) ?? [80, 100];
    const floor = Math.min(range[0], look.usual ?? 70) - 4;
    const chart = this.#chart;
    chart.batch(() => {
      chart.setData(look.data, false);
      chart.setScale("x", { min: look.from_s, max: Math.max(look.t_s, look.from_s + 180) });
      chart.setScale("y", { min: floor, max: Math.max(range[1] + 4, floor + 30) });
    });
  }

  #under(u) {
    if (!this.#look) return;
    const { gaps, near, usual, pause_s } = this.#look;
    if (near !== null && usual !== null) band(u, near, u.scales.y.min, { line: "steady", fill: "steady-fill", from: pause_s });
    for (const [from, to] of gaps) hatch(u, from, to);
    dashedAt(u, pause_s, "rest");
  }

  #over(u) {
    if (!this.#look) return;
    const { data, began, from_s, t_s, pause_s, near } = this.#look;
    const last = data[1].at(-1) ?? null;
    if (last !== null) dot(u, data[0].at(-1), last, "rest");
    valueLabels(u, [
      { bpm: last, words: last === null ? "" : `${Math.round(last)} now`, colour: "ink", weight: 600, size: 17 },
      { bpm: near, words: near === null ? "" : `${Math.round(near)}, near\nyour usual`, colour: "steady", weight: 600 },
    ]);
    const times = { colour: "ink3", align: "center", weight: 400 };
    text(u, clockTimeAfter(began, from_s), within(u, x(u, from_s), 19), below(u), times);
    const start = x(u, pause_s);
    if (start > u.bbox.left + px(24)) text(u, "pause", Math.max(start, u.bbox.left + px(66)), below(u), { colour: "rest", align: "center" });
    if (x(u, t_s) > Math.max(start, u.bbox.left + px(66)) + px(64)) text(u, clockTimeAfter(began, t_s), within(u, x(u, t_s), 19), below(u), times);
  }
}
