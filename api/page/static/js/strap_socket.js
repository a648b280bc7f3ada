// Sends heartbeats to the server and hears which are stored there. What isn't stays kept, and is sent again on the next connection.

const AT_ONCE = 200;
const BETWEEN_MS = 110;
const STILL_HERE_MS = 20_000;
const FIRST_AGAIN_MS = 500;
const LONGEST_AGAIN_MS = 8000;
const GIVEN_UP = { 4400: "malformed", 4409: "elsewhere", 4422: "simulated", 4423: "other" };
const REFUSED = new Set([401, 403, 404]);

// kept: StrapKept. on: {stopped(why)}: no connection is tried any more.
export class StrapSocket {
  #url;
  #look;
  #strap;
  #clock;
  #kept;
  #on;
  #socket = null;
  #ready = false;
  #sent = new Set();
  #again_ms = FIRST_AGAIN_MS;
  #stopped = false;
  #waiting = null;
  #link = null;
  #next = null;

  constructor(talk, strap, clock, kept, on) {
    this.#look = `/api/talks/${encodeURIComponent(talk)}`;
    this.#url = `${window.location.origin.replace(/^http/, "ws")}${this.#look}/strap`;
    this.#strap = strap;
    this.#clock = clock;
    this.#kept = kept;
    this.#on = on;
    this.#waiting = setInterval(() => this.#say({}), STILL_HERE_MS);
    window.addEventListener("online", this.#hurry);
    this.#open();
  }

  get isOpen() {
    return this.#ready;
  }

  // Something new is kept.
  send() {
    if (this.#next) return; // its turn comes
    const packets = this.#unsent();
    for (const [stream, some] of Map.groupBy(packets.slice(0, AT_ONCE), (packet) => packet.stream)) {
      this.#say({ stream, packets: some.map(({ count, at, hex }) => [count, at, hex]) });
      for (const packet of some) this.#sent.add(packet);
    }
    if (packets.length <= AT_ONCE) return;
    this.#next = setTimeout(() => {
      this.#next = null;
      this.send();
    }, BETWEEN_MS);
  }

  link(link) {
    this.#link = link;
    this.#say({ link });
  }

  stop() {
    this.#stopped = true;
    clearInterval(this.#waiting);
    window.removeEventListener("online", this.#hurry);
    this.#socket?.close();
  }

  #unsent() {
    return this.#ready ? this.#kept.packets().filter((packet) => !this.#sent.has(packet)) : [];
  }

  #say(told) {
    if (this.#ready) this.#tell(told);
  }

  #tell(told) {
    const now = this.#clock.now();
    this.#socket.send(JSON.stringify({ clock: this.#clock.stream, now, ...told }));
  }

  #hurry = () => {
    if (this.#socket?.readyState === WebSocket.CLOSED) this.#open();
  };

  #open() {
    if (this.#stopped || (this.#socket && this.#socket.readyState !== WebSocket.CLOSED)) return;
    let opened = false;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      opened = true;
      this.#tell({ strap: this.#strap, waiting: this.#kept.spans() });
    });
    socket.addEventListener("message", (event) => this.#hear(JSON.parse(event.data)));
    socket.addEventListener("close", async ({ code }) => {
      this.#ready = false;
      this.#sent.clear();
      if (code === 4410 && this.#kept.packets().length === 0) this.#give_up("ended");
      else if (code in GIVEN_UP) this.#give_up(GIVEN_UP[code]);
      else if (!opened && REFUSED.has(await statusOf(this.#look))) this.#give_up("refused");
      else this.#later();
    });
  }

  #hear({ stored, unwanted, ready }) {
    if (stored) this.#kept.drop(stored);
    if (unwanted) this.#kept.drop(unwanted);
    if (!ready) return;
    this.#ready = true;
    this.#again_ms = FIRST_AGAIN_MS;
    if (this.#link) this.#say({ link: this.#link });
    this.send();
  }

  #give_up(why) {
    if (this.#stopped) return;
    this.stop();
    this.#on.stopped(why);
  }

  #later() {
    const wait = this.#again_ms * (0.5 + Math.random() / 2);
    this.#again_ms = Math.min(2 * this.#again_ms, LONGEST_AGAIN_MS);
    setTimeout(() => this.#open(), wait);
  }
}

async function statusOf(url) {
  try {
    return (await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(3000) })).status;
  } catch {
    return null;
  }
}
