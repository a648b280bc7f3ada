// Your channels: what this device does, and the ways elsewhere.

import { testAlert } from "./alerting.js";
import { post, press } from "./api.js";
import { can, want, wants } from "./device.js";
import { useIcon } from "./svg.js";

const byId = (id) => document.getElementById(id);
const list = byId("channels");
const problem = byId("problem");
const known = JSON.parse(byId("known").textContent);
const TEST = { title: "A test", body: "This is how it looks. Nothing has happened." };

// Said once, for those who don't see what has changed.
const say = (words) => {
  byId("said").textContent = words;
};

for (const box of document.querySelectorAll("[data-device]")) {
  const way = box.dataset.device;
  box.checked = wants(way) && can[way]();
  box.disabled = !can[way]();
  box.addEventListener("change", async () => {
    if (way === "notification" && box.checked && Notification.permission !== "granted") {
      box.checked = (await Notification.requestPermission()) === "granted";
    }
    want(way, box.checked);
  });
}

byId("test-device").addEventListener("click", async () => {
  const words = await testAlert(TEST);
  byId("device-said").hidden = false;
  byId("device-said").textContent = words;
  say(words);
});

function show(channel) {
  const row = byId("channel").content.firstElementChild.cloneNode(true);
  row.querySelector("h3").textContent = channel.label;
  row.querySelector(".kind-of").textContent = channel.kind === channel.label ? "" : channel.kind;
  showOutcome(row, channel.trouble === null ? null : { arrived: false, said: `Last time: ${channel.trouble}` });
  for (const button of row.querySelectorAll("[data-act]")) {
    button.setAttribute("aria-label", `${button.textContent.trim()} ${channel.label}`);
    button.addEventListener("click", () => press(button, problem, () => acts[button.dataset.act](channel, row)));
  }
  list.append(row);
  byId("none").hidden = true;
}

function showOutcome(row, tried) {
  const place = row.querySelector(".outcome");
  place.hidden = tried === null;
  if (tried === null) return;
  place.querySelector("span").textContent = tried.said;
  useIcon(place, tried.arrived ? "check" : "disconnected");
}

const acts = {
  async test(channel, row) {
    showOutcome(row, null);
    const tried = await post(`/api/channels/${channel.id}/test`);
    showOutcome(row, tried);
    say(`${channel.label}: ${tried.said}`);
  },
  async remove(channel, row) {
    await post(`/api/channels/${channel.id}/remove`);
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    byId("none").hidden = list.children.length > 0;
    (next?.querySelector("button") ?? byId("channels-title")).focus();
    say(`${channel.label} is removed.`);
  },
};

for (const form of document.querySelectorAll("form[data-kind]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    press(button, problem, async () => {
      const told = Object.fromEntries([...form.querySelectorAll("[data-told]")].map((field) => [field.name, field.value]));
      const channel = await post("/api/channels", { kind: form.dataset.kind, label: form.elements.label.value, told });
      form.reset();
      form.closest("details").open = false;
      show(channel);
      list.lastElementChild.querySelector("button").focus();
      say(`${channel.label} is added. Test it once.`);
    });
  });
}

known.forEach(show);
