// Comes back into one's own account with the words that were told once.

import { post, press } from "./api.js";

const form = document.getElementById("way-back");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), document.getElementById("problem"), async () => {
    await post("/way-back", { words: form.elements.words.value });
    window.location.replace("/talk");
  });
});
