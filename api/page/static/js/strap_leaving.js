// Before somebody signs out: what of their heartbeats waits in this browser, and what is to become of it.

import { plural } from "./clock.js";
import { StrapBuffer } from "./strap_buffer.js";

// False where the person would rather stay. What waits is removed only where they say so.
export async function mayLeave(owner) {
  const buffer = new StrapBuffer(owner);
  const packets = await buffer.count().catch(() => 0);
  if (!packets) return true;
  const answer = await ask(packets);
  if (answer === "remove") await buffer.forget();
  return answer !== "stay";
}

// After everything of this person was erased, which they have just said.
export const forgetHeartbeats = (owner) => new StrapBuffer(owner).forget().catch(() => {});

function ask(packets) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "leaving-title");
  const title = element("h2", "Some heartbeats wait here.", { id: "leaving-title" });
  const words = element("p", `About ${plural(packets, "second")} of your heart are kept in this browser, and not stored yet. Kept here, they are sent when you sign in here again.`, { className: "soft" });
  const row = element("div", "", { className: "row" });
  const answers = { keep: "Keep them here", remove: "Remove them", stay: "Stay signed in" };
  for (const [value, text] of Object.entries(answers)) {
    const button = element("button", text, { className: "pill", type: "button" });
    button.dataset.testid = `leaving-${value}`;
    button.addEventListener("click", () => dialog.close(value));
    row.append(button);
  }
  dialog.append(title, words, row);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || "stay");
    });
  });
}

function element(name, text, properties) {
  return Object.assign(document.createElement(name), { textContent: text }, properties);
}
