"""The tables as pictures: `python -m alerts.diagrams` writes docs/alerts.md from the code, so it cannot say anything else."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from alerts.alert_rules import Condition, Rule
from alerts.notice import NOTICE_STEPS, NoticeState
from alerts.pause import OVER, TRANSITIONS, PauseState
from alerts.policy import PolicySettings, rules
from alerts.suggestion import ANSWERS, WAITING, SuggestionState

DOCUMENT = Path(__file__).parent.parent / "docs" / "alerts.md"

_ABOUT = """# Alerts and the pause, as tables

Written by `make diagrams` from the tables in `alerts/`; a test fails when they say something else. What is not in a table
is refused with 409 and changes nothing.

- **Acknowledged**: seen. It waits on, rings no more, and goes nowhere else.
- **Snoozed**: again in some minutes. By wearer and condition, kept on the server, over a restart, and can be cancelled.
- **Muted**: shown, but heard nowhere, for a while.
- **Inhibited**: held back by a rule of the table; no person’s step.
"""


State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


def diagram(steps: Mapping[tuple[State, Step], State], first: State, over: frozenset[State]) -> str:
    """A transition table as a Mermaid state diagram.

    >>> print(diagram({(NoticeState.OPEN, PauseState.READY): NoticeState.CLEARED}, NoticeState.OPEN, frozenset()))
    stateDiagram-v2
        [*] --> open
        open --> cleared: ready
    """
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {before} --> {after}: {_words(step)}" for (before, step), after in steps.items()]
    lines += [f"    {state} --> [*]" for state in type(first) if state in over]
    return "\n".join(lines)


def policy_table(table: Mapping[Condition, Rule]) -> str:
    """The policy's table in Markdown: a column for each condition."""
    head = ["", *(f"{condition}" for condition in table)]
    rows = [
        ["latches", *("yes" if rule.latches else "no, it goes with its condition" for rule in table.values())],
        ["told after", *(_length(rule.raised_after) or "the detector’s own hold" for rule in table.values())],
        ["waits for", *(_length(rule.lasts) or "as long as its condition" for rule in table.values())],
        ["snooze", *(_length(rule.snooze) for rule in table.values())],
        ["refractory", *(_length(rule.refractory) for rule in table.values())],
        ["unseen, it goes elsewhere after", *(_length(rule.escalate_after) or "never" for rule in table.values())],
        [
            "“This isn’t …” silences it for the talk",
            *("yes" if rule.silenced_for_the_talk else "no" for rule in table.values()),
        ],
        ["inhibited by", *(", ".join(_words(quiet) for quiet in rule.inhibited_by) for rule in table.values())],
    ]
    lines = ["| " + " | ".join(row) + " |" for row in [head, *rows]]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def _words(name: StrEnum) -> str:
    return name.replace("_", " ")


def _length(time: timedelta | None) -> str:
    if not time:
        return ""
    seconds = int(time.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def document() -> str:
    """The whole of docs/alerts.md."""
    answered = frozenset(SuggestionState) - WAITING
    pictures = (
        ("The suggestion", diagram(ANSWERS, SuggestionState.OPEN, answered)),
        ("The strap’s notice", diagram(NOTICE_STEPS, NoticeState.OPEN, frozenset({NoticeState.CLEARED}))),
        ("The pause", diagram(TRANSITIONS, PauseState.RUNNING, OVER)),
    )
    parts = [_ABOUT, "## The policy\n", policy_table(rules(PolicySettings())), ""]
    for title, picture in pictures:
        parts += [f"## {title}\n", f"```mermaid\n{picture}\n```", ""]
    return "\n".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
