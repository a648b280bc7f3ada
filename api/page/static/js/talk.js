// The live talk: takes each view from the server and shows the one screen it asks for.

import { Alerting, testAlert } from "./alerting.js";
import { Announcer } from "./announcer.js";
import { post, press } from "./api.js";
import { stayAwake } from "./awake.js";
import { plural } from "./clock.js";
import { LiveChart } from "./live_chart.js";
import { follow } from "./live.js";
import { ownCurve } from "./own_curve.js";
import { OwnStrap } from "./own_strap.js";
import { PauseScreen } from "./pause.js";
import { Pool } from "./pool.js";
import { minutesOf, Series, summaryOf } from "./series.js";
import { pauseKey } from "./shortcut.js";
import { useIcon } from "./svg.js";
import { fillMinutes, toggled } from "./table.js";
import { showAsked } from "./talk_asked.js";
import { showPool } from "./talk_pool.js";
import { keepFocus, move, screenOf, showScreen } from "./talk_screens.js";
import { showShared, showSuggestion } from "./talk_sheets.js";
import { detailOf, isLost, sentenceOf, signalNote, stateOf } from "./words.js";

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
const ownStrap = new OwnStrap(root.dataset.wearerId, root.dataset.talkId);
let covered = sessionStorage.getItem(COVER) === "yes";
let away = false; // the private help is read in this page's place

function show() {
  if (away) return;
  const held = document.activeElement;
  const screen = screenOf(view);
  const state = stateOf(view, covered);
  if (showScreen(screen)) {
    if (screen !== "pause" && screen !== "ready") pauseScreen.hide();
    problem.hidden = true;
  }
  showBar(screen);
  showState(state);
  announcer.hear(view, state, covered);
  alerting.hear(view);
  ownStrap.show(view, covered);
  stayAwake(screen !== "ended");
  if (screen === "ended") showEnded();
  else if (view.pause) pauseScreen.show(view, series, covered);
  else if (screen === "shared") showShared(view);
  else showLive(screen, state);
  keepFocus(held, screen, covered);
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
  showPool(pool, view, state);
  showWords(screen);
  if (screen === "suggestion") showSuggestion(view, covered);
  if (screen !== "baseline") showChart(state);
  byId("chart-box").hidden = screen === "baseline" || covered || view.strap === null || !curve.shown();
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
  showAsked(view, screen, covered);
  byId("call-pause").classList.toggle("main", screen !== "baseline");
  byId("quietly").hidden = screen !== "talking" || !view.may_raise;
  move(byId("curve"), byId(curve.shown() ? "curve-in-chart" : "curve-note"));
  byId("curve-note").hidden = screen !== "talking" || covered || view.strap === null;
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
  if (view && next.version !== view.version) byId("tested")?.replaceChildren();
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
  button.addEventListener("click", () => {
    const promised = button.dataset.backAt; // as it stood when it was pressed
    press(button, problem, async () => {
      await act("pause/extend", { minutes, back_at: promised })();
      pauseScreen.hide();
      show();
    });
  });
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
  if (!away && view && ["baseline", "talking", "suggestion", "shared"].includes(screenOf(view))) press(byId("call-pause"), problem, callPause);
});
toggled(byId("live-as-table"), byId("live-table"), () => view && fillMinutes(byId("live-table"), minutesOf(series.since(view.t_s - WINDOW_S), view.began)));
document.addEventListener("visibilitychange", () => view && !away && stayAwake(screenOf(view) !== "ended"));

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

// The talk itself goes on, and is there again on the way back.
document.addEventListener("private", () => {
  away = true;
  stopFollowing();
  alerting.quiet();
  pauseScreen.hide();
  stayAwake(false);
});
