"""docs/alerts.md shows the code's tables."""

from alerts.notice import NOTICE_STEPS, NoticeState
from alerts.pause import TRANSITIONS, PauseState
from alerts.suggestion import ANSWERS, SuggestionState
from tests.alerts_page import DOCUMENT, document
from tests.diagrams import diagrams_in, state_diagram


def test_the_document_says_what_the_tables_say():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make diagrams`"


def test_every_state_machine_of_alerts_is_drawn():
    tables = ((ANSWERS, SuggestionState.OPEN), (NOTICE_STEPS, NoticeState.OPEN), (TRANSITIONS, PauseState.RUNNING))
    assert diagrams_in(DOCUMENT) == [state_diagram(table, first) for table, first in tables]


def test_every_step_of_a_table_is_on_an_arrow():
    picture = state_diagram(TRANSITIONS, PauseState.RUNNING)
    for (before, step), after in TRANSITIONS.items():
        (arrow,) = (line for line in picture.splitlines() if line.startswith(f"    {before} --> {after}: "))
        assert step in arrow.partition(": ")[2].split(", ")
    fewer = dict(list(TRANSITIONS.items())[1:])
    assert state_diagram(fewer, PauseState.RUNNING) != picture
