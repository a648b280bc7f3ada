// A form whose typed words outlive a reload, in this browser, until they are kept: what differs from what the server sent.

import { forget, keepForm, readForm } from "./unsaved.js";

// name: which form; owner: whose words. unkept: says that they are not kept yet. Returns the fields that had some left, and
// done(), to be called when they are kept.
export function keptForm(form, { name, owner, unkept }) {
  const fields = [...form.elements].filter((field) => field.name);
  const { key, left } = readForm(name, owner);
  const found = fields.filter((field) => typeof left?.[field.name] === "string" && left[field.name] !== field.defaultValue);
  for (const field of found) field.value = left[field.name];
  const keep = () => {
    const changed = fields.filter((field) => field.value !== field.defaultValue);
    if (changed.length > 0) keepForm(name, owner, Object.fromEntries(changed.map((field) => [field.name, field.value])));
    else forget(key);
    unkept.hidden = changed.length === 0;
  };
  keep(); // typed before this script was there, too
  form.addEventListener("input", keep);
  return { found, done: () => forget(key) };
}
