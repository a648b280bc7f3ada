// What a view is called: one word, one icon, one tone, one shape.

import { clockTime } from "./clock.js";

const STATES = {
  calm: { word: "Steady", icon: "steady", tone: "steady", kind: "pool" },
  rising: { word: "Rising", icon: "rising", tone: "rising", kind: "pool" },
  flooded: { word: "Flooding", icon: "flooding", tone: "flood", kind: "pool" },
  recovering: { word: "Coming down", icon: "falling", tone: "rest", kind: "pool" },
  recovered: { word: "Near your usual", icon: "near", tone: "steady", kind: "pool" },
};
const FINDING = { word: "Finding your usual", icon: "finding", tone: "finding", kind: "finding" };
const QUIET = { word: "Quiet minutes", icon: "finding", tone: "finding", kind: "finding" };
const LOST = { word: "No signal", icon: "no-signal", tone: "tech", kind: "lost" };
const NO_STRAP = { word: "No strap", icon: "strap", tone: "tech", kind: "lost" };
const COVERED = { word: "Covered", icon: "cover", tone: "tech", kind: "covered" };
const PAUSE = { word: "Pause", icon: "pause", tone: "rest", kind: "pause" };

const SIGNALS = {
  ok: { icon: "strap", short: "good signal" },
  weak: { icon: "weak", short: "Weak signal", told: "Weak signal. Wetting the two pads helps." },
  off_body: { icon: "off-body", short: "Strap is off", told: "Your strap is off. The talk goes on." },
  frozen: { icon: "frozen", short: "Same number a while", told: "Same number a while. The talk goes on." },
  disconnected: { icon: "disconnected", short: "Out of reach", told: "Your strap is out of reach. The talk goes on." },
};

const GREY_AFTER_S = 10;
const LOW_BATTERY_PERCENT = 10;

// No number to stand by: too old, or gone for longer than a moment.
export function isLost(heart) {
  if (heart.stale) return true;
  return heart.bpm === null && (heart.no_signal_s >= GREY_AFTER_S || !["ok", "weak"].includes(heart.signal));
}

export function stateOf(view, covered) {
  if (view.pause) return !covered && view.pause.near_usual_done && view.pause.can_return ? STATES.recovered : PAUSE;
  if (covered) return COVERED;
  if (view.phase === "baseline") return view.strap ? FINDING : QUIET;
  if (!view.strap) return NO_STRAP;
  return isLost(view.heart) ? LOST : STATES[view.heart.state];
}

export function signalNote(view) {
  if (!view.strap) return { icon: "strap", text: "No strap in this talk. Pausing works all the same." };
  const { signal, bpm } = view.heart;
  const known = SIGNALS[signal] ?? SIGNALS.disconnected;
  if (view.heart.stale && signal === "ok") return { icon: "disconnected", text: "No news from your strap. The talk goes on." };
  if (signal === "disconnected") return { icon: known.icon, text: reachOf(view.heart) };
  if (known.told) return { icon: known.icon, text: known.told };
  const battery = view.heart.battery_percent;
  if (battery !== null && battery <= LOW_BATTERY_PERCENT) {
    return { icon: known.icon, text: `Your strap’s battery is at ${battery} %. A fresh one soon is a good idea.` };
  }
  if (view.phase !== "baseline") return { icon: known.icon, text: `${view.strap}: ${known.short}` };
  return { icon: known.icon, text: `Your signal is good.${bpm === null ? "" : ` ${Math.round(bpm)} just now.`}` };
}

// Why nothing is heard, and what helps.
function reachOf({ link, obstacle }) {
  if (obstacle) return `${obstacle[0].toUpperCase()}${obstacle.slice(1)}. The talk goes on.`;
  if (link === "searching") return "Looking for your strap. It wakes on skin.";
  if (link === "connecting") return "Your strap is near. Connecting.";
  if (link === "connected") return "Your strap is connected. Waiting for its heartbeats.";
  if (link === "unheard") return "Your strap isn’t heard. Wet the pads, and close other apps or watches that may hold it. The talk goes on.";
  if (link === "held") return "Your strap is near, but another app or watch seems to hold it. Close that one. The talk goes on.";
  if (link === "slept") return "This computer slept. Connecting to your strap again.";
  return SIGNALS.disconnected.told;
}

// "6 above your usual."
export function sentenceOf(view) {
  if (view.phase === "baseline") {
    const seated = view.heart.signal === "ok" && !view.heart.has_motion;
    return `Sit back. No topic yet. Breathe as you do.${seated ? " Stay seated later, too: this strap doesn’t tell motion." : ""}`;
  }
  if (!view.strap || isLost(view.heart)) return signalNote(view).text;
  if (view.heart.bpm === null) return "";
  if (view.baseline.bpm === null) return "There is no usual to compare with in this talk.";
  const above = Math.round(view.heart.bpm) - Math.round(view.baseline.bpm);
  const both = view.for_two ? " You’re both here." : "";
  if (above === 0) return `At your usual.${both}`;
  return `${above > 0 ? `${above} above` : `${-above} below`} your usual.${both}`;
}

export function detailOf(view) {
  if (view.phase === "baseline") return "";
  if (view.baseline.provisional && view.baseline.bpm !== null) return "Your usual comes from fewer than five quiet minutes.";
  return "";
}

export function aboveWords(view) {
  const line = view.line.kind === "personal" ? `your line, ${view.line.bpm}` : String(view.line.bpm);
  const seconds = view.heart.above_line_s;
  if (!seconds) return `the line is ${line}`;
  return `above ${line} for ${seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`}`;
}

// How much of the quiet minutes is there: good seconds with a strap, time without one.
export function quietShare({ strap, baseline }) {
  const { seconds, seconds_needed, seconds_left } = baseline;
  const there = strap ? seconds : seconds_needed - seconds_left;
  return Math.min(1, there / Math.max(1, seconds_needed));
}

// The promised time has come, but the body isn’t there yet.
export const isOverdue = (pause) => !pause.can_return && pause.minutes_left < 1;

export function overdueWords({ pause, strap, heart }, covered) {
  const come = `${clockTime(pause.return_at)} has come.`;
  if (covered || strap === null) return come;
  return isLost(heart) ? `${come} No signal just now.` : `${come} Your heart is still on its way.`;
}

// What decided the state, where that says more than the state's own word.
export function whyOf({ strap, heart }) {
  const told = strap && !isLost(heart) && heart.signal === "ok" && ["flooded", "recovering", "recovered"].includes(heart.state);
  return told ? `Decided by: ${heart.why}.` : "";
}

export function noticeWords({ state, since, snoozed_until }) {
  const gone = `No signal since ${clockTime(since)}.`;
  return state === "snoozed" ? `${gone} You hear of it again at ${clockTime(snoozed_until)}.` : gone;
}

// Why a flood that goes on isn't told now, where the person didn't ask for that.
export function heldWords({ held }) {
  if (held === null) return "";
  if (held.until === null) return "It was told once. The same flood isn’t told again.";
  return `It was told a while ago. Not again before ${clockTime(held.until)}.`;
}

export function failingWords({ failing_channels }) {
  return `${failing_channels.join(", ")} can’t be reached just now. The page tells you all the same.`;
}
