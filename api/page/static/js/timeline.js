// One entry's talk from beginning to end: trace, phases, line, near-usual band, gaps, peak.

import { clockTimeAfter, duration, secondsOfDay } from "./clock.js";
import { band, below, column, dot, dotted, hatch, heartScale, ink, LABELS_PX, plot, px, text, valueLabels, waterAbove, x } from "./drawing.js";
import { rangeOf } from "./series.js";
import { iconOf } from "./svg.js";
import { columnsOf, indexOf, thinned } from "./thinned.js";

const PHASES = {
  baseline: { word: "Baseline", icon: "finding", tone: "tech", tint: null },
  talk: { word: "Talk", icon: "steady", tone: "steady", tint: null },
  rise: { word: "Rise", icon: "rising", tone: "rising", tint: "rising-fill" },
  flood: { word: "Flood", icon: "flooding", tone: "flood", tint: "flood-fill" },
  pause: { word: "Pause", icon: "pause", tone: "rest", tint: "rest-fill" },
  after: { word: "After", icon: "near", tone: "steady", tint: null },
};
const TICKS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const TICK_PX = 64;
const ICON_PX = 20;
const BETWEEN_PX = 8;
const EDGE_PX = 6;
const NEAR_WORDS_PX = 84;
const PIN_PX = 12; // a pin's radius
const PINS_PX = 36; // what they take below the clock times

// How an axis names its times: by the clock, in round minutes of it.
const byTheClock = (began) => ({ first_s: secondsOfDay(began), words: (t) => clockTimeAfter(began, t) });

export class Timeline {
  #chart;
  #clock;
  #talk;
  #window;
  #phases;
  #scale;

  constructor(talk, { chart, phases }, clock = byTheClock(talk.began)) {
    this.#talk = talk;
    this.#clock = clock;
    this.#window = [0, talk.length_s];
    this.#scale = heartScale(rangeOf(talk.bpm));
    this.#phases = talk.phases.filter(({ kind }) => PHASES[kind]).map((phase) => ({ ...phase, element: phaseLabel(phase) }));
    phases.append(...this.#phases.map(({ element }) => element));
    phases.style.marginRight = `${LABELS_PX}px`;
    document.fonts.ready.then(() => this.#placePhases());
    const below_px = talk.pins?.length > 0 ? 30 + PINS_PX : 30;
    this.#chart = plot(chart, [8, LABELS_PX, below_px, 0], { under: (u) => this.#under(u), over: (u) => this.#over(u) });
    new ResizeObserver(() => this.#placePhases()).observe(phases);
    this.show(this.#window);
  }

  get window() {
    return this.#window;
  }

  get clock() {
    return this.#clock;
  }

  // Where the plot is, in CSS pixels from the timeline's left edge.
  get plot() {
    const { left, width } = this.#chart.bbox;
    return { left: left / window.devicePixelRatio, width: width / window.devicePixelRatio };
  }

  show([from, to]) {
    this.#window = [from, to];
    const { t_s, bpm } = this.#talk;
    const [low, high] = this.#scale;
    const chart = this.#chart;
    chart.batch(() => {
      chart.setData(thinned([t_s, bpm], this.#window, columnsOf(chart)), false);
      chart.setScale("x", { min: from, max: to });
      chart.setScale("y", { min: low, max: high });
    });
    this.#placePhases();
  }

  // Seconds of the talk for one CSS pixel of the plot.
  get seconds_per_px() {
    return (this.#window[1] - this.#window[0]) / Math.max(1, this.#chart.bbox.width / window.devicePixelRatio);
  }

  #placePhases() {
    const [from, to] = this.#window;
    const width = this.#phases[0]?.element.parentNode.clientWidth ?? 0;
    for (const phase of this.#phases) {
      const left = Math.max(0, (phase.from_s - from) / (to - from));
      const right = Math.min(1, (phase.to_s - from) / (to - from));
      const { style, classList } = phase.element;
      const room = (right - left) * width;
      phase.element.hidden = room <= 0;
      style.left = `${left * 100}%`;
      style.width = `${Math.max(0, right - left) * 100}%`;
      // Beside its icon, below it, the icon alone, or only the bar: whatever has room.
      classList.remove("narrow", "tiny", "sliver");
      const word = phase.element.querySelector("span").getBoundingClientRect().width + EDGE_PX;
      classList.toggle("narrow", room < ICON_PX + BETWEEN_PX + word);
      classList.toggle("tiny", room < word);
      classList.toggle("sliver", room < ICON_PX);
    }
  }

  #under(u) {
    const { line, usual_bpm, near_usual_bpm, gaps } = this.#talk;
    for (const { kind, from_s, to_s } of this.#phases) {
      if (PHASES[kind].tint) column(u, from_s, to_s, PHASES[kind].tint, 0.15);
      edge(u, from_s);
    }
    band(u, line.bpm, line.leave_bpm, { line: "flood", fill: "flood-fill" });
    const pause = this.#phases.find(({ kind }) => kind === "pause");
    if (pause && near_usual_bpm !== null && usual_bpm !== null) {
      band(u, near_usual_bpm, usual_bpm, { line: "steady", fill: "steady-fill", from: pause.from_s });
    }
    if (usual_bpm !== null) dotted(u, usual_bpm);
    waterAbove(u, line.bpm, "flood-fill");
    for (const [from, to] of gaps) hatch(u, from, to);
  }

  #over(u) {
    const { line, usual_bpm, near_usual_bpm, near_usual_from_s, gaps, peak } = this.#talk;
    const inView = (t) => t >= this.#window[0] && t <= this.#window[1];
    valueLabels(u, [
      { bpm: line.bpm, words: `line ${Math.round(line.bpm)}`, colour: "flood", weight: 600 },
      { bpm: usual_bpm, words: usual_bpm === null ? "" : `usual ${Math.round(usual_bpm)}`, weight: 600 },
    ]);
    if (peak && inView(peak.t_s)) {
      dot(u, peak.t_s, peak.bpm, "ink", true);
      const leftward = x(u, peak.t_s) > u.bbox.left + u.bbox.width - px(50);
      text(u, String(Math.round(peak.bpm)), x(u, peak.t_s) + px(leftward ? -12 : 12), u.valToPos(peak.bpm, "y", true) - px(3), {
        colour: "ink", weight: 600, size: 17, align: leftward ? "right" : "left", halo: true,
      });
    }
    if (near_usual_from_s !== null && near_usual_bpm !== null && inView(near_usual_from_s)) {
      const at = valueAt(this.#talk, near_usual_from_s) ?? near_usual_bpm;
      dot(u, near_usual_from_s, at, "steady", true);
      this.#nearWords(u, x(u, near_usual_from_s), near_usual_bpm, usual_bpm);
    }
    this.#gapWords(u, gaps, inView);
    this.#times(u);
    this.#pins(u, inView);
  }

  // Numbered where something was done; the list below the chart says what.
  #pins(u, inView) {
    let right = -Infinity;
    (this.#talk.pins ?? []).forEach(({ t_s }, n) => {
      if (!inView(t_s)) return;
      const at = x(u, t_s);
      dottedDown(u, at);
      right = Math.max(at, right + px(2 * PIN_PX + 2)); // pins that are close stand side by side
      pin(u, right, below(u, 30 + PINS_PX / 2), String(n + 1));
    });
  }

  // The trace comes down from the left and stays in the band: beside the dot and above the band it is clear.
  #nearWords(u, at, near, usual) {
    const room = at + px(NEAR_WORDS_PX) < u.bbox.left + u.bbox.width;
    const top = room ? u.valToPos(near, "y", true) - px(13) : u.valToPos(usual ?? near, "y", true) + px(22);
    text(u, "near usual", room ? at + px(8) : at - px(8), top, { colour: "steady", align: room ? "left" : "right", weight: 600, halo: true });
  }

  #gapWords(u, gaps, inView) {
    const long = gaps.filter(([from]) => inView(from)).sort((a, b) => b[1] - b[0] - (a[1] - a[0]))[0];
    if (!long) return;
    const left = x(u, long[0]);
    const rightward = left < u.bbox.left + px(90);
    text(u, "no signal", rightward ? x(u, long[1]) + px(6) : left - px(6), below(u, -14), { align: rightward ? "left" : "right", weight: 400 });
  }

  #times(u) {
    const [from, to] = this.#window;
    const { first_s, words } = this.#clock;
    const room = (to - from) * px(TICK_PX) / u.bbox.width;
    const step = TICKS_S.find((s) => s >= room) ?? TICKS_S.at(-1);
    u.ctx.fillStyle = ink("line");
    u.ctx.fillRect(u.bbox.left, u.bbox.top + u.bbox.height, u.bbox.width, px(1.5));
    for (let t = Math.ceil((first_s + from) / step) * step - first_s; t <= to; t += step) {
      const at = x(u, t);
      u.ctx.fillStyle = ink("border");
      u.ctx.fillRect(at - px(0.75), u.bbox.top + u.bbox.height, px(1.5), px(5));
      if (at > u.bbox.left + px(16) && at < u.bbox.left + u.bbox.width + px(20)) {
        text(u, words(t), at, below(u, 17), { colour: "ink2", align: "center", weight: 400 });
      }
    }
  }
}

function dottedDown(u, at) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = ink("ink3");
  ctx.lineWidth = px(1.4);
  ctx.setLineDash([px(1.5), px(4)]);
  ctx.beginPath();
  ctx.moveTo(at, bbox.top);
  ctx.lineTo(at, below(u, 30));
  ctx.stroke();
  ctx.restore();
}

function pin(u, at, top, words) {
  const { ctx } = u;
  ctx.save();
  ctx.fillStyle = ink("bg");
  ctx.strokeStyle = ink("border");
  ctx.lineWidth = px(1.4);
  ctx.beginPath();
  ctx.arc(at, top, px(PIN_PX), 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.restore();
  text(u, words, at, top + px(1), { colour: "ink", align: "center", weight: 600 });
}

function edge(u, t) {
  u.ctx.fillStyle = ink("line");
  const at = x(u, t);
  if (at >= u.bbox.left && at <= u.bbox.left + u.bbox.width) u.ctx.fillRect(at, u.bbox.top, px(1.2), u.bbox.height);
}

function valueAt({ t_s, bpm }, wanted) {
  return bpm[indexOf(t_s, wanted)] ?? null;
}

function phaseLabel({ kind, from_s, to_s }) {
  const { word, icon, tone } = PHASES[kind];
  const element = document.createElement("div");
  element.className = "phase";
  element.dataset.tone = tone;
  element.title = `${word}, ${duration(to_s - from_s)}`;
  const name = document.createElement("div");
  name.className = "name";
  const words = document.createElement("span");
  words.textContent = word;
  name.append(iconOf(icon), words);
  element.append(name);
  return element;
}
