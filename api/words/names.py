"""Names within sentences. An account without a name is called “You” on its own pages and “The other” on the other's."""

import unicodedata

from journal.pairs import THE_OTHER
from journal.people import UNNAMED

TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Turn the direction of the words after them (Unicode Standard Annex 9, 2.1 to 2.5)."""
BREAKING = frozenset({"Cc", "Zl", "Zp"})
UNSEEN = frozenset({"Cf", "Cn", "Co", "Zs", "Mn", "Me"})


def to_be_seen(name: str) -> str:
    """`name`, where it can stand in a line that says who did something: others see it, and it leaves their line as it is.

    Raises `ValueError`. An empty one passes: whether a name is needed, says who asks.

    >>> to_be_seen("Dr. Weiss")
    'Dr. Weiss'
    """
    if any(sign in TURNING or unicodedata.category(sign) in BREAKING for sign in name):
        raise ValueError("a name is one line of signs that can be seen")
    if name.strip() and all(unicodedata.category(sign) in UNSEEN for sign in name):
        raise ValueError("a name needs a sign that can be seen")
    return name


def within(name: str) -> str:
    """A name that does not begin its sentence.

    >>> within("Jonas"), within("The other"), within("You")
    ('Jonas', 'the other', 'you')
    """
    return name.lower() if name in {THE_OTHER, UNNAMED} else name


def possessive(name: str) -> str:
    """Before what is theirs, at the beginning of a sentence.

    >>> possessive("Jonas"), possessive("The other"), possessive("You")
    ('Jonas’s', 'The other’s', 'Your')
    """
    return "Your" if name == UNNAMED else f"{name}’s"


def belongs_to(name: str) -> str:
    """After what is theirs: “This phone is …”.

    >>> belongs_to("Jonas"), belongs_to("The other"), belongs_to("You")
    ('Jonas’s', 'the other’s', 'yours')
    """
    return "yours" if name == UNNAMED else f"{within(name)}’s"


def has(name: str) -> str:
    """The verb that goes with a name.

    >>> has("Jonas"), has("You")
    ('has', 'have')
    """
    return "have" if name == UNNAMED else "has"


def is_(name: str) -> str:
    """The same of being.

    >>> is_("Jonas"), is_("You")
    ('is', 'are')
    """
    return "are" if name == UNNAMED else "is"
