"""An illegal step, as a person meets it."""

import re

from api.problems import answers_with_conflict
from api.words.refusals import refusal


def refused_with_409(error):
    """It is answered with 409 and a whole sentence; anything else is raised again."""
    if not answers_with_conflict(error):
        raise error
    said = refusal(error)
    assert re.fullmatch(r"[A-Z].*\.", said), said
    assert not re.search(r"[_'{}<>]|None|does not take|does not allow", said), f"not for people: {said}"
