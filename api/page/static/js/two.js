// Us two: codes that let a phone in, one's own way back, and leaving.

import { post, press } from "./api.js";

const byId = (id) => document.getElementById(id);
const problem = byId("problem");

for (const button of document.querySelectorAll("[data-code-for]")) {
  const which = button.dataset.codeFor;
  button.addEventListener("click", () =>
    press(button, problem, async () => {
      showCode(byId(`code-${which}`), await post("/api/pair/code", { for_other: which === "other" }));
    }),
  );
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

function wayBack(words) {
  return [paragraph("Your own way back, told once. Write it down where only you look:", "soft"), paragraph(words, "way-back-words")];
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
    await post("/sign-out");
    window.location.replace("/welcome");
  }),
);

const naming = byId("name-other");
naming?.addEventListener("submit", (event) => {
  event.preventDefault();
  press(naming.querySelector("button"), problem, async () => {
    await post("/api/pair", { name: naming.elements.name.value });
    window.location.assign("/agreement");
  });
});

byId("rename").addEventListener("submit", (event) => {
  event.preventDefault();
  press(byId("rename").querySelector("button"), problem, async () => {
    await post("/api/pair/name", { name: byId("rename").elements.name.value });
    window.location.reload();
  });
});

const dialog = byId("leave-dialog");
byId("leave-pair")?.addEventListener("click", () => dialog.showModal());
byId("leave-stay")?.addEventListener("click", () => dialog.close());
byId("leave-confirm")?.addEventListener("click", () =>
  press(byId("leave-confirm"), problem, async () => {
    await post("/api/pair/leave");
    window.location.reload();
  }),
);
