// Words to choose, several at once; others can be added. Each is a button that is pressed or not.

import { iconOf } from "./svg.js";

// chosen(): the chosen words. change(words). offered: words, or [word, name, icon] each. shown: so many until "More".
export function chips(place, { chosen, change, offered = [], shown = Infinity, add = null }) {
  let all = false;
  const named = offered.map((one) => (Array.isArray(one) ? one : [one, one, null]));

  function draw(focus = null) {
    const own = chosen().filter((word) => !named.some(([known]) => known === word)).map((word) => [word, word, null]);
    const listed = [...named, ...own];
    const seen = all ? listed : listed.filter(([word], n) => n < shown || chosen().includes(word));
    const buttons = seen.map(([word, name, icon]) => chip(word, name, icon));
    if (seen.length < listed.length) buttons.push(button("More", () => ((all = true), draw("more"))));
    if (add) buttons.push(adding());
    place.replaceChildren(...buttons);
    const wanted = focus === "more" ? buttons[seen.length - 1] : buttons.find(({ dataset }) => dataset.word === focus);
    (focus === "add" ? place.querySelector(".add-word") : wanted)?.focus({ preventScroll: true });
  }

  function chip(word, name, icon) {
    const pressed = chosen().includes(word);
    const element = button(name, () => {
      change(pressed ? chosen().filter((one) => one !== word) : [...chosen(), word]);
      draw(word);
    });
    element.setAttribute("aria-pressed", String(pressed));
    element.dataset.word = word;
    const shownIcon = pressed ? "check" : icon;
    if (shownIcon) element.prepend(iconOf(shownIcon));
    return element;
  }

  function adding() {
    const field = document.createElement("input");
    Object.assign(field, { className: "field add-word", type: "text", maxLength: 60, placeholder: add, autocomplete: "off" });
    field.setAttribute("aria-label", `${add}: write it, then Enter`);
    const take = (focus) => {
      const word = field.value.trim();
      if (!word) return;
      field.value = "";
      if (!chosen().includes(word)) change([...chosen(), word]);
      draw(focus);
    };
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      take("add");
    });
    field.addEventListener("blur", () => take(null));
    return field;
  }

  draw();
  return draw;
}

function button(words, press) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "pill small chip";
  element.append(words);
  element.addEventListener("click", press);
  return element;
}
