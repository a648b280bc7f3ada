"""What a report calls things. Short, present tense, and the same on the page and in the terminal."""

from hrv.artifact_search import Artifact
from hrv.figure import Missing
from hrv.phases import PhaseKind
from hrv.validity import ARTIFACT_SHARE_MAX

MISSING = {
    Missing.TOO_SHORT: "too short",
    Missing.TOO_LONG: "too long",
    Missing.TOO_NOISY: "too noisy",
    Missing.NO_SIGNAL: "no signal",
    Missing.NO_VARIATION: "too even",
    Missing.NO_FIT: "unclear",
    Missing.TOO_SLOW: "not seen",
}
"""In the place of a figure."""

WHY_MISSING = {
    Missing.TOO_SHORT: "less time, or fewer beats, than the figure needs to mean something",
    Missing.TOO_LONG: "more beats than the figure can be worked out for in reasonable time",
    Missing.TOO_NOISY: f"more than {100 * ARTIFACT_SHARE_MAX:.0f} % of the intervals are artifacts, so it would tell of the strap, or of beats out of turn",
    Missing.NO_SIGNAL: "no heartbeat is heard at that moment, or in too much of that time",
    Missing.NO_VARIATION: "the intervals vary too little, and the formula has nothing to divide by",
    Missing.NO_FIT: "the heart does not come down along such a curve, or its end is not in sight",
    Missing.TOO_SLOW: "at this heart rate there are too few beats to show so fast a wave",
}
"""The same as a sentence, to be read once."""

ARTIFACTS = {
    Artifact.MISPLACED: ("misplaced beat", "misplaced beats"),
    Artifact.EXTRA: ("beat too many", "beats too many"),
    Artifact.MISSED: ("missed beat", "missed beats"),
    Artifact.LONG: ("interval too long", "intervals too long"),
    Artifact.SHORT: ("interval too short", "intervals too short"),
    Artifact.GAP: ("gap", "gaps"),
}
"""One, and several."""

WHAT_IS_DONE = {
    Artifact.MISPLACED: "before or after its time; it is moved to where its neighbours say",
    Artifact.EXTRA: "something between two beats was taken for one; it is dropped",
    Artifact.MISSED: "one beat was not seen; it is put in the middle",
    Artifact.LONG: "longer than its neighbours allow; it is replaced by their line",
    Artifact.SHORT: "shorter than its neighbours allow; it is replaced by their line",
    Artifact.GAP: "longer than one missed beat explains; it is left open",
}
"""What an artifact is, and how it is mended before anything is measured."""

PHASES = {
    PhaseKind.BASELINE: "Baseline",
    PhaseKind.TALK: "Talk",
    PhaseKind.RISE: "Rise",
    PhaseKind.FLOOD: "Flood",
    PhaseKind.PAUSE: "Pause",
    PhaseKind.AFTER: "After",
}

SMALLEST_SHARE = 0.001
"""Less is not zero, and does not read as zero."""

NOT_A_DEVICE = "This describes a recording. It does not diagnose, and is not a medical device."


def percent(share: float) -> str:
    """A share of 0..1 in words.

    >>> percent(0.00381), percent(0.05), percent(0), percent(0.0001)
    ('0.4 %', '5.0 %', '0 %', '< 0.1 %')
    """
    if not share:
        return "0 %"
    return f"{100 * share:.1f} %" if share >= SMALLEST_SHARE else f"< {100 * SMALLEST_SHARE:.1f} %"


def count(number: int, one: str, several: str) -> str:
    """A number of things.

    >>> count(1, "beat", "beats"), count(4724, "beat", "beats")
    ('1 beat', '4,724 beats')
    """
    return f"{number:,} {one if number == 1 else several}"


class SinceBeginning:
    """Times of a recording, which knows no clock: since its beginning."""

    def clock(self, t_s: float) -> str:
        """Minutes and seconds, with hours when there are any.

        >>> SinceBeginning().clock(171), SinceBeginning().clock(3661.5)
        ('2:51', '1:01:01')
        """
        minutes, seconds = divmod(int(t_s), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
