// The entry page: its talk to look at, and the same as a table.

import { clocksChange } from "./clock.js";
import { NotePins } from "./moments.js";
import { toggled } from "./table.js";
import { talkFigure } from "./talk_figure.js";
import { writing } from "./writing.js";

const byId = (id) => document.getElementById(id);

const pins = new NotePins(byId("note-pins"));
const talk = JSON.parse(byId("timeline-data").textContent);
clocksChange(talk.clocks_change);
talkFigure(byId, talk, { more: [pins] });
byId("rmssd").open = window.matchMedia("(min-width: 900px)").matches;
toggled(byId("timeline-as-table"), byId("timeline-table"), () => byId("timeline-table").focus({ preventScroll: true }));
writing({ pins });
