// The pool with its number and its words.

import { set } from "./svg.js";
import { isLost, quietShare } from "./words.js";

const byId = (id) => document.getElementById(id);

export function showPool(pool, view, state) {
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
  showProgress(view, finding ? `${minutes} ${byId("pool-unit").textContent}` : null);
}

// While the ring fills, it is a progress bar; afterwards it is a picture of the number it surrounds.
function showProgress(view, words) {
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
