"""A day's check in words."""

from journal.checks import BodyState, DailyCheck, Helped

BODY_WORDS = {
    BodyState.AT_EASE: "At ease, and in touch",
    BodyState.ON_ALERT: "On alert",
    BodyState.SHUT_DOWN: "Shut down, far away",
    BodyState.HARD_TO_SAY: "Hard to say",
}

HELPED_WORDS = {
    Helped.NOTICED: "I noticed it rise",
    Helped.PAUSED: "A pause",
    Helped.SAID_IT: "I said what I felt",
    Helped.CAME_CLOSER: "We came closer again",
}


def check_line(check: DailyCheck) -> str:
    """A day's check in a line."""
    said = [BODY_WORDS[check.body]] if check.body else []
    said += [HELPED_WORDS[one] for one in Helped if one in check.helped]
    chosen = f"{'. '.join(said)}." if said else ""
    return f"{check.day:%A}: {' '.join(filter(None, (chosen, check.note))) or 'looked in.'}"
