// What the page says of a strap that it reads itself.

import { plural } from "./clock.js";

const hand = () => (window.matchMedia("(pointer: coarse)").matches ? "phone" : "computer");

export const readerWords = () => `Use a strap with this ${hand()}’s browser`;

const CANNOT = {
  none: "This browser can’t read a strap. Chrome or Edge can, on Android, Windows and Mac (on Linux only where Web Bluetooth is switched on); so can the computer that runs the program, by its own Bluetooth.",
  insecure: "Over a connection without TLS no browser reads a strap. The computer that runs the program can, by its own Bluetooth.",
};

export const cannotRead = (why) => CANNOT[why] ?? "";

const STOPPED = {
  elsewhere: "Another browser of yours reads the strap now.",
  other: "This talk listens to a strap by the server’s own Bluetooth.",
  simulated: "This is a simulated talk: it takes no real strap.",
  refused: "You are signed out, or the talk is not yours. What isn’t stored yet stays here.",
  malformed: "The server doesn’t understand this page. Load it again; what isn’t stored yet stays here.",
};

export const stoppedWords = (why) => STOPPED[why] ?? "";

// A strap speaks about once a second.
export function keptWords(packets, isSafe) {
  const seconds = plural(packets, "second");
  const wait = packets === 1 ? "waits" : "wait";
  if (isSafe) return `${seconds} of your heartbeats ${wait} here until the server has them. Nothing is lost.`;
  return `${seconds} of your heartbeats ${wait} in this window only: this browser keeps nothing (a private window, or no room). Leave it open until the server has them.`;
}
