"""What a recording cannot give of what was asked for, in words for the person who asked."""

from typing import TYPE_CHECKING

from api.printable import printable

if TYPE_CHECKING:
    from sensing.recording import Recording


def talk_start_within(recording: "Recording", talk_starts_s: float | None) -> tuple[float | None, str | None]:
    """The start of the talk, if the recording reaches that far; if not, all of it was quiet minutes, and a note says so."""
    length_s = recording.content[-1].t_s
    if talk_starts_s is None or talk_starts_s <= length_s:
        return talk_starts_s, None
    return None, f"{printable(recording.name)} ends at {length_s:.0f} s, before the talk starts"


def without_intervals(recording: "Recording") -> str | None:
    """A note for a recording of a heart rate alone, in which nothing can be found or measured."""
    if recording.has_intervals:
        return None
    return (
        f"{printable(recording.name)} holds a heart rate without RR intervals: no flood is looked for, nothing measured"
    )
