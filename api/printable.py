"""Names from files, fit to print."""


def printable(text: str) -> str:
    r"""A name from a file, without what would move a terminal's cursor or turn a page's text around.

    >>> printable("talk \x1b[2J\u202e.csv")
    'talk \\x1b[2J\\u202e.csv'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
