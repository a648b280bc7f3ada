// Heartbeats that the server has not acknowledged: in this browser (IndexedDB) until it has, through reloads and restarts.
//
// A packet: {owner, talk, stream, count, at, hex}. Each person's stay apart on a shared phone.

const NAME = "flooding-strap";
const STORE = "packets";
const KEY = ["owner", "talk", "stream", "count"];

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const committed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("not kept"));
  });

async function open() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: KEY });
  const database = await done(opening);
  database.onversionchange = () => database.close();
  return database;
}

const of = (...key) => IDBKeyRange.bound(key, [...key, []]); // an array comes after every number and text

export class StrapBuffer {
  #owner;
  #database = null;

  constructor(owner) {
    this.#owner = owner;
  }

  // Resolves when the packet is on this device's disk; rejects where nothing can be kept (no room, a private window).
  async keep(talk, packet) {
    const transaction = (await this.#open()).transaction(STORE, "readwrite", { durability: "strict" });
    transaction.objectStore(STORE).put({ owner: this.#owner, talk, ...packet });
    await committed(transaction);
  }

  // spans: [[stream, first, last]], the last included.
  async drop(talk, spans) {
    const transaction = (await this.#open()).transaction(STORE, "readwrite");
    for (const [stream, first, last] of spans) {
      const key = [this.#owner, talk, stream];
      transaction.objectStore(STORE).delete(IDBKeyRange.bound([...key, first], [...key, last]));
    }
    await committed(transaction);
  }

  async of(talk) {
    return done((await this.#packets()).getAll(of(this.#owner, talk)));
  }

  // The talks of which something is kept.
  async talks() {
    const keys = await done((await this.#packets()).getAllKeys(of(this.#owner)));
    return [...new Set(keys.map(([, talk]) => talk))];
  }

  async count() {
    return done((await this.#packets()).count(of(this.#owner)));
  }

  // Everything of this person. Only where they say so: it is nowhere else.
  async forget() {
    const transaction = (await this.#open()).transaction(STORE, "readwrite");
    transaction.objectStore(STORE).delete(of(this.#owner));
    await committed(transaction);
  }

  async #packets() {
    return (await this.#open()).transaction(STORE).objectStore(STORE);
  }

  async #open() {
    this.#database ??= await open();
    return this.#database;
  }
}
