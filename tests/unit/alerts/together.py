"""Two people in one talk, and the sentence that both see."""

from datetime import UTC, datetime, timedelta

from alerts import policy, steps
from alerts.policy_settings import PolicySettings
from alerts.talk_state import Phase, TalkState

NOW = datetime(2026, 3, 12, 20, 24, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTINGS = PolicySettings()
TALKING = TalkState(NOW - 30 * MINUTE, Phase.TALKING, topic_began_at=NOW - 20 * MINUTE, people=("mira", "jonas"))


def said(state, who="mira", at=NOW):
    """The state after `who` raised the sentence silently and their next second came."""
    return policy.step(steps.raise_silently(state, who, at, SETTINGS), who, None, at, SETTINGS, "f")
