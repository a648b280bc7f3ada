// Canvases keep the size and the colours that they have on the screen. On paper a figure is scaled to the paper's width with
// all that is laid over it, and what was drawn on a dark ground is turned around.

const PAPER_PX = 680;

export function onPaper(figures) {
  window.addEventListener("beforeprint", () => {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    for (const figure of figures) {
      const width = figure.offsetWidth;
      for (const chart of figure.querySelectorAll(".chart")) chart.style.height = `${chart.offsetHeight}px`;
      figure.style.width = `${width}px`;
      figure.style.zoom = String(Math.min(1, PAPER_PX / width));
      figure.classList.toggle("drawn-on-dark", dark);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const figure of figures) {
      for (const chart of figure.querySelectorAll(".chart")) chart.style.height = "";
      figure.style.width = figure.style.zoom = "";
      figure.classList.remove("drawn-on-dark");
    }
  });
}
