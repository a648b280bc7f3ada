// The day’s check: what was typed and is not kept yet outlives a reload, in this browser, until it is kept.

import { forget, keepForm, readForm } from "./unsaved.js";

const form = document.querySelector("form[data-day]");

function told() {
  const data = new FormData(form);
  // As a form sends it and the server keeps it, so that the two can be compared.
  return { body: data.get("body"), helped: data.getAll("helped"), note: data.get("note").replaceAll("\r\n", "\n") };
}

function show({ body, helped, note }) {
  for (const field of form.elements) {
    if (field.name === "body") field.checked = field.value === body;
    if (field.name === "helped") field.checked = helped.includes(field.value);
  }
  form.elements.note.value = note;
}

if (form) {
  const { owner, day } = form.dataset;
  const kept = told();
  const { key, left } = readForm("check", owner);
  if (left && left.note.trim() === kept.note.trim() && (left.day !== day || same(left, kept))) forget(key);
  else if (left) {
    // A line of another day, never kept, stands below today’s; the choices of that day are not today’s.
    const note = left.day === day ? left.note : [kept.note, left.note].filter(Boolean).join("\n");
    show(left.day === day ? left : { ...kept, note });
    keepForm("check", owner, { ...told(), day });
    document.getElementById("check-unkept").hidden = false;
  }
  form.addEventListener("input", () => {
    keepForm("check", owner, { ...told(), day });
    document.getElementById("check-unkept").hidden = false;
  });
}

function same(left, kept) {
  return left.body === kept.body && String(left.helped) === String(kept.helped);
}
