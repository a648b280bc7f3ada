"""Seconds of bodies, as the policy gets them."""

from hrv.figure import Missing
from hrv.reading import ArousalState, Baseline, Episode, Reading, Signal, Threshold

LINE = Threshold(100.0, 95.0)
USUAL = Baseline(72.0, 40.0, 300, provisional=False)


def episode(began_t_s=1200.0):
    return Episode(
        began_t_s, began_t_s - 20, None, None, 112.0, began_t_s, 72.0, False, 40.0, 20, 40.0, None,
        Missing.TOO_SHORT, 1.0, LINE, "test",
    )  # fmt: skip


def reading(
    state=ArousalState.CALM, *, t_s=1200.0, signal=Signal.OK, bpm=110.0, near_usual_s=0, baseline=USUAL, flood=None
):
    """One second of a body. A flooded one has its flood, whether it is told or not."""
    if state is ArousalState.FLOODED and flood is None:
        flood = episode()
    return Reading(
        t_s, state, signal, bpm, None, Missing.TOO_SHORT, None, Missing.TOO_SHORT, 1.0, LINE, baseline,
        near_usual_s, (), flood, "",
    )  # fmt: skip


FLOODED = reading(ArousalState.FLOODED)
