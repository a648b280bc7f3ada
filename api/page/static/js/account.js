// Your account: what one is called, how one gets in, where one is signed in, and programs of one's own.

import { post, press } from "./api.js";
import { mayLeave } from "./strap_leaving.js";

const byId = (id) => document.getElementById(id);
const problem = byId("problem");

for (const form of document.querySelectorAll("[data-post]")) {
  onSubmit(form, async () => {
    await post(form.dataset.post, Object.fromEntries(new FormData(form)));
    window.location.reload();
  });
}

for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () =>
    press(button, problem, async () => {
      await post(button.dataset.act);
      window.location.reload();
    }),
  );
}

onSubmit(byId("words-form"), async (data) => {
  const { words } = await post("/api/account/way-back", Object.fromEntries(data));
  byId("words-state").textContent = "You have them; new ones end the old.";
  show(byId("words-shown"), words);
});

onSubmit(byId("token-form"), async (data) => {
  const asked = { ...Object.fromEntries(data), scopes: data.getAll("scopes"), days: Number(data.get("days")) };
  const { token } = await post("/api/account/tokens", asked);
  byId("token-form").reset();
  show(byId("token-shown"), token);
});

onSubmit(byId("close-form"), async (data) => {
  await post("/api/account/close", Object.fromEntries(data));
  window.location.replace("/welcome");
});

for (const [id, address] of [["sign-out", "/sign-out"], ["sign-out-everywhere", "/api/account/sign-out"]]) {
  byId(id).addEventListener("click", (event) =>
    press(event.currentTarget, problem, async () => {
      if (!(await mayLeave(byId(id).dataset.owner))) return;
      await post(address);
      window.location.replace("/welcome");
    }),
  );
}

for (const day of document.querySelectorAll("[data-day]")) day.textContent = inWords(day.dateTime);

function onSubmit(form, action) {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    press(event.submitter, problem, () => action(new FormData(form)));
  });
}

function show(place, words) {
  place.querySelector("[data-testid]").textContent = words;
  place.hidden = false;
  byId("said").textContent = "Told once, below.";
  place.scrollIntoView({ block: "nearest" });
}

// The days of the server are days of UTC, and so is today here.
function inWords(day) {
  const apart = Math.round((Date.parse(day) - Date.parse(new Date().toISOString().slice(0, 10))) / 86_400_000);
  if (Math.abs(apart) <= 1) return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(apart, "day");
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(Date.parse(day));
}
