// Signs in; a code that waited behind the address’s # is opened afterwards.

import { post, press } from "./api.js";

const form = document.getElementById("sign-in");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), document.getElementById("problem"), async () => {
    const { name, password } = form.elements;
    const told = await post("/sign-in", { name: name.value, password: password.value });
    const code = /^#([A-Za-z0-9-]{1,40})$/.exec(window.location.hash)?.[1];
    window.location.replace(code ? `/join/${code}` : told.go);
  });
});
