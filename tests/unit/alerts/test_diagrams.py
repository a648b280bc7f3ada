"""The documentation's pictures are the code's tables."""

from alerts.diagrams import DOCUMENT, diagram, document
from alerts.pause import OVER, TRANSITIONS, PauseState


def test_the_document_says_what_the_tables_say():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make diagrams`"


def test_every_step_of_a_table_is_an_arrow():
    picture = diagram(TRANSITIONS, PauseState.RUNNING, OVER)
    for (before, step), after in TRANSITIONS.items():
        assert f"    {before} --> {after}: {step.replace('_', ' ')}" in picture.splitlines()
    fewer = dict(list(TRANSITIONS.items())[1:])
    assert diagram(fewer, PauseState.RUNNING, OVER) != picture
