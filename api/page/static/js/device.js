// What this device does when a pause is suggested: a soft sound, vibration, the tab's title, a notification.
// Each can be turned off, and is remembered on this device only.

const REMEMBERED = "alert-";
const USUALLY = { sound: true, vibration: true, title: true, notification: false };
const TITLE_MS = 2000;

export const wants = (way) => (localStorage.getItem(REMEMBERED + way) ?? (USUALLY[way] ? "on" : "off")) === "on";
export const want = (way, on) => localStorage.setItem(REMEMBERED + way, on ? "on" : "off");

export const can = {
  sound: () => "AudioContext" in window,
  vibration: () => "vibrate" in navigator,
  title: () => true,
  notification: () => "Notification" in window && Notification.permission !== "denied",
};

let audio = null;

// A browser lets sound out only after a tap or a key: this is to be called from one.
export async function unlockSound() {
  if (!can.sound()) return false;
  audio ??= new AudioContext();
  await audio.resume().catch(() => {});
  return audio.state === "running";
}

// Two low notes that swell and fade: a lamp, not a siren.
function play() {
  if (audio?.state !== "running") return false;
  for (const [frequency, after] of [[392, 0], [294, 0.55]]) {
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    const at = audio.currentTime + after;
    volume.gain.linearRampToValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.18, at + 0.12);
    volume.gain.linearRampToValueAtTime(0, at + 1.1);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 1.2);
  }
  return true;
}

function notify({ title, body }, tag) {
  try {
    return new Notification(title, { body, tag, silent: true, icon: "/static/mark.svg" });
  } catch {
    return null; // phones show notifications only through a service worker
  }
}

// Rings once. Returns the ways by which it went out.
export function ring(words, { always = false } = {}) {
  const gone = [];
  if (wants("sound") && play()) gone.push("sound");
  // Before the first tap a browser refuses, and says so in its log.
  const tapped = navigator.userActivation?.hasBeenActive ?? true;
  if (wants("vibration") && tapped && can.vibration() && navigator.vibrate([180, 120, 180])) gone.push("vibration");
  const mayNotify = wants("notification") && can.notification() && Notification.permission === "granted";
  const note = mayNotify && (always || document.hidden) ? notify(words, "suggestion") : null;
  if (note) gone.push("notification");
  return { gone, close: () => note?.close() };
}

// The tab's title says it, slowly in turn with its own, until it is stopped.
export function callByTitle(words) {
  if (!wants("title")) return () => {};
  const own = document.title;
  let told = false;
  const turn = () => {
    told = !told;
    document.title = told ? words.title : own;
  };
  turn();
  const timer = setInterval(turn, TITLE_MS);
  return () => {
    clearInterval(timer);
    document.title = own;
  };
}
