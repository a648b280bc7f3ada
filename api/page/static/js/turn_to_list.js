// The private short list, read when it is asked for.

export async function turnTo(list, none) {
  const answer = await fetch("/api/turn-to", { cache: "no-store" }).catch(() => null);
  if (!answer?.ok) {
    none.textContent = "Your list can’t be read just now. Close this and open it again in a moment.";
    return;
  }
  const people = await answer.json();
  list.replaceChildren(...people.map(line));
  none.textContent = people.length ? "Only you see this list." : "Nobody is on your list yet. Only you will see it.";
}

function line({ name, how }) {
  const item = document.createElement("li");
  const who = document.createElement("b");
  who.textContent = name;
  const reach = document.createElement("span");
  reach.textContent = how ? ` ${how}` : "";
  item.append(who, reach);
  return item;
}
