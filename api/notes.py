"""What a recording cannot give of what was asked for, in words for the person who asked."""

from sensing.recording import Recording


def talk_start_within(length_s: float, talk_starts_s: float | None) -> tuple[float | None, str]:
    """The start of the talk if the recording reaches that far; if not, all of it was quiet minutes, and a note says so.

    >>> talk_start_within(600.0, 300.0), talk_start_within(60.0, 300.0)
    ((300.0, ''), (None, 'ends at 60 s, before the talk starts'))
    """
    if talk_starts_s is None or talk_starts_s <= length_s:
        return talk_starts_s, ""
    return None, f"ends at {length_s:.0f} s, before the talk starts"


def without_intervals(recording: Recording) -> str:
    """A note for a recording of a heart rate alone, in which nothing can be found or measured."""
    if recording.has_intervals:
        return ""
    return "holds a heart rate without RR intervals: no flood is looked for, nothing measured"
