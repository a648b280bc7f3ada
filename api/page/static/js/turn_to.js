// The private short list: add somebody, take somebody off.

import { post, press } from "./api.js";
import { keptForm } from "./kept_form.js";

const form = document.getElementById("add");
const typed = keptForm(form, { name: "turn-to", owner: form.dataset.owner, unkept: document.getElementById("unkept") });
const problem = document.getElementById("problem");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), problem, async () => {
    await post("/api/turn-to", { name: form.elements.name.value, how: form.elements.how.value });
    typed.done();
    window.location.reload();
  });
});
for (const button of document.querySelectorAll("[data-remove]")) {
  button.addEventListener("click", () =>
    press(button, problem, async () => {
      await post(`/api/turn-to/${encodeURIComponent(button.dataset.remove)}/remove`);
      window.location.reload();
    }),
  );
}
