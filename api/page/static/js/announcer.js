// One polite live region. It speaks of changes of state, suggestion and pause, never of beats.

import { clockTime } from "./clock.js";
import { isOverdue, overdueWords } from "./words.js";

export class Announcer {
  #last = null;

  constructor(region) {
    this.region = region;
  }

  // What it is about decides whether it is news: the words of one suggestion move with the clock.
  hear(view, state, covered) {
    const { about, words } = newsOf(view, state, covered);
    if (about !== this.#last && this.#last !== null) this.region.textContent = words;
    this.#last = about;
  }
}

function newsOf(view, state, covered) {
  if (view.phase === "ended") return { about: "ended", words: "The talk has ended." };
  const { pause, suggestion, shared } = view;
  if (pause) return pauseNews(view, covered);
  if (!suggestion && shared) return { about: shared.id, words: "One of us could use a pause." };
  if (!suggestion) return { about: state.word, words: `${state.word}.` };
  const ask = `Your body is in alarm. Take ${suggestion.minutes} minutes, back at ${clockTime(suggestion.return_at)}?`;
  return { about: suggestion.id, words: covered ? "A pause was suggested." : ask };
}

function pauseNews(view, covered) {
  const { id, return_at, can_return, is_back } = view.pause;
  if (is_back) return { about: `${id} back`, words: "You’re back. The talk goes on when you both are." };
  if (can_return) return { about: `${id} ready`, words: "You can come back when you are ready." };
  if (isOverdue(view.pause)) return { about: `${id} ${return_at} has come`, words: overdueWords(view, covered) };
  return { about: `${id} ${return_at}`, words: `Pause. ${view.for_two ? "You’re both" : "You’re"} back at ${clockTime(return_at)}.` };
}
