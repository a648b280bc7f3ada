// The entry page: its talk to look at, and the same as a table.

import { toggled } from "./table.js";
import { talkFigure } from "./talk_figure.js";

const byId = (id) => document.getElementById(id);

talkFigure(byId, JSON.parse(byId("timeline-data").textContent));
byId("rmssd").open = window.matchMedia("(min-width: 900px)").matches;
toggled(byId("timeline-as-table"), byId("timeline-table"), () => byId("timeline-table").focus({ preventScroll: true }));
