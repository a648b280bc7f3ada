"""What is derived from a recording: its packets in, its timeline and its figures out.

Pure, and without a database or a key, so that it runs on any processor and on any machine (`api.many_processors`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from alerts.ports import Stored, Talk
from alerts.talk_state import TalkState
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from journal.timeline import Timeline, timeline
from journal.timeline_bytes import TimelineBytes, encode
from journal.trends.figures import TalkFigures
from journal.trends.talk_figures import FIGURES_VERSION, talk_figures

TIMELINE_VERSION = "1"
"""Changes whenever the same readings would be stored, or divided into phases, differently."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finished talk's recording.

    Attributes:
        state: the talk as its wearer lived it (`journal.own_share.as_lived`).
        settings: today's; the talk's own line is put into them.
    """

    talk: Talk
    state: TalkState
    stored: Sequence[Stored]
    settings: DetectorSettings


@dataclass(frozen=True, slots=True)
class Derived:
    """What is kept of it.

    Attributes:
        packets: of how many it was made.
        basis, figures_basis: what they were made with (`basis_of`, `figures_basis_of`).
    """

    timeline: TimelineBytes
    figures: TalkFigures
    packets: int
    basis: str
    figures_basis: str


def derive(recorded: Recorded) -> Derived:
    """Walk the packets through this program's detector. Equal input gives equal bytes, wherever it runs."""
    return derived_from(recorded.talk, recorded.state, recorded.settings, walked(recorded), len(recorded.stored))


def walked(recorded: Recorded) -> Timeline:
    """The timeline alone; also of a talk that goes on."""
    inside = replace(recorded.settings, threshold_bpm=recorded.talk.threshold_bpm)
    return timeline(recorded.talk, recorded.state, recorded.stored, inside)


def derived_from(talk: Talk, state: TalkState, settings: DetectorSettings, found: Timeline, packets: int) -> Derived:
    """What is kept of a timeline that is there already."""
    return Derived(
        encode(found),
        talk_figures(talk, state, found),
        packets,
        basis_of(settings, talk.threshold_bpm),
        figures_basis_of(settings, talk.threshold_bpm),
    )


def basis_of(settings: DetectorSettings, threshold_bpm: float) -> str:
    """What a timeline is made with. A kept one with another basis is old.

    >>> basis_of(DetectorSettings(), 100.0) == basis_of(DetectorSettings(), 110.0)
    False
    """
    return f"{ALGORITHM_VERSION}/{TIMELINE_VERSION}/{_mark_of(settings, threshold_bpm)}"


@cache
def _mark_of(settings: DetectorSettings, threshold_bpm: float) -> str:
    inside = replace(settings, threshold_bpm=threshold_bpm)
    return hashlib.sha256(repr(inside).encode()).hexdigest()[:16]


def version_in(basis: str) -> str:
    """The detector's version in the basis of a timeline.

    >>> version_in(basis_of(DetectorSettings(), 100.0)) == ALGORITHM_VERSION
    True
    """
    return basis.partition("/")[0]


def figures_basis_of(settings: DetectorSettings, threshold_bpm: float, *, from_minutes: bool = False) -> str:
    """What figures are made with, and from."""
    return f"{'minutes' if from_minutes else 'packets'}/{FIGURES_VERSION}/{basis_of(settings, threshold_bpm)}"
