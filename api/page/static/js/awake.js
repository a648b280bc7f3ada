// Keeps the screen on through talk and pause, where the browser can.

let lock = null;

export async function stayAwake(wanted) {
  if (!wanted) {
    await lock?.release().catch(() => {});
    lock = null;
  } else if (navigator.wakeLock && document.visibilityState === "visible" && (lock === null || lock.released)) {
    lock = await navigator.wakeLock.request("screen").catch(() => null);
  }
}
