// Comes in with a one-time code.

import { post, press } from "./api.js";

const byId = (id) => document.getElementById(id);
const form = byId("join");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), byId("problem"), async () => {
    const typed = Object.fromEntries(new FormData(form));
    const told = await post("/join", { code: form.dataset.code, ...typed });
    if (told.way_back === null) window.location.replace(told.go);
    else welcome(told.way_back, told.go);
  });
});

byId("typed")?.addEventListener("submit", (event) => {
  event.preventDefault();
  window.location.replace(`/join/${encodeURIComponent(byId("typed").elements.code.value.trim())}`);
});

function welcome(words, go) {
  for (const other of byId("joined").parentNode.children) other.hidden = other !== byId("joined");
  byId("words").textContent = words;
  byId("joined-on").href = go;
  history.replaceState(null, "", go);
  byId("joined").querySelector("h1").focus();
}
