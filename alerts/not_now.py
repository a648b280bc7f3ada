"""A step that isn't possible now."""


class NotNow(ValueError):
    """It isn't possible now, and nothing has changed. One line for people: what is so, and what can be done."""
