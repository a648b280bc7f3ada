// Whether a wearer sees their own curve is their own switch, on their own phone. Nobody else ever sees it.

const REMEMBERED = "own-curve";

export function ownCurve(button, changed) {
  const shown = () => localStorage.getItem(REMEMBERED) !== "off";
  const show = () => {
    button.textContent = shown() ? "Hide my curve" : "Show my curve";
  };
  button.addEventListener("click", () => {
    localStorage.setItem(REMEMBERED, shown() ? "off" : "on");
    show();
    changed();
  });
  show();
  return { shown };
}
