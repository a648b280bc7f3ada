"""A figure, or the reason why there is none: what every measure of variability gives."""

from enum import StrEnum
from typing import NamedTuple


class Missing(StrEnum):
    """Why a figure is None."""

    TOO_SHORT = "too_short"
    """Less time, or fewer beats, than the figure needs to mean something."""

    TOO_LONG = "too_long"
    """More beats than the figure can be worked out for in reasonable time."""

    TOO_NOISY = "too_noisy"
    """More artifacts than the figure stands."""

    NO_SIGNAL = "no_signal"

    NO_VARIATION = "no_variation"
    """The formula divides by, or takes the logarithm of, a spread that is zero."""

    NO_FIT = "no_fit"
    """The curve does not go the way that the figure describes."""

    TOO_SLOW = "too_slow"
    """The heart beats less than twice in the figure's shortest wave, so no beat can show it (Nyquist)."""


class Figure(NamedTuple):
    """A value, or None and the reason.

    >>> Figure(42.0), Figure.none(Missing.TOO_SHORT).missing.value
    (Figure(value=42.0, missing=None), 'too_short')
    """

    value: float | None
    missing: Missing | None = None

    @classmethod
    def none(cls, missing: Missing) -> "Figure":
        """No value, for the reason `missing`."""
        return cls(None, missing)
