// The private short list: add somebody, take somebody off.

import { post, press } from "./api.js";

const form = document.getElementById("add");
const problem = document.getElementById("problem");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), problem, async () => {
    await post("/api/turn-to", { name: form.elements.name.value, how: form.elements.how.value });
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
