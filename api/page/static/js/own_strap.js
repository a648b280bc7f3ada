// A strap that this very page reads: choosing it, what the page says of it, and what it keeps until the server has it.
//
// One window of a person reads; the others wait for their turn (Web Locks).

import { BluetoothStrap, choose, known, whyNot } from "./strap_bluetooth.js";
import { StrapBuffer } from "./strap_buffer.js";
import { StrapClock } from "./strap_clock.js";
import { StrapKept } from "./strap_kept.js";
import { StrapSocket } from "./strap_socket.js";
import { cannotRead, keptWords, readerWords, stoppedWords } from "./strap_words.js";

const TOLD_AFTER_MS = 5000;
const LOOK_MS = 1000;
const byId = (id) => document.getElementById(id);

export class OwnStrap {
  #talk;
  #buffer;
  #clock = new StrapClock();
  #kept;
  #earlier = []; // what is kept of other talks, on its way
  #strap = null;
  #socket = null;
  #mine = false; // this window is the one that reads
  #stopped = null;
  #trouble = "";
  #view = null;
  #covered = false;

  // talk: null where no talk is on; then only what is left of earlier ones is sent.
  constructor(owner, talk) {
    this.#talk = talk;
    this.#buffer = new StrapBuffer(owner);
    if (whyNot() !== null || !navigator.locks) return;
    setInterval(() => this.#showKept(), LOOK_MS);
    navigator.locks.request(`flooding-strap.${owner}`, () => this.#begin());
    for (const id of ["own-strap-use", "own-strap-again"]) byId(id)?.addEventListener("click", () => this.#use());
    byId("own-strap-stop")?.addEventListener("click", () => this.#letGo());
  }

  show(view, covered) {
    this.#view = view;
    this.#covered = covered;
    if (view.phase === "ended") this.#strap?.stop();
    this.#showReader();
  }

  // Runs once this window has its turn, and as long as it lives.
  async #begin() {
    this.#mine = true;
    await this.#sendEarlier();
    if (this.#talk) {
      this.#kept = new StrapKept(this.#buffer, this.#talk, () => this.#socket?.send());
      await this.#kept.load();
      const name = this.#view?.page_strap ? this.#view.strap : null;
      const device = name && (await known(name));
      if (device) this.#read(device);
      else if (this.#kept.size) this.#connect(name ?? "Heart-rate strap");
    }
    this.#showReader();
    return new Promise(() => {});
  }

  async #sendEarlier() {
    const talks = await this.#buffer.talks().catch(() => []);
    for (const talk of talks.filter((other) => other !== this.#talk)) {
      const kept = new StrapKept(this.#buffer, talk, () => {});
      await kept.load();
      this.#earlier.push(kept);
      new StrapSocket(talk, "Heart-rate strap", this.#clock, kept, { stopped: () => {} });
    }
  }

  async #use() {
    if (!this.#mine || !this.#kept) {
      this.#say("Another window of yours has its place. Close that one to use the strap here.");
      return;
    }
    try {
      const device = await choose();
      if (device) this.#read(device);
    } catch {
      this.#say("Bluetooth doesn’t answer here. Is it on, and is the browser allowed to use it?");
    }
  }

  #read(device) {
    this.#trouble = "";
    this.#strap?.stop();
    this.#strap = new BluetoothStrap(device, {
      packet: (hex) => this.#kept.add({ ...this.#clock.next(), hex }),
      link: (link) => {
        this.#socket?.link(link);
        this.#showReader();
      },
    });
    this.#connect(this.#strap.name);
    this.#showReader();
  }

  #connect(name) {
    this.#stopped = null;
    this.#socket?.stop();
    this.#socket = new StrapSocket(this.#talk, name, this.#clock, this.#kept, {
      stopped: (why) => {
        this.#stopped = why;
        this.#strap?.stop();
        this.#strap = null;
        this.#showReader();
      },
    });
  }

  #letGo() {
    this.#strap?.stop();
    this.#strap = null;
    this.#socket?.link("lost");
    this.#showReader();
  }

  #say(trouble) {
    this.#trouble = trouble;
    this.#showReader();
  }

  #showReader() {
    const view = this.#view;
    const place = byId("own-strap");
    if (!place || !view) return;
    const radio = view.strap !== null && !view.page_strap;
    place.hidden = view.simulated || radio || this.#covered || view.phase === "ended";
    const why = whyNot();
    const use = byId("own-strap-use");
    const reads = this.#strap !== null;
    const again = view.page_strap && !reads && why === null;
    use.hidden = why !== null || reads || again;
    use.querySelector("span").textContent = readerWords();
    byId("own-strap-again-box").hidden = !again || this.#covered || view.phase === "ended";
    byId("own-strap-stop").hidden = !reads;
    const words = this.#trouble || stoppedWords(this.#stopped) || (why && !view.page_strap ? cannotRead(why) : "");
    byId("own-strap-words").textContent = words || (reads ? "This page reads your strap. Keep it open." : "");
    byId("own-strap-words").hidden = !byId("own-strap-words").textContent;
  }

  #showKept() {
    const kept = [this.#kept, ...this.#earlier].filter((one) => one?.size);
    const waits = kept.some((one) => one.age_ms(this.#clock.now()) > TOLD_AFTER_MS);
    const banner = byId("kept");
    banner.hidden = !waits;
    if (waits) {
      const packets = kept.reduce((sum, { size }) => sum + size, 0);
      banner.querySelector("span").textContent = keptWords(packets, kept.every(({ isSafe }) => isSafe));
    }
  }
}
