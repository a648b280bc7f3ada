// Makes a suggestion noticed on this device, once: not again after a reload, not while it is kept quiet, not once it was seen.

import { callByTitle, ring, unlockSound } from "./device.js";

const TOLD = "told-suggestion";

export class Alerting {
  #stop = null;
  #about = null;

  constructor(words) {
    this.words = words;
    for (const tap of ["pointerdown", "keydown"]) document.addEventListener(tap, () => unlockSound(), { once: true, capture: true });
  }

  hear({ suggestion, muted_until }) {
    const waits = suggestion !== null && !suggestion.acknowledged;
    if (!waits || muted_until !== null) {
      this.#quiet();
      return;
    }
    if (this.#about === suggestion.id) return;
    this.#quiet();
    this.#about = suggestion.id;
    const rung = sessionStorage.getItem(TOLD) === suggestion.id ? { close: () => {} } : ring(this.words);
    sessionStorage.setItem(TOLD, suggestion.id);
    const calm = callByTitle(this.words);
    this.#stop = () => {
      calm();
      rung.close();
    };
  }

  #quiet() {
    this.#stop?.();
    this.#stop = null;
    this.#about = null;
  }
}

// "Test the alert": unlocks the sound, lets everything out that is on, and says by what it went.
const NAMES = { sound: "a sound", vibration: "a vibration", notification: "a notification" };

export async function testAlert(words) {
  await unlockSound();
  const { gone } = ring(words, { always: true });
  if (gone.length === 0) return "Nothing went out. The page itself still tells you.";
  return `That was ${gone.map((way) => NAMES[way]).join(" and ")}.`;
}
