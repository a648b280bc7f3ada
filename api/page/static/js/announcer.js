// One polite live region. It speaks of changes of state, suggestion and pause, never of beats.

import { clockTime } from "./clock.js";

export class Announcer {
  #last = null;

  constructor(region) {
    this.region = region;
  }

  hear(view, state, covered) {
    const words = wordsOf(view, state, covered);
    if (words !== this.#last && this.#last !== null) this.region.textContent = words;
    this.#last = words;
  }
}

function wordsOf(view, state, covered) {
  if (view.phase === "ended") return "The talk has ended.";
  const { pause, suggestion } = view;
  if (pause?.can_return) return "You can come back when you are ready.";
  if (pause) return `Pause. You’re back at ${clockTime(pause.return_at)}.`;
  if (suggestion && covered) return "A pause was suggested.";
  if (suggestion) return `Your body is in alarm. Take ${suggestion.minutes} minutes, back at ${clockTime(suggestion.return_at)}?`;
  return `${state.word}.`;
}
