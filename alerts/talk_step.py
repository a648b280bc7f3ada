"""What a step in a talk needs first: a talk that is going on."""

from alerts.talk_state import Phase, TalkState


class IllegalTalkStep(ValueError):
    """The talk does not allow this now, for example a pause while one is running."""


def still_going(state: TalkState) -> None:
    """Raise `IllegalTalkStep` when the talk has ended."""
    if state.phase is Phase.ENDED:
        raise IllegalTalkStep("the talk has ended")
