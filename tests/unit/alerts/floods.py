"""One wearer who floods in a talk, and what they answer."""

from datetime import UTC, datetime, timedelta

from alerts import steps
from alerts.policy_settings import PolicySettings
from alerts.talk_state import Phase, TalkState

BEGAN = datetime(2026, 3, 12, 20, 0, tzinfo=UTC)
SETTINGS = PolicySettings()
MIRA = "mira"


def at(minutes):
    return BEGAN + timedelta(minutes=minutes)


TALKING = TalkState(BEGAN, Phase.TALKING, at(5))


def answered(state, given, minutes, **more):
    waiting = state.open_suggestion(MIRA)
    return steps.answer_suggestion(state, MIRA, waiting.id, given, at(minutes), SETTINGS, fresh_id="p1", **more)
