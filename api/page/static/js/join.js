// Comes in with a one-time code.

import { post, press } from "./api.js";

const byId = (id) => document.getElementById(id);
const form = byId("join");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), byId("problem"), async () => {
    const told = await post("/join", { code: form.dataset.code, name: form.elements.name?.value ?? "" });
    if (told.way_back === null) window.location.replace("/talk");
    else welcome(told.way_back);
  });
});

byId("typed")?.addEventListener("submit", (event) => {
  event.preventDefault();
  window.location.replace(`/join/${encodeURIComponent(byId("typed").elements.code.value.trim())}`);
});

function welcome(words) {
  for (const other of byId("joined").parentNode.children) other.hidden = other !== byId("joined");
  byId("words").textContent = words;
  history.replaceState(null, "", "/talk");
  byId("joined").querySelector("h1").focus();
}
