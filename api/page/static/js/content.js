// An entry's content as a value: read and changed by path, compared, and two of them put together.

export const same = (a, b) => JSON.stringify(a, inOrder) === JSON.stringify(b, inOrder);

// The same value can come with its names in another order.
const inOrder = (_, value) =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

export const at = (content, path) => path.split(".").reduce((found, name) => found[name], content);

export function put(content, path, value) {
  const names = path.split(".");
  const last = names.pop();
  names.reduce((found, name) => found[name], content)[last] = value;
}

const TEXTS = {
  "trigger.text": "What happened just before",
  "trigger.when": "When",
  "trigger.context": "What was around it",
  "body.text": "Where in your body",
  "behaviour.text": "What you did",
  "behaviour.led_to": "What it led to",
  resonance: "Something older",
  notes: "Notes",
  "disclosure.text": "Your sentence to the other",
};
const LISTS = {
  "trigger.categories": ["Kinds of moment", (one) => one, (one) => one],
  "body.places": ["Places in the body", (one) => one.place, (one) => (one.intensity ? `${one.place} (${one.intensity} of 5)` : one.place)],
  "behaviour.responses": ["What the body did", (one) => one, (one) => one],
  moments: ["Notes at a time", (one) => `${one.t_s} ${one.text}`, (one) => one.text],
  tags: ["Tags", (one) => one, (one) => one],
  labels: ["Your word on a flood", (one) => one.began_t_s, (one) => one.text || (one.flooding ? "flooding" : "not flooding")],
};

// Both, so that no word of either is lost: texts one after the other, lists without doubles; of two words on one flood the first's.
export function together(first, second) {
  const both = structuredClone(first);
  for (const path of Object.keys(TEXTS)) put(both, path, joined(at(first, path), at(second, path)));
  for (const [path, [, key]] of Object.entries(LISTS)) {
    const known = new Set(at(first, path).map(key));
    put(both, path, [...at(first, path), ...at(second, path).filter((one) => !known.has(key(one)))]);
  }
  both.moments.sort((a, b) => a.t_s - b.t_s);
  return both;
}

function joined(a, b) {
  if (!b || a.includes(b)) return a;
  if (!a || b.includes(a)) return b;
  return `${a}\n\n${b}`;
}

// Where two contents differ, in words: [{name, here, there}].
export function differences(here, there) {
  const texts = Object.entries(TEXTS).map(([path, name]) => ({ name, here: at(here, path), there: at(there, path) }));
  const lists = Object.entries(LISTS).map(([path, [name, , words]]) => ({
    name,
    here: at(here, path).map(words).join(", "),
    there: at(there, path).map(words).join(", "),
  }));
  return [...texts, ...lists].filter((one) => one.here !== one.there);
}
