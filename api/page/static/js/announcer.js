// One polite live region. It speaks of changes of state, suggestion and pause, never of beats.

import { clockTime } from "./clock.js";
import { isLost, isOverdue, noticeWords, overdueWords } from "./words.js";

// A word that comes and goes is not told: only one that has held for so long, in seconds of the talk.
const HOLDS_S = 5;

export class Announcer {
  #heard = false;
  #last = null;
  #next = null;
  #since = 0;
  #shared = null;

  constructor(region) {
    this.region = region;
  }

  // What it is about decides whether it is news: the words of one suggestion move with the clock.
  // What was there when the page came is no news, also where that was nothing.
  hear(view, state, covered) {
    const isFirst = !this.#heard;
    this.#heard = true;
    const { about, words, atOnce } = newsOf(view, state, covered);
    if (isBeside(view, covered) && view.shared.id !== this.#shared) {
      this.#shared = view.shared.id;
      const own = about === this.#last ? [] : [words];
      if (!isFirst) this.region.textContent = [...own, "Both pages say: One of us could use a pause."].join(" ");
      this.#last = about;
      this.#next = null;
      return;
    }
    if (about === null || about === this.#last) {
      this.#next = null;
      return;
    }
    if (about !== this.#next) {
      this.#next = about;
      this.#since = view.t_s;
    }
    if (!isFirst && !atOnce && view.t_s - this.#since < HOLDS_S) return;
    if (!isFirst) this.region.textContent = words;
    this.#last = about;
    this.#next = null;
  }
}

// The sentence that both see, on the sheet of a suggestion of one's own.
const isBeside = ({ phase, pause, suggestion, shared }, covered) =>
  phase !== "ended" && pause === null && suggestion !== null && shared !== null && !covered;

// `about: null` is nothing to speak of.
function newsOf(view, state, covered) {
  if (view.phase === "ended") return { about: "ended", words: "The talk has ended.", atOnce: true };
  const { pause, suggestion, shared, notice } = view;
  if (pause) return { ...pauseNews(view, covered), atOnce: true };
  if (suggestion) {
    const ask = `Your body is in alarm. Take ${suggestion.minutes} minutes, back at ${clockTime(suggestion.return_at)}?`;
    return { about: suggestion.id, words: covered ? "A pause was suggested." : ask, atOnce: true };
  }
  if (shared) return { about: shared.id, words: "One of us could use a pause.", atOnce: true };
  // A strap that slips for a moment is not told; its notice is, and that the signal is back.
  if (view.strap !== null && isLost(view.heart)) {
    const told = notice !== null && notice.state === "open" && !covered;
    return { about: told ? notice.id : null, words: told ? noticeWords(notice) : "", atOnce: true };
  }
  return { about: state.word, words: `${state.word}.`, atOnce: false };
}

function pauseNews(view, covered) {
  const { id, return_at, can_return, is_back } = view.pause;
  if (is_back) return { about: `${id} back`, words: "You’re back. The talk goes on when you both are." };
  if (can_return) return { about: `${id} ready`, words: "You can come back when you are ready." };
  if (isOverdue(view.pause)) return { about: `${id} ${return_at} has come`, words: overdueWords(view, covered) };
  return { about: `${id} ${return_at}`, words: `Pause. ${view.for_two ? "You’re both" : "You’re"} back at ${clockTime(return_at)}.` };
}
