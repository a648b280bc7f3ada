// One heart rate a second, with its holes. Never bridges a gap.

import { clockTimeAfter, duration } from "./clock.js";

const BREAK_S = 2; // a longer silence between two points is a gap even when nobody said null
const TOLD_GAP_S = 5; // shorter gaps are drawn, but not worth words

export class Series {
  t_s = [];
  bpm = [];

  clear() {
    this.t_s = [];
    this.bpm = [];
  }

  add(points) {
    for (const [t, bpm] of points) {
      const last = this.t_s.at(-1);
      if (last !== undefined && t <= last) continue;
      if (last !== undefined && t - last > BREAK_S) this.#push(last + 1, null);
      this.#push(t, bpm);
    }
  }

  #push(t, bpm) {
    this.t_s.push(t);
    this.bpm.push(bpm);
  }

  // The part from `from` seconds on, as [[t], [bpm]].
  since(from) {
    let start = 0;
    while (start < this.t_s.length && this.t_s[start] < from) start += 1;
    return [this.t_s.slice(start), this.bpm.slice(start)];
  }
}

// [[from, to, missing_s]] of every run of missing seconds; from and to are the good seconds beside it.
export function gapsOf([t_s, bpm], least = 3) {
  const gaps = [];
  let from = null;
  t_s.forEach((t, i) => {
    if (bpm[i] === null) from ??= i > 0 ? t_s[i - 1] : t;
    else if (from !== null) {
      if (t - from > least) gaps.push([from, t, t - from - 1]);
      from = null;
    }
  });
  if (from !== null && t_s.at(-1) - from > least) gaps.push([from, t_s.at(-1), t_s.at(-1) - from]);
  return gaps;
}

export function rangeOf(bpm) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of bpm) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low === Infinity ? null : [Math.round(low), Math.round(high)];
}

// "Between 75 and 85 in the last ten minutes. No signal for 27 s at 20:11."
export function summaryOf(data, began) {
  const range = rangeOf(data[1]);
  const heart = range === null ? "No heart rate in the last ten minutes." : `Between ${range[0]} and ${range[1]} in the last ten minutes.`;
  const gap = gapsOf(data, TOLD_GAP_S).at(-1);
  return gap ? `${heart} No signal for ${duration(gap[2])} at ${clockTimeAfter(began, gap[0])}.` : heart;
}

// [{at, low, high, missing_s}] for every minute.
export function minutesOf([t_s, bpm], began) {
  const minutes = new Map();
  t_s.forEach((t, i) => {
    const at = clockTimeAfter(began, t);
    const minute = minutes.get(at) ?? { at, values: [], missing_s: 0 };
    if (bpm[i] === null) minute.missing_s += i + 1 < t_s.length ? Math.min(60, t_s[i + 1] - t) : 1;
    else minute.values.push(bpm[i]);
    minutes.set(at, minute);
  });
  return [...minutes.values()].map(({ at, values, missing_s }) => ({ at, range: rangeOf(values), missing_s }));
}
