"""A figure in words: a number that can be read, or the reason why there is none."""

from math import isfinite

from api.report.words import MISSING
from hrv.figure import Figure, Missing
from hrv.heart_rate_recovery import Fall

_MOST_DECIMALS = 6


def sound(figure: Figure) -> Figure:
    """The figure itself, always with a finite value or a reason: what a formula let run to infinity is no number.

    >>> sound(Figure(float("inf"))).missing.value, sound(Figure(42.0)).value
    ('no_variation', 42.0)
    """
    if figure.value is None or not isfinite(figure.value):
        return Figure.none(figure.missing or Missing.NO_VARIATION)
    return figure


def sound_fall(fall: Fall | Missing) -> Fall | Missing:
    """The same for a fall: one whose error is not known does not fit."""
    if isinstance(fall, Missing):
        return fall
    known = (fall.time_constant_s, fall.standard_error_s, fall.drop_bpm, fall.end_bpm)
    return fall if all(map(isfinite, known)) else Missing.NO_FIT


def in_words(figure: Figure, digits: int) -> str:
    """A figure, or its reason; never an empty place.

    >>> in_words(Figure(42.04), 1), in_words(Figure.none(Missing.TOO_SHORT), 1)
    ('42.0', 'too short')
    """
    value, missing = sound(figure)
    return MISSING[missing or Missing.NO_SIGNAL] if value is None else as_number(value, digits)


def as_number(value: float, digits: int) -> str:
    """`value` with its decimals, and with more where nothing but zeros would be left of it.

    >>> as_number(1522.9, 0), as_number(0.16, 1), as_number(0.04, 0), as_number(-0.0, 1)
    ('1,523', '0.2', '0.04', '0.0')
    """
    while value and abs(value) < 0.5 * 10**-digits and digits < _MOST_DECIMALS:
        digits += 1
    return f"{value + 0.0:,.{digits}f}"  # + 0.0: there is no negative zero
