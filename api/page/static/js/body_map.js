// The drawn body: a dot for each place that was chosen, larger where it was felt more. The list beside it says and does the same.

import { svg } from "./svg.js";

const SPOTS = {
  Head: [50, 10], Face: [50, 23], Jaw: [50, 33], Throat: [50, 42], Shoulders: [29, 52], Chest: [50, 64],
  Back: [62, 76], Stomach: [50, 90], Hands: [14, 116], Legs: [41, 150],
};
const BOTH_SIDES = { Shoulders: [71, 52], Hands: [86, 116], Legs: [59, 150] };
const NEAR = 16;

// places(): [{place, intensity}]. toggle(place)
export function bodyMap(map, places, toggle) {
  const felt = map.querySelector(".felt");
  map.addEventListener("click", (event) => {
    const { left, top, width, height } = map.getBoundingClientRect();
    const [, , across, down] = map.getAttribute("viewBox").split(" ").map(Number);
    const [x, y] = [((event.clientX - left) / width) * across, ((event.clientY - top) / height) * down];
    const far = (spot) => (spot ? Math.hypot(spot[0] - x, spot[1] - y) : Infinity);
    const [place, distance] = Object.keys(SPOTS)
      .map((name) => [name, Math.min(far(SPOTS[name]), far(BOTH_SIDES[name]))])
      .sort((a, b) => a[1] - b[1])[0];
    if (distance < NEAR) toggle(place);
  });
  return () =>
    felt.replaceChildren(
      ...places().flatMap(({ place, intensity }) =>
        [SPOTS[place], BOTH_SIDES[place]].filter(Boolean).flatMap(([cx, cy]) => [
          svg("circle", { cx, cy, r: 4 + 1.6 * (intensity ?? 2), class: "glow" }),
          svg("circle", { cx, cy, r: 4.5, class: "spot" }),
        ]),
      ),
    );
}
