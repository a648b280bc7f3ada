// Drafts the sentence that the wearer may tell the other, out of what they wrote. It speaks of the wearer only. What is not
// written is left out, never held open by dots: each part stands by itself, and their own words come after a colon or in
// brackets, where any words fit.

const INVITATION = "What are your thoughts? Does it fit what you have seen?";
const IMPULSES = { pursue: "to pursue", withdraw: "to withdraw", attack: "to attack", freeze: "to freeze" };

export function drafted({ trigger, body, behaviour, resonance }) {
  const happened = inside(trigger.text);
  const first = [felt(body), impulse(behaviour)].filter(Boolean);
  if (first.length === 0) first.push("I notice that something happens in me");
  const [begun, ...more] = first;
  const said = [`When something like this happens${happened ? ` (${happened})` : ""}, ${begun}`, ...more.map(capital)];
  if (inside(resonance)) said.push(`I think it relates to something older: ${inside(resonance)}`);
  said.push("I share this so you can understand, not so that you fix it", INVITATION);
  return said.map(ended).join(" ");
}

function felt({ text, places }) {
  if (inside(text)) return `I notice in my body: ${inside(text)}`;
  const named = places.map(({ place }) => lowered(inside(place))).filter(Boolean);
  return named.length > 0 ? `I notice I feel it in my body: ${listed(named)}` : "";
}

function impulse({ responses, text }) {
  if (responses.length > 0) return `my automatic impulse is ${listed(responses.map((one) => IMPULSES[one]))}`;
  return inside(text) ? `my automatic impulse is this: ${inside(text)}` : "";
}

// Words that stand inside a sentence: without what separates them from others; nothing, where there is no word in them.
function inside(text) {
  const words = text.replace(/\s+/g, " ").replace(/^[.,;:\s]+/, "").replace(/[.,;:\s]+$/, "").trim();
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(words) ? words : "";
}

const ended = (sentence) => (/[.!?…][”’"')»]*$/.test(sentence) ? sentence : `${sentence}.`);
const listed = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0]);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// A word’s first letter inside a sentence; “I”, and what is written in capitals, stays what it is.
const lowered = (text) => (/^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
