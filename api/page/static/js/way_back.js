// Comes back into one's own account with the words that were told once.

import { post, press } from "./api.js";

const door = document.getElementById("way-back");
const form = document.getElementById("way-back-form");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), document.getElementById("problem"), async () => {
    const told = await post("/way-back", { words: form.elements.words.value });
    window.location.replace(told.go);
  });
});
if (window.location.hash === "#way-back") door.open = true;
