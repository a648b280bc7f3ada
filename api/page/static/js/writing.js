// The entry’s words: fills the questions, keeps what is typed, and stores it.

import { bodyMap } from "./body_map.js";
import { chips } from "./chips.js";
import { clockTimeAfter } from "./clock.js";
import { at, put } from "./content.js";
import { disclosure } from "./disclosure.js";
import { episodeLabels } from "./episode_labels.js";
import { momentList } from "./moments.js";
import { recovered } from "./recovered.js";
import { kept, Saving } from "./saving.js";
import { showTwoTexts } from "./two_texts.js";
import { forget } from "./unsaved.js";

const RESPONSES = [["pursue", "Pursued", "pursued"], ["withdraw", "Withdrew", "withdrew"], ["attack", "Attacked", "attacked"], ["freeze", "Froze", "froze"]];
const STRENGTHS = ["not said", "1, a little", "2", "3", "4", "5, very much"];
const byId = (id) => document.getElementById(id);

// pins: what shows the notes on the timeline. Returns add(t_s), which begins a note there.
export async function writing({ pins = null } = {}) {
  const form = byId("writing");
  const told = JSON.parse(byId("writing-data").textContent);
  const { owner, entry, began, length } = form.dataset;
  const found = await recovered(owner, entry, told.stored);
  let content = found.content;
  const shown = { stored: found.stored };
  const saving = new Saving({
    owner,
    entry,
    version: shown.stored.version,
    stored: shown.stored.content,
    content: () => content,
    sent: found.sent,
    on: {
      said: (words) => (byId("saved").textContent = words),
      conflict: (stored, mine) => conflict(stored, mine),
      discard: (draft) => discard([draft]),
    },
  });
  const changed = () => saving.changed();
  const redraw = [];

  for (const field of form.querySelectorAll("[data-at]")) {
    // Typed before this script was there.
    if (field.value !== field.defaultValue) put(content, field.dataset.at, field.value);
    redraw.push(() => {
      field.value = at(content, field.dataset.at);
      grow(field);
    });
    field.addEventListener("input", () => {
      put(content, field.dataset.at, field.value);
      grow(field);
      changed();
    });
  }
  redraw.push(...choices(form, () => content, changed));
  if (byId("moments")) redraw.push(notes());
  if (byId("episodes")) {
    redraw.push(episodeLabels(byId("episodes"), told.episodes, { labels: () => content.labels, change: (labels) => ((content.labels = labels), changed()) }));
  }
  const telling = disclosure(() => content, changed);
  redraw.push(telling);
  for (const button of form.querySelectorAll("[data-phrase]")) button.addEventListener("click", () => take(button.dataset.phrase));
  form.addEventListener("focusout", () => {
    telling();
    saving.now();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  draw();
  offerDrafts();
  if (saving.dirty) {
    changed(); // under this window’s own name first, then away from the old one’s
    found.keys.forEach(forget);
    saving.now();
  }
  form.dataset.ready = "true";

  function draw() {
    for (const each of redraw) each();
  }

  function take(phrase) {
    content.notes = content.notes ? `${content.notes}\n${phrase}` : phrase;
    draw();
    byId("saved").textContent = "Added to your notes.";
    changed();
  }

  function notes() {
    let read_s = null;
    const list = momentList(byId("moments"), {
      began,
      length: Number(length),
      moments: () => content.moments,
      change(moments) {
        content.moments = moments;
        if (pins) pins.moments = moments;
        changed();
      },
    });
    byId("timeline").addEventListener("read", ({ detail }) => {
      read_s = detail.t_s;
      byId("add-moment").lastElementChild.textContent = `Add a note at ${clockTimeAfter(began, read_s)}`;
    });
    const add = () => list.add(read_s ?? told.episodes[0]?.t_s ?? 0);
    byId("add-moment").addEventListener("click", add);
    byId("timeline").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      add();
    });
    return () => {
      list.draw();
      if (pins) pins.moments = content.moments;
    };
  }

  // Another window was faster.
  function conflict(stored, mine) {
    const own = kept(stored, mine);
    const rest = stored.drafts.filter((draft) => draft !== own);
    const decide = async (next) => {
      content = structuredClone(next);
      draw();
      await saving.rebase(stored);
      if (!saving.dirty) await discard([own].filter(Boolean));
      shown.stored = { ...stored, drafts: rest };
      offerDrafts();
    };
    showTwoTexts(byId("two-texts"), content, [
      {
        title: "Another window wrote here, too",
        content: stored.content,
        options: [
          ["Put both together", (other, together) => decide(together(other, content))],
          ["Keep this window’s", () => decide(content)],
          ["Take the other’s", (other) => decide(other)],
        ],
      },
    ]);
  }

  // Words of a window that came too late and is gone.
  function offerDrafts() {
    const gone = async (draft) => {
      await discard([draft]);
      shown.stored.drafts = shown.stored.drafts.filter((one) => one !== draft);
      offerDrafts();
    };
    const decide = async (draft, next) => {
      content = structuredClone(next);
      draw();
      saving.changed();
      await saving.now();
      if (!saving.dirty) await gone(draft);
    };
    showTwoTexts(
      byId("two-texts"),
      content,
      shown.stored.drafts.map((draft) => ({
        title: "Words from another window, written beside these",
        content: draft.content,
        options: [
          ["Put both together", (other, together) => decide(draft, together(content, other))],
          ["Keep what is here", () => gone(draft)],
          ["Take the other’s", (other) => decide(draft, other)],
        ],
      })),
    );
  }

  async function discard(drafts) {
    for (const { id } of drafts) {
      try {
        await fetch(`/api/entries/${entry}/drafts/${id}`, { method: "DELETE" });
      } catch {
        return; // it is offered again with the next visit
      }
    }
  }
}

function choices(form, content, changed) {
  const places = () => content().body.places;
  const map = bodyMap(byId("body-map"), places, (place) => setPlaces(toggled(places().map((one) => one.place), place)));
  const drawn = [...form.querySelectorAll("[data-chips]")].map((place) => {
    const path = place.dataset.chips;
    const isPlaces = path === "body.places";
    return chips(place, {
      offered: path === "behaviour.responses" ? RESPONSES : JSON.parse(place.dataset.offered ?? "[]"),
      shown: Number(place.dataset.shown ?? Infinity),
      add: place.dataset.add ?? null,
      chosen: () => (isPlaces ? places().map((one) => one.place) : at(content(), path)),
      change(words) {
        if (isPlaces) setPlaces(words);
        else put(content(), path, words);
        changed();
      },
    });
  });

  function setPlaces(words) {
    content().body.places = words.map((word) => places().find((one) => one.place === word) ?? { place: word, intensity: null });
    changed();
    draw();
  }

  function strengths() {
    byId("strengths").replaceChildren(
      ...places().map((one) => {
        const item = document.createElement("li");
        const label = document.createElement("label");
        const select = document.createElement("select");
        select.className = "field";
        select.append(...STRENGTHS.map((name, n) => new Option(name, n, false, n === (one.intensity ?? 0))));
        select.addEventListener("change", () => {
          one.intensity = Number(select.value) || null;
          changed();
          map();
        });
        const words = document.createElement("span");
        words.textContent = `${one.place}, how strongly`;
        label.append(words, select);
        item.append(label);
        return item;
      }),
    );
  }

  function draw() {
    for (const each of drawn) each();
    strengths();
    map();
  }
  return [draw];
}

const toggled = (words, word) => (words.includes(word) ? words.filter((one) => one !== word) : [...words, word]);

function grow(field) {
  if (field.tagName !== "TEXTAREA" || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
