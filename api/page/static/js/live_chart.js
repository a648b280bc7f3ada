// The last ten minutes: the trace, the line, the usual, and nothing that rescales under the eye.

import { clockTimeAfter } from "./clock.js";
import { band, below, dot, dotted, hatch, heartScale, plot, px, text, valueLabels, waterAbove, within, x } from "./drawing.js";
import { gapsOf, rangeOf } from "./series.js";

const WINDOW_S = 600;
const SHORTEST_S = 120;

export class LiveChart {
  #chart;
  #look = null;
  #heart = [60, 120];

  constructor(place) {
    this.#chart = plot(place, [10, 78, 26, 1], { under: (u) => this.#under(u), over: (u) => this.#over(u) });
  }

  // look: {data, t_s, began, line, usual, colour}
  show(look) {
    this.#look = { ...look, gaps: gapsOf(look.data) };
    this.#heart = heartScale(rangeOf(look.data[1]), this.#heart);
    const end = Math.max(look.t_s, SHORTEST_S);
    const chart = this.#chart;
    chart.batch(() => {
      chart.setData(look.data, false);
      chart.setScale("x", { min: Math.max(0, end - WINDOW_S), max: end });
      chart.setScale("y", { min: this.#heart[0], max: this.#heart[1] });
    });
  }

  #under(u) {
    if (!this.#look) return;
    const { line, usual, gaps } = this.#look;
    band(u, line.bpm, line.leave_bpm, { line: "flood", fill: "flood-fill" });
    for (const [from, to] of gaps) hatch(u, from, to);
    if (usual !== null) dotted(u, usual);
    waterAbove(u, line.bpm, "flood-fill");
  }

  #over(u) {
    if (!this.#look) return;
    const { line, usual, began, t_s, data, colour } = this.#look;
    const last = data[1].at(-1) ?? null;
    if (last !== null) dot(u, data[0].at(-1), last, colour);
    valueLabels(u, [
      { bpm: line.bpm, words: `line ${Math.round(line.bpm)}`, colour: "flood", weight: 600 },
      { bpm: usual, words: usual === null ? "" : `usual ${Math.round(usual)}`, weight: 600 },
    ]);
    const { min } = u.scales.x;
    const middle = (min + t_s) / 2;
    for (const t of t_s - min > 240 ? [min, middle] : [min]) {
      text(u, clockTimeAfter(began, t), within(u, x(u, t), 19), below(u), { colour: "ink3", align: "center", weight: 400 });
    }
    text(u, "now", within(u, x(u, t_s) - px(4), 16), below(u), { colour: "ink3", align: "center", weight: 400 });
  }
}
