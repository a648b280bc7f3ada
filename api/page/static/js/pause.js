// The pause: time, breath, own descent, and the two conditions that explain Ready.

import { Breath } from "./breath.js";
import { clockTime, minutesInWords, plural, secondsBetween, secondsOfDay } from "./clock.js";
import { DescentChart } from "./descent_chart.js";
import { iconOf } from "./svg.js";
import { turnTo } from "./turn_to_list.js";
import { isLost, isOverdue, overdueWords } from "./words.js";

const BEFORE_S = 120;
const COMING_DOWN_BPM = 3;
const byId = (id) => document.getElementById(id);

export class PauseScreen {
  #chart = null;
  #breath = new Breath(byId("breath"), { lung: byId("lung"), word: byId("breath-word"), count: byId("breath-count"), hint: byId("breath-hint") });
  #moreOpen = false;

  constructor() {
    byId("more").addEventListener("click", () => {
      this.#moreOpen = !this.#moreOpen;
      this.#showMore(this.#moreOpen);
      if (this.#moreOpen) byId("extend").scrollIntoView({ block: "nearest" });
    });
    byId("phrases").addEventListener("click", (event) => {
      const phrase = event.target.closest(".phrase");
      if (phrase) choose(phrase);
    });
    byId("turn-to").addEventListener("toggle", () => byId("turn-to").open && turnTo(byId("turn-to-list"), byId("turn-to-none")));
  }

  hide() {
    this.#breath.stop();
    this.#moreOpen = false;
    for (const phrase of document.querySelectorAll(".phrase")) phrase.setAttribute("aria-pressed", "false");
  }

  show(view, series, covered) {
    const { pause } = view;
    const returning = pause.can_return || pause.is_back;
    const overdue = isOverdue(pause) && !pause.is_back;
    byId("return-time").textContent = clockTime(pause.return_at);
    byId("return-time").setAttribute("datetime", pause.return_at);
    byId("back-words").textContent = pause.state === "missed" ? "You said you’d be back at" : overdue ? "Back at" : view.for_two ? "You’re both back at" : "You’re back at";
    byId("return-in").textContent = inWords(view, covered);
    byId("repair").hidden = pause.state !== "missed";
    this.#conditions(view, covered);
    this.#ready(view, covered);
    this.#showMore(this.#moreOpen || returning || overdue);
    byId("more").hidden = returning || overdue;
    byId("more").closest(".pause").toggleAttribute("data-overdue", overdue);
    for (const { minutes, return_at } of pause.extend) {
      const button = document.querySelector(`[data-extend="${minutes}"]`);
      if (!button) continue;
      button.dataset.backAt = return_at;
      button.querySelector("small").textContent = `back at ${clockTime(return_at)}`;
    }
    byId("ready").hidden = pause.is_back;
    if (pause.is_back) byId("extend").hidden = true;
    this.#agreed(pause, returning);
    if (returning) this.#breath.stop();
    else this.#breath.start();
    this.#descent(view, series, covered || returning);
  }

  // The words that the two agreed on, or the usual ones.
  #agreed({ meanwhile, neither, opening, phrases }, returning) {
    byId("helps").hidden = returning || meanwhile.length + neither.length === 0;
    fill(byId("helps-list"), meanwhile, line);
    byId("helps-title").hidden = meanwhile.length === 0;
    byId("neither").textContent = neither.length === 0 ? "" : `Not in a pause: ${neither.join(", ")}.`;
    fill(byId("phrases").querySelector("ul"), [...opening, ...phrases], phraseLine, 1);
  }

  #showMore(open) {
    byId("extend").hidden = !open;
    byId("more").setAttribute("aria-expanded", String(open));
  }

  #ready(view, covered) {
    const button = byId("ready");
    const can = view.pause.can_return;
    button.classList.toggle("main", can);
    button.setAttribute("aria-disabled", String(!can));
    byId("ready-word").textContent = can ? "I’m ready" : "Ready";
    byId("ready-reason").textContent = can ? "" : reason(view, covered);
    byId("ready-reason").hidden = can;
  }

  #conditions(view, covered) {
    const { pause, near_usual_bpm, heart } = view;
    condition(byId("condition-time"), {
      done: pause.minimum_done,
      share: pause.minutes_so_far / pause.minimum_min,
      title: plural(pause.minimum_min, "minute"),
      words: pause.minimum_done ? "rested" : `${pause.minutes_so_far} so far`,
      tone: pause.minimum_done ? "steady" : "rest",
    });
    const known = view.strap !== null && near_usual_bpm !== null;
    byId("condition-usual").hidden = covered || !known;
    if (!known) return;
    const needed = minutesInWords(Math.round(pause.near_usual_needed_s / 60));
    const now = heart.bpm === null ? "no signal now" : `now ${Math.round(heart.bpm)}`;
    condition(byId("condition-usual"), {
      done: pause.near_usual_done,
      share: pause.near_usual_s / pause.near_usual_needed_s,
      title: `${Math.round(near_usual_bpm)} or less`,
      words: pause.near_usual_done ? `for ${needed}` : `for ${needed}, ${now}`,
      tone: "steady",
    });
  }

  #descent(view, series, hidden) {
    const known = view.strap !== null && !hidden;
    byId("descent").hidden = !known;
    if (!known) return;
    const { pause, heart, t_s, began } = view;
    const from = pause.bpm_at_start;
    const lost = isLost(heart) || heart.bpm === null;
    byId("descent-title").textContent = descentTitle(heart, from, lost);
    byId("descent-caption").textContent =
      lost || from === null || pause.minutes_so_far < 1 ? "" : `From ${Math.round(from)} to ${Math.round(heart.bpm)} in ${minutesInWords(pause.minutes_so_far)}.`;
    const pause_s = secondsBetween(secondsOfDay(began), secondsOfDay(pause.called));
    const from_s = Math.max(0, pause_s - BEFORE_S);
    this.#chart ??= new DescentChart(byId("descent-chart"));
    this.#chart.show({
      data: series.since(from_s),
      from_s,
      t_s,
      pause_s,
      began,
      usual: view.baseline.bpm,
      near: view.near_usual_bpm,
    });
  }
}

function inWords(view, covered) {
  const { pause, heart, strap } = view;
  if (pause.is_back) return "You’re back. The talk goes on when you both are.";
  if (pause.state === "missed") return "That time has passed. You can still come back, or name a new one.";
  if (pause.can_return) {
    return covered || strap === null || heart.bpm === null ? "Come back when you like." : `Your heart is at ${Math.round(heart.bpm)}.`;
  }
  return isOverdue(pause) ? overdueWords(view, covered) : `in ${plural(pause.minutes_left, "minute")}`;
}

function reason({ pause, strap, near_usual_bpm }, covered) {
  if (!isOverdue(pause)) return `not before ${clockTime(pause.return_at)}`;
  return covered || strap === null || near_usual_bpm === null ? "not yet" : `waits for ${Math.round(near_usual_bpm)} or less`;
}

function descentTitle(heart, from, lost) {
  if (lost) return "No signal just now.";
  if (from !== null && heart.bpm <= from - COMING_DOWN_BPM) return "Your heart is coming down.";
  return `Your heart is at ${Math.round(heart.bpm)}.`;
}

function condition(element, { done, share, title, words, tone }) {
  element.dataset.tone = tone;
  const filled = Math.round(100 * Math.min(1, Math.max(0, done ? 1 : share)));
  element.querySelector(".done").setAttribute("stroke-dasharray", `${filled} 200`);
  element.querySelector(".done").toggleAttribute("hidden", filled === 0);
  element.querySelector(".tick").toggleAttribute("hidden", !done);
  element.querySelector("b").textContent = title;
  element.querySelector("div span").textContent = words;
}

const shownIn = new WeakMap();

// Fills a list after its first `kept` lines, and leaves it alone while the words are the same.
function fill(list, words, make, kept = 0) {
  const told = JSON.stringify(words);
  if (shownIn.get(list) === told) return;
  shownIn.set(list, told);
  list.replaceChildren(...[...list.children].slice(0, kept), ...words.map(make));
}

function line(words) {
  const item = document.createElement("li");
  item.textContent = words;
  return item;
}

function phraseLine(words) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "phrase own-words";
  button.setAttribute("aria-pressed", "false");
  button.append(words, iconOf("check"));
  item.append(button);
  return item;
}

function choose(phrase) {
  const chosen = phrase.getAttribute("aria-pressed") !== "true";
  for (const other of document.querySelectorAll(".phrase")) other.setAttribute("aria-pressed", "false");
  phrase.setAttribute("aria-pressed", String(chosen));
}
