// Which screen a view asks for, and putting it up: what belongs to it is shown, what moves with it is moved, the focus is kept.

const byId = (id) => document.getElementById(id);
const root = byId("main");

export function screenOf({ phase, pause, suggestion, shared }) {
  if (phase === "ended") return "ended";
  if (pause) return pause.can_return || pause.is_back ? "ready" : "pause";
  if (phase === "baseline") return "baseline";
  if (suggestion) return "suggestion";
  return shared ? "shared" : "talking";
}

export const move = (element, host) => element.parentNode !== host && host.append(element);

// Returns whether it is another one than before.
export function showScreen(screen) {
  if (root.dataset.screen === screen) return false;
  root.dataset.screen = screen;
  for (const element of document.querySelectorAll("[data-on]")) {
    element.hidden = !element.dataset.on.split(" ").includes(screen);
  }
  const inPause = screen === "pause" || screen === "ready";
  move(byId("state"), byId(inPause ? "state-in-pause" : screen === "suggestion" ? "state-in-sheet" : "state-in-pool"));
  move(byId("end-talk"), byId(inPause ? "stop-host" : "end-in-bar"));
  byId("end-talk").querySelector("svg").toggleAttribute("hidden", inPause);
  byId("end-talk").querySelector("span").textContent = inPause ? "Stop the talk" : "Leave";
  byId("reasons").hidden = true;
  byId("dismiss").setAttribute("aria-expanded", "false");
  window.scrollTo(0, 0);
  return true;
}

const HEADING = { suggestion: "ask", shared: "shared-ask", pause: "pause-title", ready: "pause-title", ended: "ended-title" };

// A focused button may be gone with its screen, or have moved; the focus is never left in the void.
export function keepFocus(held, screen, covered) {
  if (held === null || held === document.body || !root.contains(held)) return;
  if (held.getClientRects().length === 0) {
    const name = screen === "suggestion" && covered ? "covered-ask" : (HEADING[screen] ?? "bar-title");
    byId(name).focus({ preventScroll: true });
  } else if (document.activeElement !== held) held.focus({ preventScroll: true });
}
