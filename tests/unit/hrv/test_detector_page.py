"""docs/detector.md says what the code does: its diagram is the table, and its numbers are the settings'."""

import re
from pathlib import Path

import hrv
from hrv import heart_model
from hrv.flooding import TRANSITIONS, Cue
from hrv.reading import ArousalState
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from tests.diagrams import diagrams_in, state_diagram

PAGE = Path(__file__).parents[3] / "docs" / "detector.md"
TEXT = PAGE.read_text(encoding="utf-8")
SETTINGS = DetectorSettings()


def cells(columns):
    """The cells of every table row with so many columns, heads and rules left out."""
    for line in TEXT.splitlines():
        row = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("| `") else []
        if len(row) == columns:
            yield row


def test_the_diagram_is_drawn_from_the_table():
    """When the table changes: put `state_diagram(TRANSITIONS, ArousalState.CALM)` between the page's fences."""
    assert diagrams_in(PAGE) == [state_diagram(TRANSITIONS, ArousalState.CALM)]


def test_every_cue_is_explained_once():
    assert [name.strip("`") for name, _ in cells(2) if name.strip("`") in set(Cue)] == list(Cue)


def test_every_state_of_the_heart_model_is_explained_in_order():
    named = [name.strip("`") for name, _ in cells(2) if name.strip("`").isupper()]
    assert len(named) == heart_model.STATES
    assert [getattr(heart_model, name) for name in named] == list(range(heart_model.STATES))


def test_every_number_on_the_page_is_the_one_in_force():
    """A name of the model's own settings is written `model.name`."""
    shown = list(cells(3))
    assert len(shown) > 10
    for name, value, _ in shown:
        value_now = SETTINGS
        for part in name.strip("`").split("."):
            value_now = getattr(value_now, part)
        assert float(value) == value_now, name


def test_every_room_the_page_names_is_there():
    rooms = re.findall(r"`(hrv/\w+\.py)`", TEXT)
    assert len(set(rooms)) > 10
    assert [room for room in rooms if not (Path(hrv.__file__).parents[1] / room).is_file()] == []


def test_the_page_names_the_version_it_describes():
    assert f"algorithm version {ALGORITHM_VERSION}" in TEXT
