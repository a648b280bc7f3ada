// The live stream: views as they come, and what to know when they don't.

const OLD_AFTER_MS = 10_000;
const LOOK_MS = 1000;
const AGAIN_MS = 3000;
const GONE = new Set([401, 404, 409]);

// on: {view(view, fresh), lost(isLost), old(), gone(status)}; fresh: the first view of a connection, whose points are
// everything so far. gone: the server has refused the stream, and refuses the talk itself.
export function follow(url, on) {
  let stream = null;
  let fresh = true;
  let heard = performance.now();
  let stopped = false;

  const open = () => {
    if (stopped) return;
    stream = new EventSource(`${url}/live`);
    stream.addEventListener("open", () => {
      fresh = true;
      on.lost(false);
    });
    stream.addEventListener("view", (event) => {
      heard = performance.now();
      on.view(JSON.parse(event.data), fresh);
      fresh = false;
    });
    stream.addEventListener("error", async () => {
      if (stopped) return;
      // A broken connection is tried again by the browser; a refused one is closed, without saying why.
      const refused = stream.readyState === EventSource.CLOSED;
      const status = refused ? await statusOf(url) : null;
      if (stopped) return;
      if (GONE.has(status)) {
        stop();
        on.gone(status);
        return;
      }
      on.lost(true);
      if (refused) setTimeout(open, AGAIN_MS);
    });
  };
  const watch = setInterval(() => {
    if (performance.now() - heard > OLD_AFTER_MS) on.old();
  }, LOOK_MS);
  window.addEventListener("pagehide", () => stream?.close());
  const stop = () => {
    stopped = true;
    clearInterval(watch);
    stream?.close();
  };
  open();

  return stop;
}

async function statusOf(url) {
  try {
    return (await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(AGAIN_MS) })).status;
  } catch {
    return null;
  }
}
