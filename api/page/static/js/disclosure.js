// Telling the other: first whether this is a calm moment, then the sentence. Copying and printing are the wearer’s acts.

import { drafted } from "./disclosure_words.js";

const ASKED = ["not_in_conflict", "nobody_tired", "nobody_hungry", "nobody_stressed"];
const HOLDS_MS = 30 * 60_000; // a moment: later it is asked again
const byId = (id) => document.getElementById(id);

// content(): the entry’s content. changed(): it was altered.
export function disclosure(content, changed) {
  const text = byId("disclosure-text");
  const buttons = [...document.querySelectorAll("[data-calm]")];

  function draw() {
    const { text: own } = content().disclosure;
    const calm = isOld(content().disclosure.calm) ? {} : content().disclosure.calm;
    const answers = ASKED.map((name) => calm[name] ?? null);
    for (const button of buttons) button.setAttribute("aria-pressed", String(calm[button.dataset.calm] === (button.dataset.says === "true")));
    const asked = answers.every((answer) => answer !== null);
    const isCalm = answers.every((answer) => answer === true);
    byId("calm-said").textContent = said(asked, isCalm, answers.includes(false));
    byId("sentence").hidden = !asked;
    for (const id of ["copy-sentence", "print-sentence"]) byId(id).disabled = !isCalm;
    if (document.activeElement !== text) text.value = own || drafted(content());
    byId("draft-note").hidden = own !== "";
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { calm } = content().disclosure;
      const says = button.dataset.says === "true";
      if (isOld(calm)) for (const name of ASKED) calm[name] = null;
      calm[button.dataset.calm] = calm[button.dataset.calm] === says ? null : says;
      calm.checked_at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
      changed();
      draw();
    });
  }
  text.addEventListener("input", () => {
    content().disclosure.text = text.value === drafted(content()) ? "" : text.value;
    byId("draft-note").hidden = content().disclosure.text !== "";
    changed();
  });
  text.addEventListener("blur", () => draw());
  byId("copy-sentence").addEventListener("click", () => copy(text));
  byId("print-sentence").addEventListener("click", () => print(text.value));

  draw();
  return draw;
}

const isOld = ({ checked_at }) => checked_at === null || Date.now() - Date.parse(checked_at) > HOLDS_MS;

function said(asked, isCalm, stirred) {
  if (isCalm) return "Then this can be a moment for it.";
  if (asked) return "Then it can wait. You can go on writing; it stays here for a calmer moment, and can be copied then.";
  return stirred ? "Then it can wait. Nothing is lost." : "";
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text.value);
    byId("told-how").textContent = "Copied.";
  } catch {
    text.focus();
    text.select();
    byId("told-how").textContent = "Selected. Copy it with your keyboard or the menu.";
  }
}

// Only the sentence is on the paper.
function print(words) {
  byId("printed-sentence").textContent = words;
  document.documentElement.dataset.print = "sentence";
  window.addEventListener("afterprint", () => delete document.documentElement.dataset.print, { once: true });
  window.print();
}
