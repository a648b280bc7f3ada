"""The tables of alerts as a page: `python -m tests.alerts_page` writes docs/alerts.md from the code, so it cannot say anything else."""

from pathlib import Path

from alerts.notice import NOTICE_STEPS, NoticeState
from alerts.pause import TRANSITIONS, PauseState
from alerts.policy_settings import PolicySettings, rules
from alerts.suggestion import ANSWERS, SuggestionState
from tests.diagrams import state_diagram

DOCUMENT = Path(__file__).parent.parent / "docs" / "alerts.md"

_ABOUT = """# Alerts and the pause, as tables

Written by `make diagrams` from the tables in `alerts/`; a test fails when they say something else. What is not in a table
is refused with 409 and changes nothing.

- **Acknowledged**: seen. It waits on, rings no more, and goes nowhere else.
- **Snoozed**: again in some minutes. By wearer and condition, kept on the server, over a restart, and can be cancelled.
- **Muted**: shown, but heard nowhere, for a while.
- **Inhibited**: held back by a rule of the table; no person’s step.

All of this is each wearer’s own. With two people, the one sentence that both see, “One of us could use a pause.”, rings on both
devices and leaves, unseen, by the channels of both at the same moment and in the same words, whatever it came from. While it
does, and in a pause, a suggestion of one’s own doesn’t ring and leaves nowhere by itself: a phone that calls alone would tell whose body
it was.
"""

_SENTENCE = """The sentence is said at the earliest {settling} after the topic began or went on, waits for {lasts}, and isn’t said
again for {refractory}, whatever asks for it.
"""


def policy_table(table):
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


def _words(name):
    return name.replace("_", " ")


def _length(time):
    if not time:
        return ""
    seconds = int(time.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def document():
    """The whole of docs/alerts.md."""
    pictures = (
        ("The suggestion", state_diagram(ANSWERS, SuggestionState.OPEN)),
        ("The strap’s notice", state_diagram(NOTICE_STEPS, NoticeState.OPEN)),
        ("The pause", state_diagram(TRANSITIONS, PauseState.RUNNING)),
    )
    settings = PolicySettings()
    sentence = _SENTENCE.format(
        settling=_length(settings.settling),
        lasts=_length(settings.suggestion_lasts),
        refractory=_length(settings.refractory),
    )
    parts = [_ABOUT, sentence, "## The policy\n", policy_table(rules(settings)), ""]
    for title, picture in pictures:
        parts += [f"## {title}\n", f"```mermaid\n{picture}```", ""]
    return "\n".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
