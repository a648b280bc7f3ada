// The wearer’s word on a flood or near miss. It stands beside the measurement, can say why, and can be taken back.

import { make } from "./elements.js";

const REASONS = { moving: "Moving", caffeine: "Coffee or tea", excited: "Excited, happy", just_not: "Just not" };
const KINDS = {
  flood: { name: "Flood", says: false, offer: "This wasn’t flooding", said: "You said: this wasn’t flooding" },
  near_miss: { name: "Near miss", says: true, offer: "To me this was flooding", said: "You said: to me this was flooding" },
};

// episodes: [{t_s, kind, clock}]. labels(), change(labels)
export function episodeLabels(list, episodes, { labels, change }) {
  function draw(focused = null) {
    list.replaceChildren(...episodes.map(row));
    if (focused !== null) list.children[focused]?.querySelector("button")?.focus({ preventScroll: true });
  }

  function row({ t_s, kind, clock }, n) {
    const words = KINDS[kind];
    const label = labels().find(({ began_t_s }) => began_t_s === t_s);
    const others = () => labels().filter(({ began_t_s }) => began_t_s !== t_s);
    const item = make("li", { className: "card" });
    item.dataset.testid = "episode";
    item.append(make("h3", { textContent: `${words.name} at ${clock}` }));
    if (!label) {
      item.append(
        press(words.offer, `${words.offer}, at ${clock}`, () => {
          change([...others(), { began_t_s: t_s, flooding: words.says, reason: null, text: "" }]);
          draw(n);
        }),
      );
      return item;
    }
    item.append(make("p", { textContent: `${words.said}.` }));
    if (!label.flooding) item.append(reasons(label, clock));
    const text = make("textarea", { className: "words-in own-words", rows: 1, maxLength: 20_000, value: label.text, placeholder: "In your words, if you like" });
    text.setAttribute("aria-label", `Your word on the one at ${clock}`);
    text.addEventListener("input", () => {
      label.text = text.value;
      change(labels());
    });
    item.append(
      text,
      press("Take that back", `Take back what you said about ${clock}`, () => {
        change(others());
        draw(n);
      }),
    );
    return item;
  }

  function reasons(label, clock) {
    const group = make("div", { className: "chips" });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", `What it was, at ${clock}`);
    for (const [reason, name] of Object.entries(REASONS)) {
      const button = press(name, name, () => {
        label.reason = label.reason === reason ? null : reason;
        change(labels());
        for (const each of group.children) each.setAttribute("aria-pressed", String(each.dataset.reason === label.reason));
      });
      button.dataset.reason = reason;
      button.setAttribute("aria-pressed", String(label.reason === reason));
      group.append(button);
    }
    return group;
  }

  draw();
  return draw;
}

function press(words, name, action) {
  const button = make("button", { type: "button", className: "pill small", textContent: words });
  if (name !== words) button.setAttribute("aria-label", name);
  button.addEventListener("click", action);
  return button;
}
