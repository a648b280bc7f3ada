// The agreement: examples taken over by a tap, a draft kept, a yes said, stepping out.

import { post, press } from "./api.js";
import { keptForm } from "./kept_form.js";

const byId = (id) => document.getElementById(id);
const form = byId("terms");
const problem = byId("problem");
const typed = keptForm(form, { name: "agreement", owner: form.dataset.owner, unkept: byId("terms-unkept") });
if (typed.found.length > 0) byId("writing").open = true;
const LISTS = new Set(["neither", "meanwhile", "opening", "phrases"]);

for (const chip of document.querySelectorAll("[data-example-for]")) {
  chip.addEventListener("click", () => {
    const field = form.elements[chip.dataset.exampleFor];
    const words = chip.textContent;
    if (field.tagName !== "TEXTAREA") field.value = words;
    else if (!field.value.split("\n").includes(words)) field.value = [field.value.trimEnd(), words].filter(Boolean).join("\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// "first.meanwhile" is a list within first.
function terms() {
  const told = { first: {}, second: {} };
  for (const { name, value } of form.elements) {
    if (!name) continue;
    const [side, field] = name.includes(".") ? name.split(".") : [null, name];
    const kept = LISTS.has(field) ? value.split("\n") : field.endsWith("_min") ? Number(value) : value;
    if (side) told[side][field] = kept;
    else told[field] = kept;
  }
  return told;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("[type=submit]"), byId("terms-problem"), async () => {
    await post("/api/agreement", terms());
    typed.done();
    window.location.assign("/agreement");
  });
});
for (const button of document.querySelectorAll("[data-yes-to]")) {
  button.addEventListener("click", () =>
    press(button, problem, async () => {
      await post(`/api/agreement/${button.dataset.yesTo}/yes`, { for_other: button.hasAttribute("data-for-other") });
      window.location.reload();
    }),
  );
}
byId("withdraw")?.addEventListener("click", () =>
  press(byId("withdraw"), problem, async () => {
    await post("/api/agreement/withdraw");
    window.location.reload();
  }),
);
