// The journal’s search. What is looked for stays out of the address and the history: a phone can be shared.

import { post, press, Problem } from "./api.js";

function find(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const typed = new URLSearchParams(new FormData(form));
  press(form.querySelector("button"), document.getElementById("write-problem"), async () => {
    const answer = await fetch(`${form.getAttribute("action")}?${typed}`, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) throw new Problem("Nothing could be looked for just now. What you typed is still here; try again in a moment.");
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    const focused = document.activeElement?.id;
    document.getElementById("main").replaceChildren(...found.childNodes);
    prepare();
    if (focused) document.getElementById(focused)?.focus();
  });
}

function write(event) {
  press(event.currentTarget, document.getElementById("write-problem"), async () => {
    const { url } = await post("/api/entries", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    window.location.assign(url);
  });
}

function prepare() {
  document.querySelector("form.find")?.addEventListener("submit", find);
  document.getElementById("write")?.addEventListener("click", write);
}

prepare();
