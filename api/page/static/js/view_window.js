// Which part of a talk is in view. Numbers in, numbers out.

const SHORTEST_S = 60;

export function zoomed([from, to], factor, length, around = (from + to) / 2) {
  const span = Math.min(length, Math.max(Math.min(SHORTEST_S, length), (to - from) * factor));
  const share = to > from ? (around - from) / (to - from) : 0.5;
  return within(around - share * span, span, length);
}

export const moved = ([from, to], by, length) => within(from + by, to - from, length);

function within(from, span, length) {
  const start = Math.min(Math.max(0, from), length - span);
  return [start, start + span];
}
