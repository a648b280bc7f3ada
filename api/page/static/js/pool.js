// The pool: radius linear in heart rate, so the shape carries the state without colour.

import { set, svg } from "./svg.js";

const CENTRE = 180; // the drawing is 360 units wide
const ROOM = 172; // the furthest an echo may reach
const ZERO_BPM = 6; // the heart rate at the very centre
const LOBES = 9;
const SETTLE_MS = 300; // an exponential approach; 98 % of the way after 1200 ms
const LINE_RADIUS = { steady: 150, rising: 138, flood: 122 };
const AMPLITUDE = { rising: 0.014, flood: 0.04 };

const calmMotion = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Pool {
  #parts;
  #root;
  #now = null;
  #goal = null;
  #frame = 0;
  #time = 0;

  constructor(root) {
    this.#root = root;
    this.#parts = build();
    root.prepend(this.#parts.drawing);
  }

  // look: {kind: "pool"|"finding"|"lost"|"covered", tone, bpm, usual, line, progress, trail}
  show(look) {
    const { kind, tone } = look;
    this.#root.dataset.kind = kind;
    this.#root.dataset.tone = tone;
    const parts = this.#parts;
    parts.pool.toggleAttribute("hidden", kind !== "pool");
    parts.finding.toggleAttribute("hidden", kind !== "finding");
    parts.lost.toggleAttribute("hidden", kind !== "lost");
    parts.covered.toggleAttribute("hidden", kind !== "covered");
    if (kind === "finding") set(parts.progress, { "stroke-dasharray": `${look.progress * 100} 200` });
    if (kind === "pool") this.#aim(look);
    else this.#now = null;
  }

  #aim({ tone, bpm, usual, line, trail }) {
    const share = (rate) => Math.max(0.2, (rate - ZERO_BPM) / (line - ZERO_BPM));
    const amplitude = AMPLITUDE[tone] ?? 0;
    const water = share(bpm ?? usual ?? line * 0.75);
    const reach = water * (1 + amplitude) * (tone === "flood" ? 1.12 : 1);
    const edge = Math.min(LINE_RADIUS[tone] ?? LINE_RADIUS.steady, ROOM / reach);
    this.#goal = {
      water: water * edge,
      edge,
      usual: usual === null ? 0 : share(usual) * edge,
      amplitude,
      echo: tone === "flood" ? 1 : 0,
      trail: trail ? 1 : 0,
    };
    const words = this.#parts;
    words.usualText.textContent = usual === null ? "" : `usual ${Math.round(usual)}`;
    words.edgeText.textContent = `line ${Math.round(line)}`;
    if (this.#now === null || calmMotion.matches) {
      this.#now = { ...this.#goal };
      this.#draw();
    } else if (!this.#frame) {
      this.#time = performance.now();
      this.#frame = requestAnimationFrame((time) => this.#step(time));
    }
  }

  #step(time) {
    this.#frame = 0;
    if (this.#now === null) return;
    const nearer = 1 - Math.exp(-Math.max(0, time - this.#time) / SETTLE_MS);
    this.#time = time;
    let moving = false;
    for (const [name, goal] of Object.entries(this.#goal)) {
      this.#now[name] += (goal - this.#now[name]) * nearer;
      if (Math.abs(goal - this.#now[name]) > (name === "amplitude" ? 0.0002 : 0.02)) moving = true;
      else this.#now[name] = goal;
    }
    this.#draw();
    if (moving) this.#frame = requestAnimationFrame((next) => this.#step(next));
  }

  #draw() {
    const { water, edge, usual, amplitude, echo, trail } = this.#now;
    const parts = this.#parts;
    parts.water.setAttribute("d", outline(water, amplitude, 0));
    set(parts.glow, { r: water * 1.22, opacity: 1 - echo * 0.4 });
    set(parts.echoes[0], { d: outline(water * 1.06, amplitude * 0.9, 0.8), opacity: 0.5 * echo });
    set(parts.echoes[1], { d: outline(water * 1.115, amplitude * 0.8, 1.7), opacity: 0.3 * echo });
    set(parts.trail[0], { r: water * 1.07, opacity: 0.6 * trail });
    set(parts.trail[1], { r: water * 1.15, opacity: 0.3 * trail });
    parts.usual.setAttribute("r", usual);
    parts.edge.setAttribute("d", arc(edge, labelGap(edge)));
    parts.usualPath.setAttribute("d", underside(Math.max(1, usual - 9)));
    parts.edgePath.setAttribute("d", underside(labelRadius(water * (1 - 1.4 * amplitude), edge)));
  }
}

// The line’s label stands on its ring, or just inside the water when the water’s edge would run through it.
const labelRadius = (water, edge) => (water > edge - 16 ? Math.min(water, edge) - 8 : edge + 4);
const labelGap = (radius) => 38 / radius;
const point = (radius, angle) => `${(CENTRE + radius * Math.sin(angle)).toFixed(2)} ${(CENTRE + radius * Math.cos(angle)).toFixed(2)}`;

// A ring that is open at the bottom, where its label stands.
const arc = (radius, gap) => `M${point(radius, gap / 1.2)}A${radius} ${radius} 0 1 0 ${point(radius, -gap / 1.2)}`;

// The lower half of a ring, left to right, for text to stand on.
const underside = (radius) => `M${CENTRE - radius} ${CENTRE}A${radius} ${radius} 0 0 0 ${CENTRE + radius} ${CENTRE}`;

function outline(radius, amplitude, turn) {
  const points = [];
  const steps = amplitude > 0.0005 ? 240 : 120;
  for (let i = 0; i < steps; i += 1) {
    const angle = (2 * Math.PI * i) / steps;
    const wave = Math.sin(LOBES * angle + turn) + 0.38 * Math.sin(4 * angle + 1.3 + 2 * turn);
    points.push(point(radius * (1 + amplitude * wave), angle));
  }
  return `M${points.join("L")}Z`;
}

function build() {
  const stop = (offset, level) => {
    const element = svg("stop", { offset });
    element.style.stopOpacity = `var(--pool-${level})`;
    return element;
  };
  const none = (offset) => svg("stop", { offset, "stop-opacity": 0 });
  const circle = (name, attributes = {}) => svg("circle", { class: name, cx: CENTRE, cy: CENTRE, ...attributes });
  const textOn = (path, className) => {
    const text = svg("textPath", { href: `#${path}`, startOffset: "50%" });
    return [text, svg("text", { class: className }, text)];
  };
  const usualPath = svg("path", { id: "usual-path" });
  const edgePath = svg("path", { id: "edge-path" });
  const [usualText, usualLabel] = textOn("usual-path", "ring-text");
  const [edgeText, edgeLabel] = textOn("edge-path", "ring-text");
  const parts = {
    usualPath,
    edgePath,
    usualText,
    edgeText,
    glow: circle("glow"),
    water: svg("path", { class: "water" }),
    echoes: [svg("path", { class: "echo" }), svg("path", { class: "echo" })],
    trail: [circle("echo"), circle("echo")],
    usual: circle("usual"),
    edge: svg("path", { class: "edge" }),
    progress: circle("progress", { r: 138, pathLength: 100, transform: `rotate(-90 ${CENTRE} ${CENTRE})` }),
  };
  parts.pool = svg("g", {}, parts.glow, ...parts.echoes, ...parts.trail, parts.water, parts.usual, parts.edge, usualLabel, edgeLabel);
  parts.finding = svg("g", {}, circle("track", { r: 138 }), parts.progress);
  parts.lost = svg("g", {}, circle("broken", { r: 138, pathLength: 100, "stroke-dasharray": "21.500 3.500", transform: `rotate(20 ${CENTRE} ${CENTRE})` }));
  parts.covered = svg("g", {}, circle("covered-ring", { r: 138 }));
  const defs = svg(
    "defs",
    {},
    svg("radialGradient", { id: "pool-water" }, stop(0, 3), stop(0.5, 3), stop(1, 4)),
    svg("radialGradient", { id: "pool-glow" }, none(0.8), stop(0.81, 2), stop(0.89, 1), none(1)),
    usualPath,
    edgePath,
  );
  parts.drawing = svg("svg", { viewBox: "0 0 360 360", "aria-hidden": "true", focusable: "false" }, defs, parts.pool, parts.finding, parts.lost, parts.covered);
  return parts;
}
