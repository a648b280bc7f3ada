"""The thread that keeps timelines up to date ends with the program, and a timeline that hangs doesn't hold it."""

import threading

from structlog.testing import capture_logs

from api.up_to_date import UpToDate
from hrv.settings import DetectorSettings


class Hangs:
    """Timelines of which one is never done."""

    def __init__(self):
        self.begun, self.let_go = threading.Event(), threading.Event()

    def bring_up_to_date(self, *_, **__):
        self.begun.set()
        self.let_go.wait()


def test_a_timeline_that_never_ends_is_left_to_itself_and_the_log_says_so():
    timelines = Hangs()
    up_to_date = UpToDate(timelines, DetectorSettings(), stops_within_s=0.01)
    up_to_date.start()
    assert timelines.begun.wait(10)
    with capture_logs() as logs:
        stopping = threading.Thread(target=up_to_date.stop, daemon=True)
        stopping.start()
        stopping.join(10)
    assert not stopping.is_alive()
    assert [(line["event"], line["log_level"]) for line in logs] == [("timelines_left_unfinished", "warning")]
    timelines.let_go.set()


def test_an_idle_one_stops_without_a_word():
    timelines = Hangs()
    timelines.let_go.set()
    up_to_date = UpToDate(timelines, DetectorSettings())
    up_to_date.start()
    assert timelines.begun.wait(10)
    with capture_logs() as logs:
        up_to_date.stop()
    assert logs == []
