// What is said of the alerts beside the talk: what the person asked of them, and what the strap and the channels lack.

import { clockTime } from "./clock.js";
import { failingWords, heldWords, noticeWords, whyOf } from "./words.js";

const byId = (id) => document.getElementById(id);

// What the person asked of the suggestion, with the way to take it back.
export function showAsked(view, screen, covered) {
  const asked = screen === "talking" && !covered;
  byId("snoozed").hidden = !asked || view.snoozed_until === null;
  if (view.snoozed_until) byId("snoozed-words").textContent = `You asked to hear it again at ${clockTime(view.snoozed_until)}.`;
  byId("silenced").hidden = !asked || !view.silenced;
  const mayMute = !covered && view.muted_until === null;
  byId("muted").hidden = covered || view.muted_until === null;
  if (view.muted_until) byId("muted-words").textContent = `Quiet until ${clockTime(view.muted_until)}: shown, but not heard.`;
  byId("mute").hidden = !mayMute;
  byId("held").hidden = !asked || heldWords(view) === "";
  byId("held").textContent = heldWords(view);
  showNotice(view, asked);
  byId("failing").hidden = covered || view.failing_channels.length === 0;
  byId("failing").querySelector("span").textContent = failingWords(view);
  byId("why").hidden = !asked || whyOf(view) === "";
  byId("why").textContent = whyOf(view);
}

function showNotice({ notice }, asked) {
  byId("notice").hidden = !asked || notice === null;
  if (notice === null) return;
  byId("notice-words").textContent = noticeWords(notice);
  byId("notice-seen").hidden = notice.state !== "open";
  byId("notice-snooze").hidden = notice.state === "snoozed";
  byId("notice-wake").hidden = notice.state !== "snoozed";
}
