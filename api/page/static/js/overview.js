// The whole talk in a strip, with the part that is in view marked on it. Drag to move.

import { rangeOf } from "./series.js";

const HEIGHT = 100;
const WIDTH = 1000;

export class Overview {
  constructor(place, talk, onMove) {
    this.place = place;
    this.length_s = talk.length_s;
    this.frame = place.querySelector(".window");
    place.querySelector("svg").setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    place.querySelector("path").setAttribute("d", trace(talk));
    place.addEventListener("pointerdown", (event) => {
      place.setPointerCapture(event.pointerId);
      onMove(this.#seconds(event));
    });
    place.addEventListener("pointermove", (event) => {
      if (place.hasPointerCapture(event.pointerId)) onMove(this.#seconds(event));
    });
  }

  show([from, to]) {
    this.place.hidden = to - from > this.length_s - 1;
    this.frame.style.left = `${(from / this.length_s) * 100}%`;
    this.frame.style.width = `${((to - from) / this.length_s) * 100}%`;
  }

  #seconds(event) {
    const box = this.place.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * this.length_s;
  }
}

function trace({ t_s, bpm, length_s }) {
  const [low, high] = rangeOf(bpm) ?? [60, 120];
  const every = Math.max(1, Math.floor(t_s.length / 400));
  let path = "";
  let joined = false;
  for (let i = 0; i < t_s.length; i += every) {
    if (bpm[i] !== null) {
      const height = 88 - ((bpm[i] - low) / Math.max(1, high - low)) * 76;
      path += `${joined ? "L" : "M"}${((t_s[i] / length_s) * WIDTH).toFixed(1)} ${height.toFixed(1)}`;
    }
    joined = bpm[i] !== null;
  }
  return path;
}
