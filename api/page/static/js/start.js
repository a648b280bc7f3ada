// The start page: begins a talk, then shows it.

import { post, press } from "./api.js";

const button = document.getElementById("start-talk");

button.addEventListener("click", () =>
  press(button, document.getElementById("problem"), async () => {
    await post("/api/talks");
    window.location.reload();
  }),
);
