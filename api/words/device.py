"""What a browser is called on the page that says where one is signed in. Coarse: to be recognised by its owner, no more."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),  # last: most of the others call themselves so, too
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """What to call the browser that says this of itself.

    >>> device_words("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    >>> device_words("curl/8.5")
    'A browser'
    """
    browser = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    return f"{browser or 'A browser'} on {system}" if system else browser or "A browser"


def _first(table: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((name for mark, name in table if mark in said), None)
