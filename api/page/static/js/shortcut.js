// P calls a pause, unless this person has turned the key off.

const REMEMBERED = "pause-key";

export function pauseKey({ hint, toggle }, call) {
  const isOn = () => localStorage.getItem(REMEMBERED) !== "off";
  const show = () => {
    hint.hidden = !isOn();
    toggle.textContent = isOn() ? "Turn the key off" : "Let the P key pause";
  };
  toggle.addEventListener("click", () => {
    localStorage.setItem(REMEMBERED, isOn() ? "off" : "on");
    show();
  });
  document.addEventListener("keydown", (event) => {
    const busy = event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select");
    if (isOn() && !busy && event.key.toLowerCase() === "p" && !document.querySelector("dialog[open]")) call();
  });
  show();
}
