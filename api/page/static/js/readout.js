// One second of the talk in words, where the pointer is or where the keys have moved to.

import { indexOf } from "./thinned.js";

const KEY_STEPS = 60; // steps of the reading line across what is in view

export class Readout {
  #talk;
  #clock;
  #place;
  #line;
  #words;
  #at_s = null;
  #window = [0, 1];

  // plot: {left, width} of the chart's plot in CSS pixels. words: where it is said; place: what the line stands in.
  constructor(talk, clock, place, words, plot) {
    [this.#talk, this.#clock, this.#place, this.#words] = [talk, clock, place, words];
    this.plot = plot;
    this.#line = document.createElement("div");
    this.#line.className = "reading-line";
    this.#line.hidden = true;
    place.append(this.#line);
    place.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && event.buttons === 0) this.#point(event);
    });
    place.addEventListener("pointerdown", (event) => this.#point(event));
    place.addEventListener("pointerleave", () => this.#hide());
    place.addEventListener("blur", () => this.#hide());
    place.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#hide();
    });
  }

  show(seen) {
    this.#window = seen;
    if (this.#at_s !== null) this.#tell(this.#at_s);
  }

  // A step of the keys: -1 or 1.
  step(direction) {
    const [from, to] = this.#window;
    const step = Math.max(1, Math.round((to - from) / KEY_STEPS));
    const at = this.#at_s === null ? Math.round((from + to) / 2) : this.#at_s + direction * step;
    this.#tell(Math.min(Math.max(Math.ceil(from), at), Math.floor(to)));
  }

  #point(event) {
    const { left, width } = this.plot();
    const share = (event.clientX - this.#place.getBoundingClientRect().left - left) / width;
    if (share < 0 || share > 1) this.#hide();
    else this.#tell(Math.round(this.#window[0] + share * (this.#window[1] - this.#window[0])));
  }

  #tell(t_s) {
    const [from, to] = this.#window;
    if (t_s < from || t_s > to) {
      this.#hide();
      return;
    }
    const { left, width } = this.plot();
    this.#at_s = t_s;
    this.#line.hidden = false;
    this.#line.style.left = `${left + (width * (t_s - from)) / (to - from)}px`;
    this.#words.textContent = secondInWords(this.#talk, t_s, this.#clock.words(t_s));
    this.#place.dispatchEvent(new CustomEvent("read", { detail: { t_s } }));
  }

  #hide() {
    this.#at_s = null;
    this.#line.hidden = true;
    this.#words.textContent = "";
  }
}

// "20:22: 104 beats a minute, RMSSD 12 ms, movement 40 mg, flood."
function secondInWords({ t_s, bpm, rmssd_ms, motion_mg = [], phases }, wanted, clock) {
  const i = indexOf(t_s, wanted);
  const said = [bpm[i] === null || bpm[i] === undefined ? "no signal" : `${Math.round(bpm[i])} beats a minute`];
  if (rmssd_ms[i] !== null && rmssd_ms[i] !== undefined) said.push(`RMSSD ${Math.round(rmssd_ms[i])} ms`);
  if (motion_mg[i] !== null && motion_mg[i] !== undefined) said.push(`movement ${motion_mg[i]} mg`);
  const phase = phases.find(({ from_s, to_s }) => from_s <= wanted && wanted < to_s);
  if (phase) said.push(phase.kind);
  return `${clock}: ${said.join(", ")}.`;
}
