// A clinician's notes, and ending it from their side.

import { post, press } from "./api.js";

const byId = (id) => document.getElementById(id);
const { wearer, entry } = byId("notes").dataset;
const problem = byId("notes-problem");

const form = byId("note-form");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  press(form.querySelector("button"), problem, async () => {
    await post(`/api/clients/${wearer}/notes`, {
      text: form.elements.text.value,
      for_wearer: form.elements.who.value === "both",
      entry_id: entry || null,
    });
    window.location.reload();
  });
});
for (const button of document.querySelectorAll("[data-erase]")) {
  button.addEventListener("click", () =>
    press(button, problem, async () => {
      await post(`/api/notes/${button.dataset.erase}/erase`);
      window.location.reload();
    }),
  );
}

const dialog = byId("leave-dialog");
byId("leave")?.addEventListener("click", () => dialog.showModal());
byId("leave-stay")?.addEventListener("click", () => dialog.close());
byId("leave-confirm")?.addEventListener("click", () =>
  press(byId("leave-confirm"), byId("problem"), async () => {
    await post(`/api/clients/${wearer}/leave`);
    window.location.assign("/clients");
  }),
);
