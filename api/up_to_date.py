"""Keeps what is derived from recordings up to date: at the start, and after each talk. In a thread of its own."""

import threading
from collections.abc import Callable

import structlog

from alerts.people import SERVICE
from hrv.settings import DetectorSettings
from journal.timelines import Timelines

log = structlog.get_logger(__name__)

STOPS_WITHIN_S = 5.0
"""Longer than one timeline of a long talk takes. The program doesn't hang on one that never ends."""


BREATH_S = 0.05


class UpToDate:
    """Makes missing and old timelines, one after another, whenever it is told that there may be some."""

    def __init__(
        self,
        timelines: Timelines,
        settings: DetectorSettings,
        *,
        stops_within_s: float = STOPS_WITHIN_S,
        may: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may`: of several workers one does this at a time."""
        self._may = may
        self._timelines = timelines
        self._settings = settings
        self._stops_within_s = stops_within_s
        self._due = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with what an earlier run, an import or an older program left."""
        self._due.set()
        self._thread = threading.Thread(target=self._run, name="up to date", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """There may be something new. Never blocks."""
        self._due.set()

    def stop(self) -> None:
        """End after the timeline that is being made, which is left to itself when it takes too long."""
        self._stopping.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join(self._stops_within_s)
            if self._thread.is_alive():
                log.warning("timelines_left_unfinished", waited_s=self._stops_within_s)

    def _breathe(self) -> bool:
        """Whether to stop; in between, whoever waits for the database gets it: a live talk above all."""
        return self._stopping.wait(BREATH_S)

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._stopping.is_set():
                return
            try:
                if not self._may():
                    continue
                self._timelines.bring_up_to_date(SERVICE, self._settings, stopped=self._breathe)
            except Exception as error:  # noqa: BLE001  a page makes what it needs itself; only its kind is logged
                log.warning("timelines_not_up_to_date", error=type(error).__name__)
