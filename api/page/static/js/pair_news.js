// What the server knows of the two, asked again and again: the other may join, say yes or leave at any moment.

const LOOK_MS = 1500;

// show(pair), at once and every second and a half, until the private help is opened.
export function watchPair(show) {
  let stopped = false;
  const look = async () => {
    const answer = await fetch("/api/pair", { cache: "no-store" }).catch(() => null);
    if (stopped) return;
    if (answer?.ok) show(await answer.json());
    else if (answer?.status === 401) window.location.replace("/welcome");
  };
  const looking = setInterval(look, LOOK_MS);
  document.addEventListener("private", () => {
    stopped = true;
    clearInterval(looking);
  });
  look();
}
