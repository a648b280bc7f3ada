// The entry page: joins the timeline, its overview, its buttons and its table.

import { Overview } from "./overview.js";
import { pointing } from "./pointing.js";
import { RmssdChart, rmssdSummary } from "./rmssd_chart.js";
import { toggled } from "./table.js";
import { Timeline } from "./timeline.js";
import { moved, zoomed } from "./view_window.js";

const byId = (id) => document.getElementById(id);
const talk = JSON.parse(byId("timeline-data").textContent);
const length = Math.max(1, talk.length_s);

const timeline = new Timeline(talk, { chart: byId("timeline-chart"), phases: byId("phases") });
const rmssd = new RmssdChart(byId("rmssd-chart"), talk);
byId("rmssd-summary").textContent = rmssdSummary(talk);
byId("rmssd").open = window.matchMedia("(min-width: 900px)").matches;
const overview = new Overview(byId("overview"), talk, (seconds) => {
  const [from, to] = timeline.window;
  show(moved([from, to], seconds - (from + to) / 2, length));
});

function show(part) {
  timeline.show(part);
  overview.show(part);
  rmssd.show(part);
  byId("whole").hidden = part[1] - part[0] > length - 1;
  byId("zoom-out").disabled = byId("whole").hidden;
}
const zoom = (factor) => show(zoomed(timeline.window, factor, length));
const whole = () => show([0, length]);

byId("zoom-in").addEventListener("click", () => zoom(0.5));
byId("zoom-out").addEventListener("click", () => zoom(2));
byId("whole").addEventListener("click", whole);
pointing(byId("timeline"), {
  zoom,
  whole,
  pan: (px) => show(moved(timeline.window, px * timeline.seconds_per_px, length)),
  panShare: (share) => show(moved(timeline.window, share * (timeline.window[1] - timeline.window[0]), length)),
});
toggled(byId("timeline-as-table"), byId("timeline-table"), () => byId("timeline-table").focus({ preventScroll: true }));
whole();
