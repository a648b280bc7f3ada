"""Why a step wasn't possible, in words."""

from alerts.notice import IllegalNoticeStep, NoticeState
from alerts.pause import IllegalPauseStep, PauseState, PauseTrigger
from alerts.ports import TalkConflict
from alerts.suggestion import IllegalAnswer, SuggestionState

ANSWER_REFUSED = {
    SuggestionState.EXPIRED: "The suggestion has run out. You can call a pause at any time.",
    SuggestionState.ACKNOWLEDGED: "It has been seen already. It still waits for your answer.",
}

NOTICE_REFUSED = {
    NoticeState.OPEN: "The notice is there already.",
    NoticeState.ACKNOWLEDGED: "The notice has been seen already.",
    NoticeState.SNOOZED: "It is put off already. You can take that back.",
    NoticeState.CLEARED: "The notice is over already.",
}


def refusal(error: Exception) -> str:
    """Why a step wasn't possible, for somebody with shaking hands: what is so, and what can be done."""
    match error:
        case IllegalPauseStep(trigger=PauseTrigger.RETURN, state=PauseState.RUNNING | PauseState.EXTENDED):
            return "The pause isn’t ready yet. The page shows what it waits for."
        case IllegalPauseStep():
            return "You have come back already, or the pause is over."
        case IllegalAnswer():
            return ANSWER_REFUSED.get(error.state, "It has been answered already.")
        case IllegalNoticeStep():
            return NOTICE_REFUSED[error.state]
        case TalkConflict():
            return "Somebody changed this just before you. Look again, then repeat it."
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
