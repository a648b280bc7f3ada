// Two windows wrote: both texts are shown, and the wearer puts them together or lets one go.

import { differences, together } from "./content.js";
import { make } from "./elements.js";

// others: [{title, content, options: [[words, choose(togetherContent)]]}]
export function showTwoTexts(place, mine, others) {
  place.replaceChildren(...others.map((other) => card(mine, other)));
}

function card(mine, { title, content, options }) {
  const element = make("section", { className: "card two-texts" });
  element.append(make("h3", { textContent: title }), make("p", { className: "soft", textContent: "Nothing is lost: both are kept until you decide." }));
  const list = make("dl");
  for (const { name, here, there } of differences(mine, content)) {
    list.append(make("dt", { textContent: name }));
    for (const [words, text] of [["In this window", here], ["In the other", there]]) {
      const told = make("dd");
      told.append(make("span", { className: "caption quiet", textContent: words }), make("span", { className: "own-words pre", textContent: text || "–" }));
      list.append(told);
    }
  }
  const row = make("div", { className: "row" });
  for (const [words, choose] of options) {
    const button = make("button", { className: "pill small", type: "button", textContent: words });
    button.addEventListener("click", () => choose(content, together));
    row.append(button);
  }
  element.append(list, row);
  return element;
}
