// What the three charts have in common: bands, hatching, the water above the line, labels. Draws on uPlot's canvas.

const FONT_PX = 14;
export const LABELS_PX = 78; // what an entry’s charts leave free at the right

let colours = null;
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  colours = null;
});

// The tokens' values, since a canvas knows no custom properties.
export function ink(name) {
  if (colours === null) {
    const style = getComputedStyle(document.documentElement);
    colours = new Map();
    for (const token of ["bg", "ink", "ink2", "ink3", "steady", "rising", "flood", "rest", "border", "line", "steady-fill", "rising-fill", "flood-fill", "rest-fill"]) {
      colours.set(token, style.getPropertyValue(`--${token}`).trim());
    }
  }
  return colours.get(name);
}

const onSchemeChange = (redraw) => window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(redraw));

const ratio = () => window.uPlot.pxRatio;
const y = (u, bpm) => u.valToPos(bpm, "y", true);
export const x = (u, t) => u.valToPos(t, "x", true);

// Runs `paint` with the context saved, in plot coordinates clipped to the plot.
function clipped(u, paint) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint(ctx, bbox);
  ctx.restore();
}

// A solid line at `top` bpm and a soft fill down to `bottom`, from `from` seconds on.
export function band(u, top, bottom, { line, fill, alpha = 0.22, from = null }) {
  clipped(u, (ctx, box) => {
    const left = from === null ? box.left : Math.max(box.left, x(u, from));
    const width = box.left + box.width - left;
    if (width <= 0) return;
    ctx.globalAlpha = alpha;
    ctx.fillStyle = ink(fill);
    ctx.fillRect(left, y(u, top), width, y(u, bottom) - y(u, top));
    ctx.globalAlpha = 1;
    ctx.fillStyle = ink(line);
    ctx.fillRect(left, y(u, top) - ratio(), width, 2 * ratio());
  });
}

export function dotted(u, bpm) {
  clipped(u, (ctx, box) => {
    ctx.strokeStyle = ink("ink2");
    ctx.lineWidth = 1.6 * ratio();
    ctx.lineCap = "round";
    ctx.setLineDash([0.1, 5 * ratio()]);
    ctx.beginPath();
    ctx.moveTo(box.left, y(u, bpm));
    ctx.lineTo(box.left + box.width, y(u, bpm));
    ctx.stroke();
  });
}

export function dashedAt(u, t, colour) {
  clipped(u, (ctx, box) => {
    ctx.strokeStyle = ink(colour);
    ctx.lineWidth = 1.8 * ratio();
    ctx.setLineDash([4 * ratio(), 4 * ratio()]);
    ctx.beginPath();
    ctx.moveTo(x(u, t), box.top);
    ctx.lineTo(x(u, t), box.top + box.height);
    ctx.stroke();
  });
}

// Hatching where there was no signal: nothing under it shows through.
export function hatch(u, from, to) {
  clipped(u, (ctx, box) => {
    const left = x(u, from);
    const width = Math.max(x(u, to) - left, 3 * ratio());
    ctx.beginPath();
    ctx.rect(left, box.top, width, box.height);
    ctx.clip();
    ctx.fillStyle = ink("bg");
    ctx.fillRect(left, box.top, width, box.height);
    ctx.strokeStyle = ink("border");
    ctx.lineWidth = 1.3 * ratio();
    const step = 8 * ratio();
    const start = Math.floor((left - box.height) / step) * step;
    for (let at = start; at < left + width; at += step) {
      ctx.beginPath();
      ctx.moveTo(at, box.top + box.height);
      ctx.lineTo(at + box.height, box.top);
      ctx.stroke();
    }
  });
}

export function column(u, from, to, colour, alpha = 0.12) {
  clipped(u, (ctx, box) => {
    ctx.fillStyle = ink(colour);
    ctx.globalAlpha = alpha;
    ctx.fillRect(x(u, from), box.top, x(u, to) - x(u, from), box.height);
  });
}

// Fills the trace's water above `bpm`, and only that.
export function waterAbove(u, bpm, fill) {
  clipped(u, (ctx, box) => {
    const edge = y(u, bpm);
    ctx.beginPath();
    ctx.rect(box.left, box.top, box.width, Math.max(0, edge - box.top));
    ctx.clip();
    ctx.fillStyle = ink(fill);
    ctx.globalAlpha = 0.45;
    const [times, values] = u.data;
    let begun = null;
    const close = (t) => {
      ctx.lineTo(x(u, t), edge);
      ctx.lineTo(x(u, begun), edge);
      ctx.fill();
      begun = null;
    };
    for (let i = 0; i < times.length; i += 1) {
      if (values[i] === null) {
        if (begun !== null) close(times[i - 1]);
        continue;
      }
      if (begun === null) {
        begun = times[i];
        ctx.beginPath();
        ctx.moveTo(x(u, begun), edge);
      }
      ctx.lineTo(x(u, times[i]), y(u, values[i]));
    }
    if (begun !== null) close(times.at(-1));
  });
}

export function dot(u, t, bpm, colour, hollow = false) {
  const { ctx } = u;
  const at = [x(u, t), y(u, bpm)];
  const disc = (radius, fill, alpha = 1) => {
    ctx.globalAlpha = alpha;
    ctx.fillStyle = ink(fill);
    ctx.beginPath();
    ctx.arc(...at, radius * ratio(), 0, 2 * Math.PI);
    ctx.fill();
  };
  ctx.save();
  if (hollow) {
    disc(6, colour);
    disc(3.6, "bg");
  } else {
    disc(9.5, colour, 0.32);
    disc(6.5, "bg");
    disc(4.6, colour);
  }
  ctx.restore();
}

export function text(u, words, left, top, { colour = "ink2", align = "left", weight = 500, size = FONT_PX, halo = false } = {}) {
  const { ctx } = u;
  ctx.save();
  ctx.font = `${weight} ${size * ratio()}px Figtree, system-ui, sans-serif`;
  ctx.fillStyle = ink(colour);
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  if (halo) {
    ctx.strokeStyle = ink("bg");
    ctx.lineWidth = 4 * ratio();
    ctx.lineJoin = "round";
    ctx.strokeText(words, left, top);
  }
  ctx.fillText(words, left, top);
  ctx.restore();
}

// Values named at the right of the plot, kept apart when they are close. labels: [{bpm, words, colour, weight, size}]
export function valueLabels(u, labels) {
  const least = 17 * ratio();
  const placed = labels.filter((label) => label.bpm !== null).map((label) => ({ ...label, top: y(u, label.bpm) }));
  placed.sort((a, b) => a.top - b.top);
  for (let i = 1; i < placed.length; i += 1) placed[i].top = Math.max(placed[i].top, placed[i - 1].top + least * placed[i - 1].words.split("\n").length);
  for (const label of placed) {
    label.words.split("\n").forEach((words, i) => text(u, words, u.bbox.left + u.bbox.width + 14 * ratio(), label.top + i * least, label));
  }
}

export const below = (u, px = 14) => u.bbox.top + u.bbox.height + px * ratio();
export const within = (u, at, half) => Math.min(Math.max(at, u.bbox.left + half * ratio()), u.bbox.left + u.bbox.width - half * ratio());
export const px = (n) => n * ratio();

// 60 to 120, extended by whole tens when the heart leaves it.
export function heartScale(range, kept = [60, 120]) {
  if (range === null) return kept;
  return [Math.min(kept[0], Math.floor((range[0] - 2) / 10) * 10), Math.max(kept[1], Math.ceil((range[1] + 2) / 10) * 10)];
}

// A uPlot without axes, legend or cursor, which follows the size of its place.
export function plot(place, padding, draw) {
  const size = () => ({ width: Math.max(120, place.clientWidth), height: Math.max(60, place.clientHeight) });
  const chart = new window.uPlot(
    {
      ...size(),
      padding,
      legend: { show: false },
      cursor: { show: false },
      select: { show: false },
      scales: { x: { time: false, auto: false, min: 0, max: 600 }, y: { auto: false, min: 60, max: 120 } },
      axes: [{ show: false }, { show: false }],
      series: [{}, { stroke: () => ink("ink"), width: 2.4, points: { show: false }, spanGaps: false }],
      hooks: { drawClear: [draw.under], draw: [draw.over] },
    },
    [[], []],
    place,
  );
  new ResizeObserver(() => {
    if (place.clientWidth > 0) chart.setSize(size());
  }).observe(place);
  onSchemeChange(() => chart.redraw(false));
  document.fonts.ready.then(() => chart.redraw(false));
  return chart;
}
