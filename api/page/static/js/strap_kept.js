// What is kept of one talk: in memory to be sent, and on this device until it is stored there.

export class StrapKept {
  #buffer;
  #talk;
  #changed;
  #packets = new Map();
  isSafe = true; // false: this browser keeps nothing, and what is not stored yet is in this window only

  constructor(buffer, talk, changed) {
    this.#buffer = buffer;
    this.#talk = talk;
    this.#changed = changed;
  }

  // What earlier pages of this browser have left.
  async load() {
    try {
      for (const { stream, count, at, hex } of await this.#buffer.of(this.#talk)) this.#put({ stream, count, at, hex });
    } catch {
      this.isSafe = false;
    }
    this.#changed();
  }

  // Kept on this device first, and only then sent.
  async add(packet) {
    try {
      await this.#buffer.keep(this.#talk, packet);
      this.isSafe = true;
    } catch {
      this.isSafe = false;
    }
    this.#put(packet);
    this.#changed();
  }

  drop(spans) {
    for (const [stream, first, last] of spans) {
      for (let count = first; count <= last; count += 1) this.#packets.delete(`${stream}/${count}`);
    }
    this.#buffer.drop(this.#talk, spans).catch(() => {}); // it is sent once more, then, and known there
    this.#changed();
  }

  packets() {
    return [...this.#packets.values()];
  }

  // [[stream, first, last]]: at most 256 of them.
  spans() {
    const spans = new Map();
    for (const { stream, count } of this.#packets.values()) {
      const [, first, last] = spans.get(stream) ?? [stream, count, count];
      spans.set(stream, [stream, Math.min(first, count), Math.max(last, count)]);
    }
    return [...spans.values()].slice(0, 256);
  }

  // How long the oldest has been waiting.
  age_ms(now_ms) {
    return this.packets().reduce((age_ms, { at }) => Math.max(age_ms, now_ms - at), 0);
  }

  get size() {
    return this.#packets.size;
  }

  #put(packet) {
    this.#packets.set(`${packet.stream}/${packet.count}`, packet);
  }
}
