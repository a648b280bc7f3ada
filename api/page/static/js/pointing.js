// Drag to move, two fingers to zoom, keys for both. Says what is meant, moves nothing itself.

const KEY_SHARE = 0.2;

// on: {pan(px), zoom(factor), panShare(share), whole(), read(direction)}
export function pointing(place, on) {
  const held = new Map();
  const spread = () => {
    const [a, b] = [...held.values()];
    return Math.max(20, Math.abs(a - b));
  };
  place.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, event.clientX);
    place.setPointerCapture(event.pointerId);
  });
  place.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const before = held.size === 2 ? spread() : held.get(event.pointerId);
    held.set(event.pointerId, event.clientX);
    if (held.size === 2) on.zoom(before / spread());
    else on.pan(before - event.clientX);
  });
  const release = (event) => held.delete(event.pointerId);
  place.addEventListener("pointerup", release);
  place.addEventListener("pointercancel", release);
  place.addEventListener("keydown", (event) => {
    const meant = {
      ArrowLeft: () => (event.shiftKey ? on.read(-1) : on.panShare(-KEY_SHARE)),
      ArrowRight: () => (event.shiftKey ? on.read(1) : on.panShare(KEY_SHARE)),
      "+": () => on.zoom(0.5),
      "=": () => on.zoom(0.5),
      "-": () => on.zoom(2),
      Home: () => on.whole(),
    }[event.key];
    if (!meant || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    meant();
  });
}
