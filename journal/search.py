"""Finding entries by words, tag, category, kind and period: opened and looked through in memory. There is no plaintext index."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from alerts.people import Actor
from journal.content import Content
from journal.entries import Entries, EntrySummary, Kind
from journal.local_time import LocalMoment
from journal.texts import EntryTexts
from journal.values_in import values_in


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What is looked for. What is not said matches everything.

    Attributes:
        words: all of them must occur, in any order, also inside longer words; case and accents do not matter.
        from_day, to_day: days on the entry's own local clock, both included.
    """

    words: str = ""
    tag: str | None = None
    category: str | None = None
    kind: Kind | None = None
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with its words."""

    entry: EntrySummary
    content: Content


class Search:
    """Looks through the actor's own entries."""

    def __init__(self, entries: Entries, texts: EntryTexts) -> None:
        self._entries = entries
        self._texts = texts

    def find(self, actor: Actor, wanted: EntryFilter) -> list[Found]:
        """The actor's entries that match, newest first."""
        contents = self._texts.contents(actor)
        every = (Found(entry, contents.get(entry.id, Content())) for entry in self._entries.list_entries(actor))
        return [found for found in every if matches(found, wanted)]


def matches(found: Found, wanted: EntryFilter) -> bool:
    """Whether an entry is looked for. The quick questions come first."""
    entry, content = found.entry, found.content
    day = LocalMoment(entry.began_at, entry.utc_offset_min).local.date()
    return (
        (wanted.kind is None or wanted.kind in entry.kinds)
        and (wanted.from_day is None or wanted.from_day <= day)
        and (wanted.to_day is None or day <= wanted.to_day)
        and (wanted.tag is None or _has(content.tags, wanted.tag))
        and (wanted.category is None or _has(content.trigger.categories, wanted.category))
        and _has_words(content, wanted.words)
    )


def fold(text: str) -> str:
    """Text for comparing: without case and accents.

    >>> fold("Größe, Café, ﬁne") == fold("GROSSE, cafe, FINE")
    True
    """
    # Decomposed on both sides of the folding: an accent can hide a capital, and a capital can bring an accent.
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    folded = unicodedata.normalize("NFKD", bare.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


def _has(words: tuple[str, ...], wanted: str) -> bool:
    return fold(wanted.strip()) in {fold(word.strip()) for word in words}


def _has_words(content: Content, words: str) -> bool:
    wanted = fold(words).split()
    if not wanted:
        return True
    text = fold("\n".join(values_in(content, str)))
    return all(word in text for word in wanted)
