"""Names within sentences. An account without a name is called “You” on its own pages and “The other” on the other's."""

from journal.pairs import THE_OTHER
from journal.people import UNNAMED


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
