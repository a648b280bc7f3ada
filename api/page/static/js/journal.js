// The journal’s search. What is looked for stays out of the address and the history: a phone can be shared.

import { post, press } from "./api.js";

async function find(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const typed = new URLSearchParams(new FormData(form));
  let answer;
  try {
    answer = await fetch(`${form.getAttribute("action")}?${typed}`, { cache: "no-store" });
  } catch {
    return; // the server can’t be reached; what was typed is still there
  }
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  const main = document.getElementById("main");
  const focused = document.activeElement?.id;
  main.replaceChildren(...found.childNodes);
  prepare();
  if (focused) document.getElementById(focused)?.focus();
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
