// Whether the other of the talk sees this curve is its wearer's own switch: off until it is pressed, and off again at once.

import { post, press } from "./api.js";

const button = document.getElementById("show-curve");

function draw(isShown) {
  button.setAttribute("aria-pressed", String(isShown));
  button.textContent = isShown ? `Don’t show it to ${button.dataset.name} any more` : `Show this curve to ${button.dataset.name}`;
  document.getElementById("curve-shown").hidden = !isShown;
  document.getElementById("curve-hidden").hidden = isShown;
}

button?.addEventListener("click", () =>
  press(button, document.getElementById("curve-problem"), async () => {
    const shown = button.getAttribute("aria-pressed") !== "true";
    await post(`/api/entries/${encodeURIComponent(button.dataset.entry)}/curve`, { shown });
    draw(shown);
  }),
);
