"""Which family a strap belongs to, by the name it advertises: what can be expected of it. Facts in firmware_notes/."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """A family of straps.

    Attributes:
        name: what it is called.
        expect: what it gives, in a few words for people.
    """

    name: str
    expect: str


_UNSURE = "heart rate; whether beats, is not known yet"

BY_PREFIX = (
    ("polar h10", Family("Polar H10", "beats and motion")),
    ("polar h9", Family("Polar H9", "beats")),
    ("polar h7", Family("Polar H7", "beats")),
    ("polar sense", Family("Polar Verity Sense", "heart rate and motion, few beats")),
    ("polar verity", Family("Polar Verity Sense", "heart rate and motion, few beats")),
    ("polar oh1", Family("Polar OH1", "smoothed beats")),
    ("tickr", Family("Wahoo TICKR", _UNSURE)),
    ("wahoo tickr", Family("Wahoo TICKR", _UNSURE)),
    ("hrm-pro", Family("Garmin HRM-Pro", "beats")),
    ("hrm-dual", Family("Garmin HRM-Dual", _UNSURE)),
    ("forerunner", Family("Garmin watch", "heart rate only")),
    ("fenix", Family("Garmin watch", "heart rate only")),
    ("venu", Family("Garmin watch", "heart rate only")),
    ("vivo", Family("Garmin watch", "heart rate only")),
    ("instinct", Family("Garmin watch", "heart rate only")),
    ("whoop", Family("WHOOP", "heart rate; its beats are filled in")),
    ("movesense", Family("Movesense", "heart rate, with its standard firmware; whether beats, is not known yet")),
    ("h64", Family("Magene H64", "beats")),
    ("808", Family("CooSpo", _UNSURE)),
    ("coospo", Family("CooSpo", _UNSURE)),
)


def family(name: str | None) -> Family | None:
    """The family of the strap that calls itself `name`; None when it is not recognised, which says nothing against it.

    >>> family("Polar H10 A1B2C3D4").expect
    'beats and motion'
    >>> family("A strap") is family(None) is None
    True
    """
    said = (name or "").strip().casefold()
    return next((found for prefix, found in BY_PREFIX if said.startswith(prefix)), None)
