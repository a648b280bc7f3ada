// Us two: codes that let a phone in, that somebody came in, one's own way back, and leaving.

import { post, press } from "./api.js";
import { watchPair } from "./pair_news.js";
import { mayLeave } from "./strap_leaving.js";

const byId = (id) => document.getElementById(id);
const problem = byId("problem");

function prepareCodes(part) {
  for (const button of part.querySelectorAll("[data-code-for]")) {
    const which = button.dataset.codeFor;
    button.addEventListener("click", () =>
      press(button, problem, async () => {
        showCode(byId(`code-${which}`), await post("/api/pair/code", { for_other: which === "other" }));
      }),
    );
  }
}

function showCode(place, { code, url, qr, lasts_min, way_back }) {
  const picture = document.createElement("div");
  picture.className = "qr";
  picture.innerHTML = qr;
  picture.querySelector("svg").setAttribute("role", "img");
  picture.querySelector("svg").setAttribute("aria-label", `QR code of ${url}`);
  const link = paragraph("", "caption");
  link.append("Or open ", anchor(url));
  place.replaceChildren(picture, paragraph(code, "code"), link, paragraph(`Works once, for ${lasts_min} minutes.`, "caption soft"));
  if (way_back) place.append(...wayBack(way_back));
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

// One element, so that it can stay when what is around it goes.
function wayBack(words) {
  const told = document.createElement("div");
  told.className = "way-back-told";
  told.append(paragraph("Your own way back, told once. Write it down where only you look:", "soft"), paragraph(words, "way-back-words"));
  return [told];
}

function paragraph(words, kind) {
  const element = document.createElement("p");
  element.className = kind;
  element.textContent = words;
  return element;
}

function anchor(url) {
  const element = document.createElement("a");
  element.href = url;
  element.textContent = url;
  element.dataset.testid = "join-url";
  return element;
}

byId("way-back-new")?.addEventListener("click", () =>
  press(byId("way-back-new"), problem, async () => {
    byId("way-back-shown").replaceChildren(...wayBack((await post("/api/pair/way-back")).words));
  }),
);
byId("sign-out").addEventListener("click", () =>
  press(byId("sign-out"), problem, async () => {
    if (!(await mayLeave(byId("sign-out").dataset.owner))) return;
    await post("/sign-out");
    window.location.replace("/welcome");
  }),
);

function prepareNaming() {
  const naming = byId("name-other");
  naming?.addEventListener("submit", (event) => {
    event.preventDefault();
    press(naming.querySelector("button"), problem, async () => {
      await post("/api/pair", { name: naming.elements.name.value });
      window.location.assign("/agreement");
    });
  });
}

byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  press(byId("rename").querySelector("button"), problem, async () => {
    await post("/api/pair/name", { name: byId("rename").elements.name.value });
    window.location.reload();
  });
});

function prepareLeaving() {
  const dialog = byId("leave-dialog");
  byId("leave-pair")?.addEventListener("click", () => dialog.showModal());
  byId("leave-stay")?.addEventListener("click", () => dialog.close());
  byId("leave-confirm")?.addEventListener("click", () =>
    press(byId("leave-confirm"), problem, async () => {
      await post("/api/pair/leave");
      window.location.reload();
    }),
  );
}

function prepare() {
  prepareCodes(byId("us"));
  prepareNaming();
  prepareLeaving();
}
prepare();
prepareCodes(byId("own-phones"));

// The other has come in, said another name or left: what says so is put in place, and nothing that is being typed or was
// told once goes.
let shown = standing(byId("us").dataset);
let looking = false;

function standing({ other = "", here = "" }) {
  return `${here} ${other}`;
}

watchPair(async (pair) => {
  const now = standing({ other: pair.other ?? "", here: String(pair.both_are_here) });
  if (now === shown || looking || byId("leave-dialog")?.open || byId("name-other")?.contains(document.activeElement)) return;
  looking = true;
  try {
    const answer = await fetch("/two", { cache: "no-store", headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const told = byId("code-other")?.querySelector(".way-back-told");
    const held = byId("us").contains(document.activeElement);
    for (const id of ["us", "be-two"]) byId(id).replaceWith(page.getElementById(id));
    if (told) byId("us").append(told);
    prepare();
    if (held) byId("us").querySelector("a, button").focus({ preventScroll: true });
    shown = standing(byId("us").dataset);
    byId("news").textContent = pair.both_are_here ? `${pair.other} is here.` : "";
  } catch {
    // asked again in a moment
  } finally {
    looking = false;
  }
});
