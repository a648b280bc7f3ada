// Drafts the sentence that the wearer may tell the other, out of what they wrote. It speaks of the wearer only.

const INVITATION = "What are your thoughts? Does it fit what you have seen?";
const IMPULSES = { pursue: "to pursue", withdraw: "to withdraw", attack: "to attack", freeze: "to freeze" };

export function drafted({ trigger, body, behaviour, resonance }) {
  const places = body.places.map(({ place }) => place.toLowerCase());
  const felt = inside(body.text) || (places.length > 0 ? `it in my ${listed(places)}` : "");
  const impulse = behaviour.responses.length > 0 ? listed(behaviour.responses.map((one) => IMPULSES[one])) : quoted(behaviour.text);
  const happened = inside(trigger.text);
  const said = [
    `When something like this happens${happened ? ` (${happened})` : " (…)"}, I notice I feel ${felt ? lowered(felt) : "…"}; my automatic impulse is ${impulse || "…"}.`,
  ];
  if (inside(resonance)) said.push(`I think it relates to something older: ${lowered(inside(resonance))}.`);
  said.push("I share this so you can understand, not so that you fix it.", INVITATION);
  return said.join(" ");
}

const inside = (text) => text.replace(/\s+/g, " ").trim().replace(/[.,;:\s]+$/, "");
const quoted = (text) => (inside(text) ? `this: ${lowered(inside(text))}` : "");
const listed = (words) => (words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0]);

// A sentence’s first letter inside another sentence; “I” stays what it is.
const lowered = (text) => (/^I\b/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1));
