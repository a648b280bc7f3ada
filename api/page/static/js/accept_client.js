// A client's code brings them into the caseload. Nothing is shown by it yet.
import { post, press } from "./api.js";

const form = document.querySelector("[data-accept]");
const problem = document.querySelector("[data-problem]");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), problem, async () => {
    await post("/api/clients/accept", { code: form.elements.code.value.trim() });
    window.location.assign("/clients");
  });
});
