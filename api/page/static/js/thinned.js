// A long trace with as many points as can be seen: of each column of pixels the first, lowest, highest and last second.
// Nothing is averaged: every point drawn is a second that was measured, every peak stays, and no gap is bridged.

const PER_COLUMN = 5; // four points, and where a gap begins

// Columns of a chart's plot.
export const columnsOf = (chart) => Math.max(1, Math.round(chart.bbox.width));

// data: [t_s, values], t_s rising. The points from `from` to `to` with one beside each end, so that lines leave the picture.
export function thinned([t_s, values], [from, to], columns) {
  const first = Math.max(0, indexOf(t_s, from) - 1);
  const end = Math.min(t_s.length, indexOf(t_s, to) + 2);
  if (end - first <= PER_COLUMN * columns) return [t_s.slice(first, end), values.slice(first, end)];
  const kept = [[], []];
  const width = (to - from) / columns;
  const keep = (i) => {
    kept[0].push(t_s[i]);
    kept[1].push(values[i]);
  };
  for (let start = first; start < end; ) {
    const ends_s = from + width * (Math.floor((t_s[start] - from) / width) + 1);
    let last = start;
    while (last + 1 < end && t_s[last + 1] < ends_s) last += 1;
    for (const i of telling(values, start, last)) keep(i);
    start = last + 1;
  }
  return kept;
}

// The seconds of start..last that a column cannot do without, in order.
function telling(values, start, last) {
  let [low, high, gap] = [null, null, null];
  for (let i = start; i <= last; i += 1) {
    if (values[i] === null) gap ??= i;
    else {
      if (low === null || values[i] < values[low]) low = i;
      if (high === null || values[i] > values[high]) high = i;
    }
  }
  return [...new Set([start, low, high, gap, last])].filter((i) => i !== null).sort((a, b) => a - b);
}

// The first place whose time is not before `wanted`.
export function indexOf(t_s, wanted) {
  let [low, high] = [0, t_s.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (t_s[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
