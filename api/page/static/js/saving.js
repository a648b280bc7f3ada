// Stores the words as one types, one save at a time. Whatever happens to the server, what was typed is kept until it is stored.

import { same } from "./content.js";
import { Unsaved } from "./unsaved.js";

const AFTER_TYPING_MS = 900;
const AGAIN_MS = [2000, 5000, 10_000, 15_000];
const SENT_KEPT = 20;
const KEEPALIVE_BYTES = 60_000; // what browsers let a page send while it goes

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const clock = () => new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

export class Saving {
  #entry;
  #tab = crypto.getRandomValues(new Uint32Array(4)).join("-");
  #unsaved;
  #version;
  #content; // () => what the page holds now
  #stored; // as the server has it
  #on;
  #timer = null;
  #busy = null; // the content that is on its way
  #sent; // what may have been stored without our hearing of it
  #failures = 0;

  // sent: what an earlier window sent. on: {said(words), conflict(stored, mine), discard(draft)}
  constructor({ owner, entry, version, stored, content, sent = [], on }) {
    this.#sent = sent;
    [this.#entry, this.#version, this.#stored, this.#content, this.#on] = [entry, version, structuredClone(stored), content, on];
    this.#unsaved = new Unsaved(owner, entry, this.#tab);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.now({ leaving: true });
    });
    window.addEventListener("pagehide", () => this.now({ leaving: true }));
    window.addEventListener("online", () => this.now());
  }

  get dirty() {
    return !same(this.#content(), this.#stored);
  }

  // Something was typed: keep it here at once, store it in a moment.
  changed() {
    this.#keep();
    this.#later(AFTER_TYPING_MS);
  }

  // Write on top of `stored` from now on: the wearer has seen it and decided.
  rebase({ version, content }) {
    [this.#version, this.#stored] = [version, structuredClone(content)];
    this.#keep();
    return this.now();
  }

  // leaving: the page may be gone before the answer comes.
  async now({ leaving = false } = {}) {
    clearTimeout(this.#timer);
    if (!this.dirty) {
      this.#unsaved.drop();
      return;
    }
    if (this.#busy !== null) return; // its end looks again; what is kept here outlives the page
    const content = structuredClone(this.#content());
    this.#busy = content;
    this.#keep();
    try {
      await this.#send(content, leaving);
    } finally {
      this.#busy = null;
      if (this.dirty) {
        this.#keep();
        this.#later(this.#failures ? AGAIN_MS[Math.min(this.#failures, AGAIN_MS.length) - 1] : AFTER_TYPING_MS);
      } else this.#unsaved.drop();
    }
  }

  async #send(content, leaving) {
    let answer, told;
    this.#sent = [...this.#sent, content].slice(-SENT_KEPT);
    try {
      answer = await putContent(this.#entry, { version: this.#version, tab: this.#tab, content }, leaving);
      told = await answer.json();
    } catch {
      this.#failed("Not stored yet: the server can’t be reached. What you write is kept in this browser until it answers.");
      return;
    }
    if (answer.ok) {
      [this.#version, this.#stored, this.#sent, this.#failures] = [told.version, content, [content], 0];
      this.#on.said(`Saved ${clock()}`);
    } else if (answer.status === 409 && told.stored && this.#sent.some((one) => same(one, told.stored.content))) {
      // Our own words, whose answer was lost: no other window wrote. Save again, on top of them.
      const beside = kept(told.stored, { version: this.#version, content });
      [this.#version, this.#stored, this.#failures] = [told.stored.version, told.stored.content, 0];
      if (beside) this.#on.discard(beside);
    } else if (answer.status === 409 && told.stored) {
      this.#stored = content; // it is kept beside the newer words, on the server
      this.#failures = 0;
      this.#on.said(`Kept ${clock()}, beside what another window wrote`);
      this.#on.conflict(told.stored, { version: this.#version, content });
    } else this.#failed(`Not stored: ${told.detail ?? answer.status}`);
  }

  #failed(words) {
    this.#failures += 1;
    this.#on.said(words);
  }

  #keep() {
    if (this.dirty) this.#unsaved.keep(this.#version, this.#content(), this.#busy);
    else if (this.#busy === null) this.#unsaved.drop();
  }

  #later(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), ms);
  }
}

// The draft that the server made of `mine`.
export const kept = (stored, mine) =>
  stored.drafts.find((draft) => draft.based_on === mine.version && same(draft.content, mine.content));

export function putContent(entry, told, leaving = false) {
  const body = JSON.stringify({ ...told, zone });
  const keepalive = leaving && new TextEncoder().encode(body).length < KEEPALIVE_BYTES;
  return fetch(`/api/entries/${entry}/content`, { method: "PUT", headers: { "Content-Type": "application/json" }, body, keepalive });
}
