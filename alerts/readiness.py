"""What time and the body do to a running pause: ready, ready no more, missed. Pure: the state in, the state out."""

from datetime import datetime

from alerts.pause import Pause, PauseState, PauseTrigger, step
from alerts.policy_settings import PolicySettings
from alerts.talk_state import TalkState
from hrv.reading import ArousalState, Reading, Signal


def move_pause(
    state: TalkState, wearer_id: str, reading: Reading | None, now: datetime, settings: PolicySettings
) -> TalkState:
    """The state after one second of the pause for this wearer: at most one step of their own way through it."""
    if state.pause is None:
        return state
    own = pause = state.pause.of(wearer_id)
    if pause.state in {PauseState.RUNNING, PauseState.EXTENDED} and may_be_ready(pause, reading, now, settings):
        pause = step(pause, PauseTrigger.CALM_ENOUGH, now)
    elif pause.state is PauseState.READY and has_stirred(pause, reading, now, settings):
        pause = step(pause, PauseTrigger.STIRRED, now)
    elif pause.state is PauseState.READY and now >= _since_ready(pause) + settings.missed_after:
        pause = step(pause, PauseTrigger.TIME_PASSED, now)
    return state if pause is own else state.with_pause(state.pause.with_own(wearer_id, pause))


def _since_ready(pause: Pause) -> datetime:
    """From when on it counts as missed: nobody misses a return that the body does not allow yet."""
    return max(pause.return_at, pause.ready_at or pause.return_at)


def may_be_ready(pause: Pause, reading: Reading | None, now: datetime, settings: PolicySettings) -> bool:
    """Whether both conditions hold: the promised time has come, and the body is near its usual.

    The promise is never earlier than the minimum, and an extension moves it. Without a strap it is all there is to go by.
    Without a baseline nobody can say what is usual, so a good signal that is not flooded has to do. A missing signal never
    counts as calm; the hard cap ends the waiting.
    """
    if now < pause.return_at:
        return False
    if reading is None or now >= pause.cap_at:
        return True
    if reading.state is ArousalState.FLOODED:
        return False
    if reading.baseline is None:
        return reading.signal is Signal.OK
    return reading.near_usual_s >= settings.calm_s


def has_stirred(pause: Pause, reading: Reading | None, now: datetime, settings: PolicySettings) -> bool:
    """Whether a body that was near its usual has clearly left it again, on a good signal and before the hard cap.

    A strap that is taken off once the pause is ready says nothing, and takes nothing back.
    """
    if reading is None or reading.heart_rate_bpm is None or now >= pause.cap_at:
        return False
    left = reading.baseline is not None and reading.near_usual_s < settings.calm_s / 2
    return reading.state is ArousalState.FLOODED or left
