"""Where in a recording the talk starts, as the command line was told."""

import sys
from typing import TYPE_CHECKING

from api.printable import printable

if TYPE_CHECKING:
    from sensing.recording import Recording


def talk_start_within(recording: "Recording", talk_starts_s: float | None) -> float | None:
    """The start of the talk, if the recording reaches that far; if not, says so, and all of it was quiet minutes."""
    length_s = recording.content[-1].t_s
    if talk_starts_s is None or talk_starts_s <= length_s:
        return talk_starts_s
    print(f"{printable(recording.name)} ends at {length_s:.0f} s, before the talk starts", file=sys.stderr)
    return None
