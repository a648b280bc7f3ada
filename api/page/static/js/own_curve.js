// Whether a wearer sees their own curve is their own switch, also where two sign in on one phone. Nobody else ever sees it.

export function ownCurve(wearerId, button, changed) {
  const remembered = `own-curve ${wearerId}`;
  const shown = () => localStorage.getItem(remembered) !== "off";
  const show = () => {
    button.textContent = shown() ? "Hide my curve" : "Show my curve";
  };
  button.addEventListener("click", () => {
    localStorage.setItem(remembered, shown() ? "off" : "on");
    show();
    changed();
  });
  show();
  return { shown };
}
