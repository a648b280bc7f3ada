// The live stream: views as they come, and what to know when they don't.

const OLD_AFTER_MS = 10_000;
const LOOK_MS = 1000;
const AGAIN_MS = 3000;

// on: {view(view, fresh), lost(isLost), old()}; fresh: the first view of a connection, whose points are everything so far.
export function follow(url, on) {
  let stream = null;
  let fresh = true;
  let heard = performance.now();
  let stopped = false;

  const open = () => {
    if (stopped) return;
    stream = new EventSource(url);
    stream.addEventListener("open", () => {
      fresh = true;
      on.lost(false);
    });
    stream.addEventListener("view", (event) => {
      heard = performance.now();
      on.view(JSON.parse(event.data), fresh);
      fresh = false;
    });
    stream.addEventListener("error", () => {
      if (stopped) return;
      on.lost(true);
      if (stream.readyState === EventSource.CLOSED) setTimeout(open, AGAIN_MS);
    });
  };
  const watch = setInterval(() => {
    if (performance.now() - heard > OLD_AFTER_MS) on.old();
  }, LOOK_MS);
  window.addEventListener("pagehide", () => stream?.close());
  open();

  return () => {
    stopped = true;
    clearInterval(watch);
    stream?.close();
  };
}
