// The passkeys on one's account page: adding one, and showing anew that it is oneself.

import { post, press } from "./api.js";
import { can, make, sign } from "./passkey.js";

const byId = (id) => document.getElementById(id);
const problem = byId("problem");

const form = byId("passkey-form");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  press(event.submitter, problem, async () => {
    const { name, proof } = form.elements;
    const credential = await make(await post("/api/account/passkeys/ask", { proof: proof?.value ?? "" }));
    const { words } = await post("/api/account/passkeys", { name: name.value, credential });
    if (words === null) window.location.reload();
    else tellWords(words);
  });
});

// Signing in anew where one is signed in: the session is then a fresh one, and nothing else is asked for some minutes.
const itsMe = byId("passkey-its-me");
itsMe?.addEventListener("click", () =>
  press(itsMe, problem, async () => {
    const credential = await sign(await post("/sign-in/passkey/ask"));
    await post("/sign-in/passkey", { credential });
    window.location.reload();
  }),
);

if (!can()) for (const place of [byId("passkey-door"), itsMe]) if (place) place.hidden = true;

// They are told once, so the page stays as it is until they are written down.
function tellWords(words) {
  byId("passkey-door").hidden = true;
  const told = byId("passkey-words");
  told.querySelector("[data-testid=first-words]").textContent = words;
  told.hidden = false;
  told.focus();
}
byId("passkey-words-kept")?.addEventListener("click", () => window.location.reload());
