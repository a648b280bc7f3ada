// The private help page leaves no trace: its link puts the page's content in place of what is on the screen,
// so neither the address nor the history changes. Leaving replaces the screen by an empty page. What the page behind
// it was doing stops: it hears `private` on the document.

const leave = () => window.location.replace("about:blank");

async function openPrivately(event) {
  event.preventDefault();
  const address = event.currentTarget.href;
  try {
    const response = await fetch(address, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const content = page.querySelector("[data-private-page]");
    if (!response.ok || content === null) throw new Error("no such page");
    document.dispatchEvent(new Event("private"));
    document.body.className = "";
    document.body.replaceChildren(content);
    prepare(content);
    window.scrollTo(0, 0);
    content.focus();
  } catch {
    window.location.replace(address);
  }
}

function prepare(page) {
  page.querySelector("[data-leave-quickly]").addEventListener("click", leave);
  page.querySelector("[data-private-back]").addEventListener("click", () => {
    if (window.location.pathname === "/help") window.location.replace("/talk");
    else window.location.reload();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
  });
}

for (const link of document.querySelectorAll("a[data-private]")) link.addEventListener("click", openPrivately);
const here = document.querySelector("[data-private-page]");
if (here) prepare(here);
