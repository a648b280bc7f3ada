// Times of a recording, which knows no clock: since its beginning, as its text has them.

// 171 -> "2:51", 3661 -> "1:01:01"
function sinceBeginning(t) {
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(t / 3600), Math.floor(t / 60) % 60, Math.floor(t % 60)];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

export const fromTheBeginning = { first_s: 0, words: sinceBeginning };
