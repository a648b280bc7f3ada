// Words that a window left unsaved: taken up where they are the next on what is stored, else kept beside it on the server.

import { same } from "./content.js";
import { putContent } from "./saving.js";
import { forget, leftBehind } from "./unsaved.js";

// Returns {stored, content, sent, keys}: what the server has now, what the page shows, what that window sent (it may have
// arrived), and what to forget once this window keeps the words.
export async function recovered(owner, entry, stored) {
  const found = { stored, content: structuredClone(stored.content), sent: [], keys: [] };
  for (const left of await leftBehind(owner)) {
    if (left.entry === entry && same(left.content, stored.content)) forget(left.key);
    else if (left.entry === entry && follows(left, stored) && found.keys.length === 0) {
      found.content = left.content;
      found.sent = [left.content, left.sending].filter(Boolean).map((sent) => structuredClone(sent));
      found.keys.push(left.key);
    } else {
      const answer = await settle(left);
      if (left.entry === entry && answer) found.stored = answer;
    }
  }
  return found;
}

const follows = (left, stored) =>
  left.version === stored.version || (left.version + 1 === stored.version && same(left.sending, stored.content));

async function settle({ key, entry, version, content }) {
  try {
    const answer = await putContent(entry, { version, tab: key.split(".").at(-1), content });
    // Not found: the entry was erased since, and so is this.
    if (answer.ok || answer.status === 404) forget(key);
    const told = answer.status === 409 ? await answer.json() : {};
    if (told.stored) forget(key);
    return told.stored ?? null;
  } catch {
    return null; // the next visit tries again
  }
}
