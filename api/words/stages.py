"""The four stages in words."""

from dataclasses import dataclass
from typing import Any

from journal.reviews.stages import Stage, Standing


@dataclass(frozen=True, slots=True)
class StageWords:
    """A stage in words: its name, its weeks, and what it is about."""

    name: str
    weeks: str
    about: str


STAGE_WORDS = {
    Stage.AWARENESS: StageWords("Noticing", "weeks 1 and 2", "Noticing what sets it off, and where in the body it is."),
    Stage.DISCLOSURE: StageWords(
        "Telling",
        "week 3",
        "At a calm moment, telling the other what you have noticed: about yourself, not about them.",
    ),
    Stage.CO_CREATION: StageWords(
        "Agreeing", "weeks 4 to 6", "Agreeing together on signals, a pause, and words to come back with."
    ),
    Stage.INTEGRATION: StageWords(
        "Living with it", "after that", "Looking back each week, and starting again after an old pattern."
    ),
}


def stages(here: Standing | None) -> dict[str, Any]:
    """The four stages, and a gentle word about the one that the calendar has."""
    if here is None:
        said = "It begins with the first entry. There is no hurry."
    else:
        said = (
            f"By the calendar of your entries this is week {here.week}. The practice has its own pace and you have "
            "yours: stay with a stage as long as it helps."
        )
    lines = [
        {
            "name": words.name,
            "weeks": words.weeks,
            "about": words.about,
            "here": here is not None and here.stage is stage,
        }
        for stage, words in STAGE_WORDS.items()
    ]
    return {"said": said, "lines": lines}
