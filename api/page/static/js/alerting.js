// Makes a suggestion noticed on this device, once: not again after a reload, not while it is kept quiet, not once it was seen.
// Of two people both devices are heard at the sentence that both see, and never one alone: in one room that would tell whose
// body it was.

import { callByTitle, ring, unlockSound } from "./device.js";

const TOLD = "told-suggestion";

export class Alerting {
  #stop = null;
  #about = null;

  constructor(words) {
    this.words = words;
    for (const tap of ["pointerdown", "keydown"]) document.addEventListener(tap, () => unlockSound(), { once: true, capture: true });
  }

  hear(view) {
    const call = callOf(view);
    if (call === null || view.muted_until !== null) {
      this.quiet();
      return;
    }
    if (this.#about === call.about) return;
    this.quiet();
    this.#about = call.about;
    const rings = call.aloud && sessionStorage.getItem(TOLD) !== call.about;
    const rung = rings ? ring(this.words) : { close: () => {} };
    if (rings) sessionStorage.setItem(TOLD, call.about);
    const calm = callByTitle(this.words);
    this.#stop = () => {
      calm();
      rung.close();
    };
  }

  quiet() {
    this.#stop?.();
    this.#stop = null;
    this.#about = null;
  }
}

// What calls, and whether it may be heard.
function callOf({ talk_id, for_two, suggestion, shared }) {
  if (shared !== null && !shared.acknowledged) return { about: `${talk_id} ${shared.id}`, aloud: true };
  if (suggestion !== null && !suggestion.acknowledged) return { about: suggestion.id, aloud: !for_two };
  return null;
}

// "Test the alert": unlocks the sound, lets everything out that is on, and says by what it went.
const NAMES = { sound: "a sound", vibration: "a vibration", notification: "a notification" };

export async function testAlert(words) {
  await unlockSound();
  const { gone } = ring(words, { always: true });
  if (gone.length === 0) return "Nothing went out. The page itself still tells you.";
  return `That was ${gone.map((way) => NAMES[way]).join(" and ")}.`;
}
