// Signs in; a code that waited behind the address’s # is opened afterwards.

import { post, press } from "./api.js";
import { can, sign } from "./passkey.js";

const problem = document.getElementById("problem");
const form = document.getElementById("sign-in");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), problem, async () => {
    const { name, password } = form.elements;
    goOn(await post("/sign-in", { name: name.value, password: password.value }));
  });
});

const withPasskey = document.getElementById("sign-in-passkey");
if (withPasskey && !can()) withPasskey.hidden = true;
withPasskey?.addEventListener("click", () =>
  press(withPasskey, problem, async () => {
    const credential = await sign(await post("/sign-in/passkey/ask"));
    goOn(await post("/sign-in/passkey", { credential }));
  }),
);

const elsewhere = document.getElementById("passkey-elsewhere");
if (elsewhere) elsewhere.hash = window.location.hash;

function goOn(told) {
  const code = /^#([A-Za-z0-9-]{1,40})$/.exec(window.location.hash)?.[1];
  window.location.replace(code ? `/join/${code}` : told.go);
}
