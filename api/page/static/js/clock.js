// Clock times as the server said them. No zone is converted and the browser's own clock is never asked.

export const DAY_S = 24 * 3600;

// A talk can cross a change of the clocks: at which of its seconds they jump, and by how many seconds.
let jump = null;
export const clocksChange = (told) => {
  jump = told ?? null;
};
const jumped = (seconds) => (jump && seconds >= jump[0] ? jump[1] : 0);

// "2026-03-12T20:45:00+01:00" -> "20:45"
export const clockTime = (iso) => iso.slice(11, 16);

// The clock time `seconds` after an ISO time.
export function clockTimeAfter(iso, seconds) {
  const total = secondsBetween(0, secondsOfDay(iso) + Math.floor(seconds) + jumped(seconds));
  const two = (n) => String(n).padStart(2, "0");
  return `${two(Math.floor(total / 3600))}:${two(Math.floor((total % 3600) / 60))}`;
}

// The second of a talk at which its clock showed this second of the day; of two such the first.
export function secondShowing(iso, second_of_day) {
  const after_s = secondsBetween(secondsOfDay(iso), second_of_day);
  if (jump === null || after_s < jump[0]) return after_s;
  return (after_s - jump[1] + DAY_S) % DAY_S;
}

// Seconds since midnight, to place round clock times on an axis.
export const secondsOfDay = (iso) => {
  const [hours, minutes, secs] = [iso.slice(11, 13), iso.slice(14, 16), iso.slice(17, 19)].map(Number);
  return hours * 3600 + minutes * 60 + secs;
};

// Seconds from one clock time to the next such time. Both carry the same offset, so no zone is needed.
export const secondsBetween = (from_s, to_s) => (((to_s - from_s) % DAY_S) + DAY_S) % DAY_S;

export const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

// 27 -> "27 s", 117 -> "1 min 57 s", 120 -> "2 min"
export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest ? ` ${rest} s` : ""}`;
}

const SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

export const minutesInWords = (n) => `${SMALL[n] ?? n} ${n === 1 ? "minute" : "minutes"}`;
