// What was typed and is not stored yet: kept in this browser until the server has it, then removed. A window keeps its own.

const PREFIX = "flooding.unsaved.";
const CHECK = "check";
const FORM = "flooding.unsaved-"; // and its name: everything of a form that is not kept yet
const ALL = "flooding.unsaved";

// Browsers without locks, or pages without TLS: a window that still lives cannot be told from one that is gone.
const locks = navigator.locks ?? null;

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export class Unsaved {
  #key;

  constructor(owner, entry, tab) {
    this.#key = PREFIX + [owner, entry, tab].join(".");
    locks?.request(this.#key, () => new Promise(() => {})); // held as long as this window lives
  }

  // sending: what is on its way to the server just now, if anything.
  keep(version, content, sending = null) {
    try {
      localStorage.setItem(this.#key, JSON.stringify({ version, content, sending }));
      return true;
    } catch {
      return false; // storage is full or forbidden: the words are in the window only, until they are stored
    }
  }

  drop() {
    forget(this.#key);
  }
}

// What windows that are gone have left of this owner's entries: [{key, entry, version, content, sending}].
export async function leftBehind(owner) {
  const alive = new Set(((await locks?.query())?.held ?? []).map(({ name }) => name));
  const keys = storedKeys().filter((key) => key.startsWith(`${PREFIX}${owner}.`) && !alive.has(key));
  return keys.flatMap((key) => {
    const kept = parsed(localStorage.getItem(key));
    return kept ? [{ ...kept, key, entry: key.slice(PREFIX.length).split(".")[1] }] : [];
  });
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // then it could not be kept either
  }
}

// What this owner has typed into a form and not kept yet: {key, left}, left null where there is nothing. The day’s check is
// one of them: {day, body, helped, note}.
export function readForm(name, owner) {
  const key = `${FORM}${name}.${owner}`;
  try {
    return { key, left: parsed(localStorage.getItem(key)) };
  } catch {
    return { key, left: null };
  }
}

export function keepForm(name, owner, told) {
  try {
    localStorage.setItem(`${FORM}${name}.${owner}`, JSON.stringify(told));
  } catch {
    // storage is full or forbidden: the words are in the window only, until they are kept
  }
}

// After erasing an entry: nothing typed of it is left here.
export function forgetEntry(entry) {
  for (const key of storedKeys()) if (key.split(".")[3] === entry) forget(key);
}

// After erasing everything: nothing typed is left here at all.
export function forgetAll() {
  for (const key of storedKeys(ALL)) forget(key);
}

// After erasing some days: the words of entries that are gone, and the check of such a day.
export async function forgetDays(from, to) {
  for (const key of storedKeys()) {
    const answer = await fetch(`/api/entries/${encodeURIComponent(key.split(".")[3])}/content`).catch(() => null);
    if (answer?.status === 404) forget(key);
  }
  for (const key of storedKeys(`${FORM}${CHECK}.`)) {
    const day = parsed(localStorage.getItem(key))?.day ?? "";
    if ((!from || from <= day) && (!to || day <= to)) forget(key);
  }
}

function storedKeys(prefix = PREFIX) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}
