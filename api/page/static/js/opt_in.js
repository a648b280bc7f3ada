// Both opt in: shows who has said yes, and goes to the talk as soon as there is one.

import { post, press } from "./api.js";
import { watchPair } from "./pair_news.js";

const byId = (id) => document.getElementById(id);
const problem = byId("opt-in-problem");

function show(pair) {
  if (pair.talk_id) {
    window.location.replace("/talk");
    return;
  }
  line("my-yes", pair.my_yes, "You are in.", "Not yet.");
  line("other-yes", pair.other_yes, "is in.", "has not said yes yet.");
  byId("opt-in-yes").hidden = pair.my_yes;
  byId("opt-in-no").hidden = !pair.my_yes;
  const said = pair.my_yes ? "You are in. It begins with the other yes." : pair.other_yes ? "The other has said yes." : "";
  if (byId("opt-in-said").textContent !== said) byId("opt-in-said").textContent = said;
}

function line(id, yes, there, notThere) {
  byId(id).dataset.yes = yes ? "yes" : "no";
  byId(id).querySelector("b + span").textContent = yes ? there : notThere;
  byId(id).querySelector("svg").toggleAttribute("hidden", !yes);
}

byId("opt-in-yes").addEventListener("click", () =>
  press(byId("opt-in-yes"), problem, async () => {
    show(await post("/api/pair/yes"));
    if (!byId("opt-in-no").hidden) byId("opt-in-no").focus();
  }),
);
byId("opt-in-no").addEventListener("click", () =>
  press(byId("opt-in-no"), problem, async () => {
    show(await post("/api/pair/no"));
    byId("opt-in-yes").focus();
  }),
);
watchPair(show);
