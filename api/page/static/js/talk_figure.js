// A talk to look at: its timeline, its RMSSD, movement and overview, moved together by hand, keys and buttons.

import { Overview } from "./overview.js";
import { pointing } from "./pointing.js";
import { Readout } from "./readout.js";
import { rangeSummary, StripChart } from "./strip_chart.js";
import { Timeline } from "./timeline.js";
import { moved, zoomed } from "./view_window.js";

// part(name): the figure's element of that name. more: what else shows the part of the talk that is in view.
export function talkFigure(part, talk, { clock, more = [] } = {}) {
  const length = Math.max(1, talk.length_s);
  const timeline = new Timeline(talk, { chart: part("timeline-chart"), phases: part("phases") }, clock);
  const overview = new Overview(part("overview"), talk, (seconds) => {
    const [from, to] = timeline.window;
    show(moved([from, to], seconds - (from + to) / 2, length));
  });
  const readout = new Readout(talk, timeline.clock, part("timeline"), part("readout"), () => timeline.plot);
  const views = [timeline, overview, readout, ...strips(part, talk), ...more];

  function show(seen) {
    for (const view of views) view.show(seen);
    part("whole").hidden = seen[1] - seen[0] > length - 1;
    part("zoom-out").disabled = part("whole").hidden;
  }
  const zoom = (factor) => show(zoomed(timeline.window, factor, length));
  const whole = () => show([0, length]);

  part("zoom-in").addEventListener("click", () => zoom(0.5));
  part("zoom-out").addEventListener("click", () => zoom(2));
  part("whole").addEventListener("click", whole);
  pointing(part("timeline"), {
    zoom,
    whole,
    read: (direction) => readout.step(direction),
    pan: (px) => show(moved(timeline.window, px * timeline.seconds_per_px, length)),
    panShare: (share) => show(moved(timeline.window, share * (timeline.window[1] - timeline.window[0]), length)),
  });
  whole();
}

function strips(part, { t_s, rmssd_ms, motion_mg = [] }) {
  const found = [["rmssd", { t_s, values: rmssd_ms, unit: "ms", leastTop: 50 }]];
  if (motion_mg.length > 0) found.push(["motion", { t_s, values: motion_mg, unit: "mg", leastTop: 50 }]);
  return found.map(([name, told]) => {
    part(`${name}-summary`).textContent = rangeSummary(told.values, told.unit);
    return new StripChart(part(`${name}-chart`), told);
  });
}
