// The page “Your data”: bring an archive back; erase, after showing what would go.

import { post, press, upload } from "./api.js";
import { forgetHeartbeats } from "./strap_leaving.js";
import { forgetAll, forgetDays, forgetEntry } from "./unsaved.js";

const byId = (id) => document.getElementById(id);
const form = byId("erase-form");
const ids = JSON.parse(byId("erase-ids").textContent);
let shown = null;

const counted = (count, one, many) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

function wish() {
  const data = new FormData(form);
  const what = data.get("what");
  if (what !== "period") return { what, id: ids[what] ?? "" };
  return { what, from_day: data.get("from_day") || null, to_day: data.get("to_day") || null };
}

const isEmpty = (told) => told.entries === 0 && told.recordings === 0 && told.checks === 0;

function sentence(told) {
  if (isEmpty(told)) return "Nothing of yours is there.";
  const parts = [];
  if (told.entries) parts.push(counted(told.entries, "entry", "entries") + (told.with_words ? ` (${told.with_words} with words)` : ""));
  if (told.checks) parts.push(counted(told.checks, "daily check", "daily checks"));
  if (told.recordings)
    parts.push(
      `${counted(told.recordings, "recording", "recordings")} of your heart (${counted(told.packets, "packet", "packets")}), with ` +
        "what was computed from them",
    );
  const shared = told.shared_talks ? " In a shared talk the other keeps their own, and that there was a pause." : "";
  return `${new Intl.ListFormat("en").format(parts)}.${shared}`;
}

function hide() {
  shown = null;
  byId("erase-shown").hidden = true;
  byId("erase-days").hidden = new FormData(form).get("what") !== "period";
}

form.addEventListener("input", hide);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  byId("erased").textContent = "";
  press(event.submitter, byId("erase-problem"), async () => {
    const asked = wish();
    const told = await post("/api/erase/preview", asked);
    const empty = asked.what !== "everything" && isEmpty(told);
    shown = { ...asked, token: told.token };
    byId("erase-sentence").textContent =
      asked.what === "everything" ? `${sentence(told)} And this account, with its key, its straps and channels, the people you can turn to, and what you two agreed.` : sentence(told);
    byId("erase").hidden = empty;
    byId("erase-shown").hidden = false;
    byId("erase-shown").focus({ preventScroll: true });
  });
});

byId("erase").addEventListener("click", (event) =>
  press(event.currentTarget, byId("erase-problem"), async () => {
    await post("/api/erase", shown);
    if (shown.what === "entry") forgetEntry(shown.id);
    if (shown.what === "period") await forgetDays(shown.from_day, shown.to_day);
    if (shown.what === "everything") forgetAll();
    if (shown.what === "everything") await forgetHeartbeats(byId("erase").dataset.owner);
    if (shown.what === "everything") {
      window.location.replace("/welcome");
      return;
    }
    hide();
    byId("erased").textContent = "Erased.";
  }),
);

byId("restore").addEventListener("click", (event) =>
  press(event.currentTarget, byId("restore-problem"), async () => {
    const [file] = byId("restore-file").files;
    if (!file) {
      byId("restored").textContent = "Choose a file first.";
      return;
    }
    byId("restored").textContent = "";
    const told = await upload("/api/archive", file);
    const there = told.already_there ? ` ${counted(told.already_there, "thing was", "things were")} here already.` : "";
    const parts = [counted(told.entries, "entry", "entries"), counted(told.recordings, "recording", "recordings")];
    if (told.checks) parts.push(counted(told.checks, "daily check", "daily checks"));
    if (told.turn_to) parts.push(`${counted(told.turn_to, "person", "people")} to turn to`);
    if (told.straps) parts.push(counted(told.straps, "strap", "straps"));
    byId("restored").textContent = `Brought back: ${parts.join(", ")}.${there}`;
  }),
);

hide();
