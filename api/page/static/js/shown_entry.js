// An entry as it is shown to a clinician: its talk to look at, and the same as a table. Nothing can be written here.

import { clocksChange } from "./clock.js";
import { NotePins } from "./moments.js";
import { toggled } from "./table.js";
import { talkFigure } from "./talk_figure.js";

const byId = (id) => document.getElementById(id);

const pins = new NotePins(byId("note-pins"));
const talk = JSON.parse(byId("timeline-data").textContent);
clocksChange(talk.clocks_change);
talkFigure(byId, talk, { more: [pins] });
pins.moments = JSON.parse(byId("moments-data").textContent);
byId("rmssd").open = window.matchMedia("(min-width: 900px)").matches;
toggled(byId("timeline-as-table"), byId("timeline-table"), () => byId("timeline-table").focus({ preventScroll: true }));
