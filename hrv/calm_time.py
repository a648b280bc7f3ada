"""The two times that coming down is measured by: from when the 20 minutes count, and since when all is over."""


class CalmTime:
    """Knows the pause and the flood's end; times are seconds of the recording.

    >>> calm = CalmTime()
    >>> calm.flood_ended(600)
    >>> calm.counts_from_s
    600
    >>> calm.begin_pause(610.0)
    >>> calm.counts_from_s
    610.0
    """

    def __init__(self) -> None:
        self.pause_is_on = False
        self.counts_from_s = 0.0
        """From here recovery's 20 minutes count: the pause's beginning, else the flood's end."""
        self._over_since_s = 0.0

    def begin_pause(self, t_s: float) -> None:
        """A pause begins. Ignored while one is on."""
        if not self.pause_is_on:
            self.pause_is_on = True
            self.counts_from_s = t_s

    def end_pause(self, t_s: float) -> None:
        """The pause is over. Ignored without one."""
        if self.pause_is_on:
            self.pause_is_on = False
            self._over_since_s = max(self._over_since_s, t_s)

    def flood_ended(self, second: int) -> None:
        """A flood ended now. A pause that is on keeps its own beginning; one that is over was over too early."""
        if not self.pause_is_on:
            self.counts_from_s = second

    def recovered(self, second: int) -> None:
        """The body has recovered now."""
        self._over_since_s = max(self._over_since_s, second)

    def is_over_for(self, second: int, least_s: int) -> bool:
        """Whether pause and recovery have both been over for at least so long."""
        return not self.pause_is_on and second - self._over_since_s >= least_s
