// Notes at a time of the talk: the list below the timeline, and the pins on it. Notes have letters in squares; what was done
// in the talk has numbers in circles (timeline.js), so that each mark is one thing.

import { clockTimeAfter, DAY_S, secondShowing } from "./clock.js";
import { LABELS_PX } from "./drawing.js";
import { make } from "./elements.js";

// A, B … Z, AA …
export const letterOf = (n) => (n < 26 ? "" : letterOf(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));

// Pins under the axis. Moves with the timeline as one of its views.
export class NotePins {
  #place;
  #window = [0, 1];
  #moments = [];

  constructor(place) {
    this.#place = place;
    place.style.marginRight = `${LABELS_PX}px`;
  }

  show(seen) {
    this.#window = seen;
    this.#draw();
  }

  set moments(moments) {
    this.#moments = moments;
    this.#place.hidden = moments.length === 0;
    this.#draw();
  }

  #draw() {
    const [from, to] = this.#window;
    this.#place.replaceChildren(
      ...this.#moments.flatMap(({ t_s }, n) => {
        if (t_s < from || t_s > to) return [];
        const pin = document.createElement("span");
        pin.className = "note-pin";
        pin.textContent = letterOf(n);
        pin.style.left = `${(100 * (t_s - from)) / (to - from)}%`;
        return [pin];
      }),
    );
  }
}

// list: the <ol>. moments(): the notes. change(notes).
export function momentList(list, { began, length, moments, change }) {
  function draw(focused = null) {
    list.replaceChildren(...moments().map((moment, n) => row(moment, n)));
    if (focused !== null) list.children[moments().indexOf(focused)]?.querySelector("textarea").focus();
  }

  function sort() {
    change([...moments()].sort((a, b) => a.t_s - b.t_s));
  }

  function row(moment, n) {
    const item = document.createElement("li");
    const letter = make("span", { className: "note-letter", textContent: letterOf(n) });
    letter.setAttribute("aria-hidden", "true");
    const time = make("input", { type: "text", inputMode: "numeric", className: "field at", value: clockTimeAfter(began, moment.t_s), autocomplete: "off" });
    time.setAttribute("aria-label", `Time of note ${letterOf(n)}, as hours and minutes`);
    time.addEventListener("change", () => {
      const t_s = secondsAfter(began, time.value);
      if (t_s === null || t_s > length) time.value = clockTimeAfter(began, moment.t_s);
      else {
        moment.t_s = t_s;
        sort();
        draw();
        list.children[moments().indexOf(moment)]?.querySelector("input").focus();
      }
    });
    const text = make("textarea", { className: "words-in own-words", rows: 1, maxLength: 20_000, value: moment.text, placeholder: "What was there" });
    text.setAttribute("aria-label", `Note ${letterOf(n)}, ${clockTimeAfter(began, moment.t_s)}`);
    text.addEventListener("input", () => {
      moment.text = text.value;
      change(moments());
    });
    const remove = make("button", { type: "button", className: "plain", textContent: "Remove" });
    remove.setAttribute("aria-label", `Remove note ${letterOf(n)}`);
    remove.addEventListener("click", () => {
      change(moments().filter((one) => one !== moment));
      draw();
      document.getElementById("add-moment").focus();
    });
    item.append(letter, time, text, remove);
    return item;
  }

  draw();
  return {
    draw,
    add(t_s) {
      const moment = { t_s: Math.min(Math.max(0, Math.round(t_s)), length), text: "" };
      change([...moments(), moment]);
      sort();
      draw(moment);
    },
  };
}

// "20:22" or "20:22:05" on the talk's clock, as seconds after it began; null for what is no time.
function secondsAfter(began, time) {
  const told = /^\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*$/.exec(time);
  if (!told) return null;
  const [hours, minutes, seconds] = told.slice(1).map((part) => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const after_s = secondShowing(began, (hours * 60 + minutes) * 60 + seconds);
  // The talk’s first minute, told without seconds, began before the talk did.
  return told[3] === undefined && after_s > DAY_S - 60 ? 0 : after_s;
}
