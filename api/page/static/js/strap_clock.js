// The time of heartbeats: it runs on the monotonic clock, which no setting of the clock moves, from the time of day.
//
// The monotonic clock may stand still while the computer sleeps. Where the day has jumped away from it, by a sleep or because
// somebody set the clock, a new stream begins, with a time of its own; the server sets each stream beside its own clock.

const JUMP_MS = 1000;
const MOST_IN_A_STREAM = 2 ** 20 - 1;

export class StrapClock {
  #ahead_ms = 0;
  #count = 0;
  stream = 0;

  constructor() {
    this.#begin();
  }

  now() {
    if (Math.abs(aheadNow() - this.#ahead_ms) > JUMP_MS) this.#begin();
    return Math.round((performance.now() + this.#ahead_ms) * 10) / 10;
  }

  // Numbers a packet that has just come: {stream, count, at}.
  next() {
    const at = this.now();
    if (this.#count === MOST_IN_A_STREAM) this.#begin();
    this.#count += 1;
    return { stream: this.stream, count: this.#count, at };
  }

  #begin() {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2));
    this.stream = (high % 2 ** 11) * 2 ** 32 + low; // 43 bits
    this.#count = 0;
    this.#ahead_ms = aheadNow();
  }
}

const aheadNow = () => Date.now() - performance.now();
