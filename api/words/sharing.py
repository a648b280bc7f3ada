"""What is shown to a clinician, and what they looked at, in words."""

from datetime import UTC, date, datetime  # noqa: F401  for the examples

from api.words.amounts import day_words, when_words
from journal.access_log import Looked
from journal.chain import Broken, Fault
from journal.publication import LEASE
from journal.sharing import Grant

GONE = "Somebody whose account is gone"

_LOOKED = {
    Looked.CASELOAD: "saw your line in their list of clients",
    Looked.TRENDS: "looked at your trends",
    Looked.ENTRIES: "saw the list of the entries you show",
    Looked.ENTRY: "read {entry}, without your words",
    Looked.WORDS: "read {entry}, with your words",
    Looked.REPORT: "made a report of your trends, to print",
    Looked.EXPORT: "took the figures that you show along as a file",
}

OWN_LOOKED = {
    Looked.CASELOAD: "In your list of clients",
    Looked.TRENDS: "Trends",
    Looked.ENTRIES: "List of entries",
    Looked.ENTRY: "An entry, without words",
    Looked.WORDS: "An entry, with words",
    Looked.REPORT: "Report",
    Looked.EXPORT: "File",
}
"""The same, told to the reader."""

_FAULTS = {
    Fault.CHANGED: "Line {place} of this log is not as it was written.",
    Fault.MISSING: "Line {place} of this log is missing.",
    Fault.CUT_OFF: "This log once had more lines: line {place} and what came after it are missing.",
}


def looked_at(reader: str | None, looked: Looked, entry: str | None) -> str:
    """A line of the log. `entry` names what was read; None where that is erased.

    >>> looked_at("Dr. Weiss", Looked.ENTRY, "your entry of Monday 9 March")
    'Dr. Weiss read your entry of Monday 9 March, without your words.'
    >>> looked_at(None, Looked.WORDS, None)
    'Somebody whose account is gone read an entry that is erased since, with your words.'
    """
    said = _LOOKED[looked].format(entry=entry or "an entry that is erased since")
    return f"{reader or GONE} {said}."


def log_state(fault: Broken | None, lines: int, *, of_clinics: bool = False) -> str:
    """Whether the log can be believed. Lines `of_clinics` are beside those of this computer, which alone are signed here.

    >>> log_state(Broken(3, Fault.MISSING), 7)
    'Line 3 of this log is missing. Somebody with access to the journal’s files has changed it.'
    """
    if fault is None and of_clinics:
        own = "Every line of this computer’s is as it was written, and none is missing." if lines else ""
        return f"{own} Lines of a clinic are as it told them.".strip()
    if fault is None:
        return (
            "Every line is as it was written, and none is missing." if lines else "Nobody has looked at anything yet."
        )
    return (
        f"{_FAULTS[fault.fault].format(place=fault.place)} Somebody with access to the journal’s files has changed it."
    )


def shown_words(entry: str | None, grant: Grant) -> str:
    """What a grant shows; `entry` names the one that it is about.

    >>> march = datetime(2026, 3, 9, 23, tzinfo=UTC)
    >>> shown_words(None, Grant("g", None, march, False, march, zone="Europe/Berlin"))
    'Everything since 10 March 2026: the heart’s side, without your words'
    >>> shown_words("The entry of Monday 9 March", Grant("g", "e", None, True, march, march, zone="Europe/Berlin"))
    'The entry of Monday 9 March: with your words, to the end of 9 March 2026'
    """
    what = entry or (f"Everything since {_day(grant.from_day)}" if grant.from_day else "An entry that is erased")
    side = "with your words" if grant.with_words else "the heart’s side, without your words"
    until = f", to the end of {_day(grant.until_day)}" if grant.until_day else ""
    return f"{what}: {side}{until}"


def from_home_words(confirmed_at: datetime | None) -> str | None:
    """What a clinician is told of a client's record that comes from home: until when it is confirmed, and kept."""
    if confirmed_at is None:
        return None
    until = when_words((confirmed_at + LEASE).astimezone())
    return f"From the client’s home, which confirmed it on {when_words(confirmed_at.astimezone())}. Without another word from there it is gone on {until}."


def _day(day: date) -> str:
    return f"{day_words(day)} {day.year}"
