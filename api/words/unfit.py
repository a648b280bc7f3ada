"""What does not fit in a request, in words: which field, what is expected, an example where it helps."""

from collections.abc import Mapping, Sequence
from typing import Any

A_DAY = "a day, as in 2026-03-12"
A_TIME = "a day and time, as in 2026-03-12T20:45:00+01:00"
WHOLE = "a whole number, as in 20"
NUMBER = "a number, as in 20.5"
YES_OR_NO = "true or false"

EXPECTED = {
    "date_parsing": A_DAY,
    "date_type": A_DAY,
    "date_from_datetime_parsing": A_DAY,
    "date_from_datetime_inexact": A_DAY,
    "datetime_parsing": A_TIME,
    "datetime_type": A_TIME,
    "datetime_from_date_parsing": A_TIME,
    "int_parsing": WHOLE,
    "int_type": WHOLE,
    "int_from_float": WHOLE,
    "float_parsing": NUMBER,
    "float_type": NUMBER,
    "bool_parsing": YES_OR_NO,
    "bool_type": YES_OR_NO,
    "literal_error": "one of {expected}",
    "enum": "one of {expected}",
    "string_type": "text",
    "string_unicode": "text, without half a character in it",
    "string_too_long": "at most {max_length} signs",
    "string_too_short": "at least {min_length} signs",
    "string_pattern_mismatch": "some words in it",
    "too_long": "at most {max_length} of them",
    "too_short": "at least {min_length} of them",
    "list_type": "a list",
    "dict_type": "names and values",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "model_attributes_type": "names and values, as JSON",
}
"""What is expected, by the kind of the validator's error. What is not here is said in the validator's words."""

MOST_SHOWN = 40


def unfit(errors: Sequence[Mapping[str, Any]]) -> str:
    """All that does not fit, one sentence each. Of what was sent only a part of the address is said again.

    >>> unfit([{"type": "date_from_datetime_parsing", "loc": ("query", "from_day"), "msg": "Input …", "input": "abc"}])
    'from_day expects a day, as in 2026-03-12; “abc” is none.'
    >>> unfit([{"type": "missing", "loc": ("body", "name"), "msg": "Field required", "input": {}}])
    'name is needed, and is not there.'
    """
    return " ".join(dict.fromkeys(_sentence(error) for error in errors))


def _sentence(error: Mapping[str, Any]) -> str:
    where, *path = error["loc"]
    name = ".".join(map(str, path)) or "The body"
    if error["type"] == "missing":
        return f"{name} is needed, and is not there."
    if error["type"] == "json_invalid":
        return "The body is no JSON."
    expected = EXPECTED.get(error["type"])
    if expected is None:
        return f"{name}: {error['msg'].removeprefix('Value error, ').rstrip('.')}."
    said = f"{name} expects {expected.format(**error.get('ctx', {}))}"
    told = error.get("input")
    if where in {"query", "path"} and isinstance(told, str) and told and expected in {A_DAY, A_TIME, WHOLE, NUMBER}:
        return f"{said}; “{told if len(told) <= MOST_SHOWN else f'{told[:MOST_SHOWN]}…'}” is none."
    return f"{said}."
