// The two things that wait for an answer: the suggestion of one's own, and the sentence that both see.

import { clockTime } from "./clock.js";
import { aboveWords } from "./words.js";

const byId = (id) => document.getElementById(id);

// The one sentence that reaches both: the same for both, whoever or whatever asked for it.
export function showShared(view) {
  const { minutes, return_at, expires } = view.shared;
  byId("shared-minutes").textContent = minutes;
  byId("shared-time").textContent = clockTime(return_at);
  byId("shared-time").setAttribute("datetime", return_at);
  byId("shared-until").textContent = clockTime(return_at);
  byId("shared-waits").textContent = `It waits until ${clockTime(expires)}.`;
}

export function showSuggestion(view, covered) {
  const { suggestion } = view;
  byId("sheet-open").hidden = covered;
  byId("sheet-covered").hidden = !covered;
  byId("above").textContent = aboveWords(view);
  byId("ask-minutes").textContent = suggestion.minutes;
  byId("ask-time").textContent = clockTime(suggestion.return_at);
  byId("ask-time").setAttribute("datetime", suggestion.return_at);
  byId("both-see").hidden = view.shared === null;
  byId("waits").textContent = `${suggestion.acknowledged ? "Seen. " : ""}Waits for your answer until ${clockTime(suggestion.expires)}.`;
  byId("mute-sheet").hidden = view.muted_until !== null;
}
