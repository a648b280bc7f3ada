// Speaks to the server. A refusal becomes a Problem whose message a person can read.

export class Problem extends Error {}

export const post = (url, body = {}) => send(url, "application/json", JSON.stringify(body));

export const upload = (url, file) => send(url, "application/zip", file);

async function send(url, type, body) {
  let response;
  try {
    response = await fetch(url, { method: "POST", headers: { "Content-Type": type }, body });
  } catch {
    throw new Problem("The server can’t be reached. Nothing has changed; try again in a moment.");
  }
  if (response.ok) return response.status === 204 ? null : response.json();
  throw new Problem(await reasonOf(response));
}

async function reasonOf(response) {
  const problem = await response.json().catch(() => ({}));
  const told = typeof problem.detail === "string" ? problem.detail : problem.title;
  return told || `That didn’t work (${response.status}). Nothing has changed.`;
}

// Runs `action` for a button: one at a time, and what went wrong is said in `place`.
export async function press(button, place, action) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  place.hidden = true;
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    (button.closest("[role=group], .two, .choices, .row") ?? button).after(place);
    place.textContent = error.message;
    place.hidden = false;
    place.scrollIntoView({ block: "nearest" });
  } finally {
    button.removeAttribute("aria-busy");
  }
}
