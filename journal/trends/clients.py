"""What a clinician sees of clients over time: the caseload, and one client's talks. Each reading is in the client's log."""

from dataclasses import dataclass
from datetime import datetime

from journal.sharing import Grant
from journal.trends.figures import Change, TalkFigures, WeekOfTalks

CASELOAD_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Client:
    """A line of the caseload.

    Attributes:
        shown: the grants in force; with none of them there is nothing to show, and no reason is asked.
        stopped_at: since when nothing is shown any more; None while something is, or where nothing ever was.
        last_talk: of those shown, on the wearer's own clock.
        weeks: the last `CASELOAD_WEEKS` weeks of what is shown, the current one last; empty where nothing is shown.
        direction: floods in the last four of them beside the four before.
        new_entries: shown, and not there when the clinician last looked at this client.
        is_first: the clinician has not looked at anything of this client yet.
        next_appointment: on the clinician's own clock, as they typed it.
    """

    admission_id: str
    wearer_id: str
    name: str
    shown: tuple[Grant, ...]
    stopped_at: datetime | None
    last_talk: datetime | None
    weeks: tuple[WeekOfTalks, ...]
    direction: Change | None
    new_entries: int
    is_first: bool
    next_appointment: datetime | None


@dataclass(frozen=True, slots=True)
class ShownTalk:
    """One talk that is shown, with its figures; `entry_id` opens it."""

    entry_id: str
    figures: TalkFigures


@dataclass(frozen=True, slots=True)
class ShownTrend:
    """One client's talks, oldest first.

    Attributes:
        shown: the grants in force.
        waiting: how many shown talks have no figures yet; they are being computed.
        is_simulated: one of the talks at least has a simulated body.
    """

    wearer_id: str
    name: str
    shown: tuple[Grant, ...]
    talks: tuple[ShownTalk, ...]
    waiting: int
    is_simulated: bool
