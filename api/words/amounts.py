"""Numbers, lengths of time and days as people read them."""

from datetime import date, datetime

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
TIMES = ("Never", "Once", "Twice", "Three times", "Four times", "Five times", "Six times", "Seven times", "Eight times")


def number(n: int) -> str:
    """A number as a word, as long as there is one.

    >>> number(3), number(13)
    ('Three', '13')
    """
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def times(n: int) -> str:
    """How often.

    >>> times(1), times(3), times(11)
    ('Once', 'Three times', '11 times')
    """
    return TIMES[n] if n < len(TIMES) else f"{n} times"


def counted(n: int, one: str, many: str | None = None) -> str:
    """A number with its word.

    >>> counted(1, "talk"), counted(2, "near miss", "near misses")
    ('1 talk', '2 near misses')
    """
    return f"{n} {one if n == 1 else many or f'{one}s'}"


def day_words(day: date) -> str:
    """A day and month.

    >>> day_words(date(2026, 3, 9))
    '9 March'
    """
    return f"{day.day} {day:%B}"


def day_and_year(day: date) -> str:
    """A day, month and year.

    >>> day_and_year(date(2026, 3, 9))
    '9 March 2026'
    """
    return f"{day_words(day)} {day.year}"


def span_words(first: date, last: date) -> str:
    """Two days as a span.

    >>> span_words(date(2026, 3, 9), date(2026, 3, 15)), span_words(date(2026, 3, 30), date(2026, 4, 5))
    ('9 to 15 March', '30 March to 5 April')
    """
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)}"
    if first.year == last.year:
        return f"{day_words(first)} to {day_words(last)}"
    return f"{day_words(first)} {first.year} to {day_words(last)} {last.year}"


def minutes(seconds: float) -> str:
    """Whole minutes, at least one.

    >>> minutes(40), minutes(400)
    ('1 minute', '7 minutes')
    """
    return counted(max(1, round(seconds / 60)), "minute")


def moment_words(at: datetime) -> str:
    """A weekday and clock time."""
    return f"{at:%A}, {at:%H:%M}"


def when_words(at: datetime) -> str:
    """A day with its year, and clock time.

    >>> when_words(datetime(2026, 3, 12, 20, 5))
    'Thu 12 March 2026, 20:05'
    """
    return f"{at:%a} {at.day} {at:%B} {at.year}, {at:%H:%M}"


SECONDS_COUNT_BELOW_MIN = 10


def length(seconds: float) -> str:
    """A length of time.

    >>> length(27), length(117), length(600), length(3720)
    ('27 s', '1 min 57 s', '10 min', '1 h 2 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < SECONDS_COUNT_BELOW_MIN and rest:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
