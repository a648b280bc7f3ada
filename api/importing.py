"""Files into the journal, without a terminal: what a file says, what a person adds, and one transaction for each file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.people import SERVICE, Actor
from alerts.ports import Stored
from api.notes import talk_start_within
from api.printable import printable
from journal.journal import Journal
from journal.local_time import zone_of_this_machine
from journal.recordings import NewRecording
from sensing.measurement import pack
from sensing.recording import BadRecording, Recording, Row, recordings

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Watches whose clock was never set say earlier dates."""

_CLOCKS_DIFFER = timedelta(days=1)


class NoBeginning(BadRecording):
    """A file that does not say when its recording began."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the person says about the files.

    Attributes:
        began_at: when the one recording began; naive means the clock of `zone`. None to go by the file.
        zone: in which the wearer lived; None means this computer's.
        talk_starts_s: at which second the quiet minutes were over.
        place_is_given: whether the journal's folder was named; only into such a one go simulated talks.
    """

    began_at: datetime | None = None
    zone: tzinfo | None = None
    talk_starts_s: float | None = None
    threshold_bpm: float = 100.0
    place_is_given: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """A recording that is in the journal now.

    Attributes:
        began_at: on the wearer's clock.
        new: whether it was added; False when it was there already.
        zone_assumed: whether the file told a clock without its zone, and none was said.
        has_intervals: whether floods could be looked for at all.
        note: what else there is to know, in words.
    """

    name: str
    began_at: datetime
    length_s: float
    new: bool
    floods: int
    zone_assumed: bool
    has_intervals: bool
    note: str = ""


def import_file(
    journal: Journal, actor: Actor, path: Path, said: Said, *, watch: Callable[[str], None] = lambda _: None
) -> list[Entered]:
    """Store the recordings of one file: all of them, or none when one cannot be.

    Args:
        journal: where to.
        actor: whose recordings they are.
        path: the file.
        said: what the person says about it.
        watch: is told the name of each recording as its turn comes.

    Raises:
        BadRecording: the file cannot be read, or what it says cannot be; nothing of it is stored.
    """
    entered: list[Entered] = []
    held = journal.talks.kinds(SERVICE)
    with journal.recordings.importing(actor) as into:
        for recording in recordings(path):
            watch(recording.name)
            if entered and said.began_at is not None:
                raise BadRecording(path, None, "holds several recordings, and --began can date only one; split it")
            _refuse_the_other_kind(path, recording, held, said)
            new, zone_assumed, note = _new(path, recording, said)
            stored = into.add(new)
            entered.append(
                Entered(
                    name=recording.name,
                    began_at=new.began_at,
                    length_s=(new.ended_at.astimezone(UTC) - new.began_at.astimezone(UTC)).total_seconds(),
                    new=stored.new,
                    floods=stored.floods,
                    zone_assumed=zone_assumed,
                    has_intervals=recording.has_intervals,
                    note=note,
                )
            )
    return entered


def _refuse_the_other_kind(path: Path, recording: Recording, held: set[bool], said: Said) -> None:
    """Invented heartbeats never get into a person's record, nor real ones into a demo's."""
    simulated = recording.talk is not None and recording.talk.simulated
    if simulated and not (said.place_is_given and held <= {True}):
        raise BadRecording(path, None, "is a simulated talk; it goes into a folder of its own: --data DIR")
    if not simulated and True in held:
        raise BadRecording(path, None, "is a real recording, and this journal is a demo’s; name another: --data DIR")


def _new(path: Path, recording: Recording, said: Said) -> tuple[NewRecording, bool, str]:
    """The recording as it is stored, whether its zone was assumed, and what else there is to know."""
    began_at, zone_assumed = _began_at(path, recording, said)
    stored = [Stored(round(row.t_s * 1000) / 1000, _packet(row), row.motion_mg) for row in recording.content]
    talk, note = recording.talk, ""
    if talk is not None:
        topic_began_at, ended_at = talk.topic_began_at, talk.ended_at
    else:
        ended_at = _later(began_at, stored[-1].t_s)
        starts_s, note = talk_start_within(stored[-1].t_s, said.talk_starts_s)
        topic_began_at = None if starts_s is None else _later(began_at, starts_s)
    offset = began_at.utcoffset() or timedelta(0)
    new = NewRecording(
        began_at=began_at,
        utc_offset_min=int(offset.total_seconds() // 60),
        ended_at=ended_at,
        topic_began_at=topic_began_at,
        strap=talk.strap if talk else f"the recording {printable(recording.name)}",
        simulated=talk.simulated if talk else False,
        threshold_bpm=talk.threshold_bpm if talk else said.threshold_bpm,
        stored=stored,
        links=recording.links,
        zone=said.zone.key if isinstance(said.zone, ZoneInfo) else zone_of_this_machine(),
    )
    return new, zone_assumed, note


def _later(moment: datetime, by_s: float) -> datetime:
    """So many seconds after `moment`, in UTC: added to a clock on the wall they would be an hour off when it is changed."""
    return moment.astimezone(UTC) + timedelta(seconds=by_s)


def _packet(row: Row) -> bytes:
    if row.packet is not None:
        return row.packet
    assert row.measurement is not None  # noqa: S101  a row without a packet is one that was measured
    return pack(row.measurement)


def _began_at(path: Path, recording: Recording, said: Said) -> tuple[datetime, bool]:
    """When it began, on the wearer's clock, and whether that clock's zone was assumed."""
    told = recording.began_at if said.began_at is None else said.began_at
    if recording.talk is not None and said.began_at is not None:
        raise BadRecording(path, None, "is an exported talk and tells when it began; leave --began out")
    if told is None:
        raise NoBeginning(path, None, "does not say when it began; import it alone with --began '2026-03-12 20:00'")
    assumed = told.tzinfo is None and said.zone is None
    try:
        began_at = told if recording.talk is not None else _on_wearers_clock(told, said.zone)
        sound = _EARLIEST <= began_at <= datetime.now(UTC) + _CLOCKS_DIFFER
    except (OverflowError, ValueError, OSError):
        sound = False
    if not sound:
        raise BadRecording(
            path, None, f"began at {told.isoformat(' ', 'minutes')}, which cannot be; say when with --began"
        )
    return began_at, assumed


def _on_wearers_clock(told: datetime, zone: tzinfo | None) -> datetime:
    if told.tzinfo is None:
        return told.replace(tzinfo=zone) if zone else told.astimezone()
    # UTC is how files say "some moment"; any other offset is the wearer's own.
    return told if told.utcoffset() else told.astimezone(zone)
