// The live talk: takes each view from the server and shows the one screen it asks for.

import { Alerting, testAlert } from "./alerting.js";
import { Announcer } from "./announcer.js";
import { post, press } from "./api.js";
import { stayAwake } from "./awake.js";
import { clockTime, plural } from "./clock.js";
import { LiveChart } from "./live_chart.js";
import { follow } from "./live.js";
import { ownCurve } from "./own_curve.js";
import { PauseScreen } from "./pause.js";
import { Pool } from "./pool.js";
import { minutesOf, Series, summaryOf } from "./series.js";
import { pauseKey } from "./shortcut.js";
import { set, useIcon } from "./svg.js";
import { fillMinutes, toggled } from "./table.js";
import { aboveWords, detailOf, failingWords, heldWords, isLost, noticeWords, quietShare, sentenceOf, signalNote, stateOf, whyOf } from "./words.js";

const COVER = "covered";
const WINDOW_S = 600;
const DOT = { steady: "steady", rising: "rising", flood: "flood", rest: "rest" };
const byId = (id) => document.getElementById(id);

const root = byId("main");
const problem = byId("problem");
const address = `/api/talks/${encodeURIComponent(root.dataset.talkId)}`;
const series = new Series();
const pool = new Pool(byId("pool"));
const pauseScreen = new PauseScreen();
const announcer = new Announcer(byId("announcer"));
const alertWords = { title: root.dataset.alertTitle, body: root.dataset.alertBody };
const alerting = new Alerting(alertWords);
let chart = null;
let view = null;
const curve = ownCurve(root.dataset.wearerId, byId("curve"), () => view && show());
let covered = sessionStorage.getItem(COVER) === "yes";

function screenOf({ phase, pause, suggestion, shared }) {
  if (phase === "ended") return "ended";
  if (pause) return pause.can_return || pause.is_back ? "ready" : "pause";
  if (phase === "baseline") return "baseline";
  if (suggestion) return "suggestion";
  return shared ? "shared" : "talking";
}

function showScreen(screen) {
  if (root.dataset.screen === screen) return;
  root.dataset.screen = screen;
  for (const element of document.querySelectorAll("[data-on]")) {
    element.hidden = !element.dataset.on.split(" ").includes(screen);
  }
  const inPause = screen === "pause" || screen === "ready";
  if (!inPause) pauseScreen.hide();
  move(byId("state"), byId(inPause ? "state-in-pause" : screen === "suggestion" ? "state-in-sheet" : "state-in-pool"));
  move(byId("end-talk"), byId(inPause ? "stop-host" : "end-in-bar"));
  byId("end-talk").querySelector("svg").toggleAttribute("hidden", inPause);
  byId("end-talk").querySelector("span").textContent = inPause ? "Stop the talk" : "Leave";
  byId("reasons").hidden = true;
  byId("dismiss").setAttribute("aria-expanded", "false");
  problem.hidden = true;
  window.scrollTo(0, 0);
}

const move = (element, host) => element.parentNode !== host && host.append(element);

const HEADING = { suggestion: "ask", shared: "shared-ask", pause: "pause-title", ready: "pause-title", ended: "ended-title" };

// A focused button may be gone with its screen, or have moved; the focus is never left in the void.
function keepFocus(held, screen) {
  if (held === null || held === document.body || !root.contains(held)) return;
  if (held.getClientRects().length === 0) {
    const name = screen === "suggestion" && covered ? "covered-ask" : (HEADING[screen] ?? "bar-title");
    byId(name).focus({ preventScroll: true });
  } else if (document.activeElement !== held) held.focus({ preventScroll: true });
}

function show() {
  const held = document.activeElement;
  const screen = screenOf(view);
  const state = stateOf(view, covered);
  showScreen(screen);
  showBar(screen);
  showState(state);
  announcer.hear(view, state, covered);
  alerting.hear(view);
  stayAwake(screen !== "ended");
  if (screen === "ended") showEnded();
  else if (view.pause) pauseScreen.show(view, series, covered);
  else if (screen === "shared") showShared();
  else showLive(screen, state);
  keepFocus(held, screen);
}

function showBar(screen) {
  const minutes = Math.floor(view.t_s / 60);
  const titles = { baseline: "Before the talk", talking: `Talk · ${minutes} min`, suggestion: `Talk · ${minutes} min`, shared: `Talk · ${minutes} min` };
  byId("bar-title").textContent = titles[screen] ?? "";
  byId("bar-title").hidden = !titles[screen];
  const cover = byId("cover");
  cover.hidden = screen === "ended" || screen === "shared" || (view.pause !== null && !covered);
  cover.setAttribute("aria-pressed", String(covered));
  cover.querySelector("span").textContent = covered ? "Uncover" : "Cover";
  root.toggleAttribute("data-covered", covered);
  byId("end-talk").hidden = screen === "ended";
  byId("end-for-two").hidden = !view.for_two;
  const speed = byId("simulated-speed");
  if (speed) speed.textContent = view.speed && view.speed !== 1 ? ` · ${view.speed}× speed` : "";
}

function showState({ word, icon, tone }) {
  const element = byId("state");
  element.dataset.tone = tone;
  element.querySelector("span").textContent = word;
  useIcon(element, icon);
}

function showLive(screen, state) {
  showPool(state);
  showWords(screen);
  if (screen === "suggestion") showSuggestion();
  if (screen !== "baseline") showChart(state);
  byId("chart-box").hidden = screen === "baseline" || covered || view.strap === null || !curve.shown();
}

function showPool(state) {
  const { heart, baseline, line } = view;
  const known = heart.bpm !== null && !isLost(heart);
  pool.show({
    kind: state.kind,
    tone: state.tone,
    bpm: known ? heart.bpm : null,
    usual: baseline.bpm,
    line: line.bpm,
    progress: quietShare(view),
    trail: heart.state === "recovering",
  });
  const finding = state.kind === "finding";
  const hidden = state.kind === "covered";
  const minutes = Math.max(1, Math.ceil(baseline.seconds_left / 60));
  const number = byId("heart-number");
  number.hidden = finding || hidden;
  number.textContent = known && !hidden ? Math.round(heart.bpm) : "–";
  number.classList.toggle("dash", !known);
  byId("pool").dataset.digits = known ? String(Math.round(heart.bpm)).length : 1;
  byId("minutes-number").hidden = !finding;
  byId("minutes-number").textContent = minutes;
  byId("pool-unit").hidden = hidden || state.kind === "lost";
  byId("pool-unit").textContent = finding ? `quiet ${minutes === 1 ? "minute" : "minutes"} left` : "beats a minute";
  byId("pool-cover").toggleAttribute("hidden", !hidden);
  showProgress(finding ? `${minutes} ${byId("pool-unit").textContent}` : null);
}

// While the ring fills, it is a progress bar; afterwards it is a picture of the number it surrounds.
function showProgress(words) {
  const ring = byId("pool");
  const told = {
    role: "progressbar",
    "aria-label": "Quiet minutes",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
    "aria-valuenow": Math.round(100 * quietShare(view)),
    "aria-valuetext": words,
  };
  if (words !== null) set(ring, told);
  else for (const name of Object.keys(told)) ring.removeAttribute(name);
}

function showWords(screen) {
  byId("sentence").textContent = covered ? (screen === "baseline" ? sentenceOf(view) : "Same ring in every state. Pause still works.") : sentenceOf(view);
  byId("detail").textContent = covered ? "" : detailOf(view);
  const note = signalNote(view);
  const element = byId("signal-note");
  element.hidden = covered || (screen === "talking" && (isLost(view.heart) || !view.strap));
  element.classList.toggle("good", view.heart.signal === "ok");
  element.parentNode.classList.toggle("has-entry", view.entry !== null);
  element.querySelector("span").textContent = note.text;
  useIcon(element, note.icon);
  byId("entry-note").hidden = view.entry === null;
  if (view.entry) byId("entry-link").href = view.entry.url;
  move(byId("entry-link"), byId("entry-note"));
  showAsked(screen);
  byId("call-pause").classList.toggle("main", screen !== "baseline");
  byId("quietly").hidden = screen !== "talking" || !view.may_raise;
  move(byId("curve"), byId(curve.shown() ? "curve-in-chart" : "curve-note"));
  byId("curve-note").hidden = screen !== "talking" || covered || view.strap === null;
}

// The one sentence that reaches both: the same for both, whoever or whatever asked for it.
function showShared() {
  const { minutes, return_at, expires } = view.shared;
  byId("shared-minutes").textContent = minutes;
  byId("shared-time").textContent = clockTime(return_at);
  byId("shared-time").setAttribute("datetime", return_at);
  byId("shared-until").textContent = clockTime(return_at);
  byId("shared-waits").textContent = `It waits until ${clockTime(expires)}.`;
}

// What the person asked of the suggestion, with the way to take it back.
function showAsked(screen) {
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
  showNotice(asked);
  byId("failing").hidden = covered || view.failing_channels.length === 0;
  byId("failing").querySelector("span").textContent = failingWords(view);
  byId("why").hidden = !asked || whyOf(view) === "";
  byId("why").textContent = whyOf(view);
}

function showNotice(asked) {
  const { notice } = view;
  byId("notice").hidden = !asked || notice === null;
  if (notice === null) return;
  byId("notice-words").textContent = noticeWords(notice);
  byId("notice-seen").hidden = notice.state !== "open";
  byId("notice-snooze").hidden = notice.state === "snoozed";
  byId("notice-wake").hidden = notice.state !== "snoozed";
}

function showChart({ tone }) {
  if (covered || view.strap === null || !curve.shown()) return;
  byId("chart-box").hidden = false;
  // On a phone the suggestion takes its place: an alarm must not wait for a drawing that nobody sees.
  if (byId("chart-box").getClientRects().length === 0) return;
  const data = series.since(view.t_s - WINDOW_S);
  chart ??= new LiveChart(byId("live-chart"));
  chart.show({ data, t_s: view.t_s, began: view.began, line: view.line, usual: view.baseline.bpm, colour: DOT[tone] ?? "ink3" });
  byId("chart-summary").textContent = summaryOf(data, view.began);
  if (!byId("live-table").hidden) fillMinutes(byId("live-table"), minutesOf(data, view.began));
}

function showSuggestion() {
  const { suggestion } = view;
  byId("sheet-open").hidden = covered;
  byId("sheet-covered").hidden = !covered;
  byId("above").textContent = aboveWords(view);
  byId("ask-minutes").textContent = suggestion.minutes;
  byId("ask-time").textContent = clockTime(suggestion.return_at);
  byId("ask-time").setAttribute("datetime", suggestion.return_at);
  byId("both-see").hidden = view.shared === null;
  byId("waits").textContent = `${suggestion.acknowledged ? "Seen. " : ""}Waits for your answer until ${clockTime(suggestion.expires)}.`;
  byId("mute-sheet").hidden = view.muted_until !== null;
}

function showEnded() {
  stopFollowing();
  const { entry } = view;
  byId("ended-words").textContent = entry
    ? `After ${plural(Math.floor(view.t_s / 60), "minute")}. The entry is already there, with what your heart did.`
    : "No flood and no pause, so there is no entry to write.";
  if (!entry) return;
  const link = byId("entry-link");
  link.className = "pill main";
  link.href = entry.url;
  link.querySelector("span").textContent = "Open the entry";
  move(link, byId("entry-in-ended"));
}

// The stream and an answer travel by different roads: an older state that arrives late must not undo a newer one. A new
// connection tells what is: a server that was cut off counts on from what it had stored.
function take(next, fresh = false) {
  if (fresh) series.clear();
  series.add(next.points ?? []);
  if (view && !fresh && next.version < view.version) return;
  view = next;
  show();
}

const act = (path, body) => async () => {
  const next = await post(`${address}/${path}`, body);
  if (next) take(next);
};
const onPress = (id, action) => byId(id).addEventListener("click", () => press(byId(id), problem, action));
const suggested = () => ({ suggestion_id: view.suggestion.id });
const callPause = act("pause");

onPress("begin-topic", act("topic"));
onPress("call-pause", callPause);
onPress("covered-pause", callPause);
onPress("shared-pause", callPause);
onPress("put-away", act("shared/put-away"));
onPress("raise-quietly", act("shared/raise"));
onPress("accept", () => act("suggestion/accept", suggested())());
onPress("snooze", () => act("suggestion/snooze", suggested())());
onPress("unsnooze", act("suggestion/unsnooze"));
onPress("unsilence", act("unsilence"));
onPress("mute", act("mute"));
onPress("mute-sheet", act("mute"));
onPress("unmute", act("unmute"));
for (const taken of ["seen", "snooze", "wake"]) {
  const step = taken === "seen" ? "acknowledge" : taken;
  onPress(`notice-${taken}`, () => act(`notice/${step}`, { notice_id: view.notice.id })());
}
byId("test-alert").addEventListener("click", async () => {
  byId("tested").textContent = await testAlert(alertWords);
});

// Somebody is looking at the suggestion: it is quiet from now on, here and elsewhere, and still waits.
async function seen() {
  if (covered || !view?.suggestion || view.suggestion.acknowledged) return;
  const id = view.suggestion.id;
  view = { ...view, suggestion: { ...view.suggestion, acknowledged: true } };
  await act("suggestion/acknowledge", { suggestion_id: id })().catch(() => {});
}
// The same for the sentence that both see. It stands on the sheet of a suggestion, too, and is seen with it.
async function seenShared() {
  if ((covered && view?.suggestion) || !view?.shared || view.shared.acknowledged) return;
  view = { ...view, shared: { ...view.shared, acknowledged: true } };
  await act("shared/acknowledge")().catch(() => {});
}
// A press on a button is an answer of its own; everything else that touches the sheet says only that it was seen.
byId("sheet").addEventListener("pointerdown", (event) => event.target.closest("button") ?? seen());
byId("sheet").addEventListener("focusin", (event) => event.target.matches("button:focus-visible") && seen());
for (const id of ["sheet", "shared"]) {
  byId(id).addEventListener("pointerdown", seenShared);
  byId(id).addEventListener("focusin", (event) => event.target.matches("button:focus-visible") && seenShared());
}
toggled(byId("dismiss"), byId("reasons"), () => {
  seen();
  byId("reasons").querySelector("button").focus({ preventScroll: true });
});
for (const button of document.querySelectorAll("[data-reason]")) {
  const { reason } = button.dataset;
  button.addEventListener("click", () => press(button, problem, () => act("suggestion/dismiss", { ...suggested(), reason })()));
}
for (const button of document.querySelectorAll("[data-extend]")) {
  const minutes = Number(button.dataset.extend);
  button.addEventListener("click", () =>
    press(button, problem, async () => {
      await act("pause/extend", { minutes })();
      pauseScreen.hide();
      show();
    }),
  );
}
byId("ready").addEventListener("click", () => {
  if (byId("ready").getAttribute("aria-disabled") !== "true") press(byId("ready"), problem, act("pause/return"));
});

const dialog = byId("end-dialog");
byId("end-talk").addEventListener("click", () => dialog.showModal());
byId("keep-talking").addEventListener("click", () => dialog.close());
onPress("confirm-end", async () => {
  await act("end")();
  dialog.close();
  byId("ended-title").focus();
});

function setCovered(wanted) {
  covered = wanted;
  sessionStorage.setItem(COVER, covered ? "yes" : "no");
  if (view) show();
}
byId("cover").addEventListener("click", () => setCovered(!covered));
byId("open-sheet").addEventListener("click", () => {
  setCovered(false);
  seen();
  seenShared();
});

pauseKey({ hint: byId("key-hint"), toggle: byId("key-off") }, () => {
  if (view && ["baseline", "talking", "suggestion", "shared"].includes(screenOf(view))) press(byId("call-pause"), problem, callPause);
});
toggled(byId("live-as-table"), byId("live-table"), () => view && fillMinutes(byId("live-table"), minutesOf(series.since(view.t_s - WINDOW_S), view.began)));
document.addEventListener("visibilitychange", () => view && stayAwake(screenOf(view) !== "ended"));

const stopFollowing = follow(address, {
  view: take,
  lost: (isNow) => {
    byId("lost").hidden = !isNow;
  },
  gone: (status) => window.location.replace(status === 401 ? "/welcome" : "/talk"),
  old: () => {
    if (!view || view.phase === "ended" || view.heart.stale) return;
    view = { ...view, heart: { ...view.heart, stale: true, bpm: null } };
    show();
  },
});
