// Sharing and privacy: a code for a clinician, what they see, and taking it back.

import { post, press } from "./api.js";
import { make } from "./elements.js";

const byId = (id) => document.getElementById(id);
const problem = byId("problem");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const inviting = byId("invite");
inviting.addEventListener("submit", (event) => {
  event.preventDefault();
  press(inviting.querySelector("button"), problem, async () => {
    showCode(await post("/api/sharing/invitations", { called: inviting.elements.called.value }));
  });
});

function showCode({ code, url, lasts_days, way_back }) {
  const link = make("p", { className: "caption" });
  link.append("They open ", Object.assign(make("a", { href: url, textContent: url })), " or type the code there.");
  const again = make("p", { className: "row" });
  again.append(make("a", { className: "pill small", href: "/sharing", textContent: "Choose what they see" }));
  byId("code").replaceChildren(make("p", { className: "code", textContent: code }), link, make("p", { className: "caption soft", textContent: `Works once, for ${lasts_days} days. It is told only now.` }), again);
  if (way_back) {
    byId("code").append(make("p", { className: "soft", textContent: "From now on there is more than one account here, and a click opens none. Your own way back, told once. Write it down where only you look:" }), make("p", { className: "way-back-words", textContent: way_back }));
  }
  byId("code").querySelector(".code").dataset.testid = "clinician-code";
  byId("code").hidden = false;
}

for (const form of document.querySelectorAll("[data-show]")) {
  const fromDay = form.querySelector(".from-day");
  const entryChosen = () => form.querySelector("[name=what]:checked").dataset.entry ?? null;
  const follow = () => (fromDay.hidden = entryChosen() !== null);
  form.addEventListener("change", follow);
  follow();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const entry_id = entryChosen();
    press(form.querySelector("button[type=submit]"), problem, async () => {
      await post(`/api/sharing/${form.dataset.show}/show`, {
        entry_id,
        from_day: entry_id ? null : form.elements.from_day.value || null,
        with_words: form.elements.words.value === "yes",
        until_day: form.elements.until_day.value || null,
        zone,
      });
      window.location.assign("/sharing");
    });
  });
}

for (const button of document.querySelectorAll("[data-hide]")) {
  button.addEventListener("click", () =>
    press(button, problem, async () => {
      await post(`/api/sharing/grants/${button.dataset.hide}/hide`);
      window.location.reload();
    }),
  );
}

const dialog = byId("end-dialog");
let ending = null;
for (const button of document.querySelectorAll("[data-end]")) {
  button.addEventListener("click", () => {
    ending = button.dataset.end;
    byId("end-title").textContent = `End sharing with ${button.dataset.called}?`;
    dialog.showModal();
  });
}
byId("end-stay").addEventListener("click", () => dialog.close());
byId("end-confirm").addEventListener("click", () =>
  press(byId("end-confirm"), problem, async () => {
    await post(`/api/sharing/${ending}/end`);
    window.location.assign("/sharing");
  }),
);
