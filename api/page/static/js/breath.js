// The pacer: four seconds in, six out, in real seconds, no hold. It can be held still.

const IN_S = 4;
const OUT_S = 6;
const TICK_MS = 200;

export class Breath {
  #began = null;
  #timer = null;
  #shown = "";

  constructor(button, { lung, word, count, hint }) {
    Object.assign(this, { button, lung, word, count, hint });
    button.addEventListener("click", () => this.#toggle());
  }

  start() {
    if (this.#timer !== null || this.button.getAttribute("aria-pressed") === "true") return;
    this.#began = performance.now();
    this.#shown = "";
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #toggle() {
    const still = this.button.getAttribute("aria-pressed") !== "true";
    this.button.setAttribute("aria-pressed", String(still));
    this.hint.textContent = still ? "Press the circle to let it breathe." : "Press the circle to hold it still.";
    if (!still) {
      this.start();
      return;
    }
    this.stop();
    this.lung.setAttribute("class", "lung still");
    this.word.textContent = "Breathe";
    this.count.textContent = "as you like";
  }

  #tick() {
    const at = ((performance.now() - this.#began) / 1000) % (IN_S + OUT_S);
    const inward = at < IN_S;
    const left = Math.ceil(inward ? IN_S - at : IN_S + OUT_S - at);
    this.count.textContent = String(left);
    const phase = inward ? "in" : "out";
    if (phase === this.#shown) return;
    this.#shown = phase;
    this.word.textContent = inward ? "Breathe in" : "Breathe out";
    this.lung.setAttribute("class", `lung ${phase}`);
  }
}
