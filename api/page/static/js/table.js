// A chart's table: shown and hidden by its button, filled with one row a minute.

export function toggled(button, place, whenShown = () => {}) {
  button.addEventListener("click", () => {
    const open = place.hidden;
    place.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    whenShown();
    place.scrollIntoView({ block: "nearest" });
  });
}

export function fillMinutes(place, minutes) {
  const table = document.createElement("table");
  table.createCaption().textContent = "The last ten minutes";
  const head = table.createTHead().insertRow();
  for (const name of ["Time", "Beats a minute", "Signal"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { at, range, missing_s } of minutes) {
    const row = body.insertRow();
    row.insertCell().textContent = at;
    row.insertCell().textContent = range === null ? "–" : range[0] === range[1] ? `${range[0]}` : `${range[0]} to ${range[1]}`;
    row.insertCell().textContent = missing_s > 0 ? `none for ${missing_s} s` : "good";
  }
  place.replaceChildren(table);
}
