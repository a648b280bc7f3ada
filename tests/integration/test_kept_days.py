"""Where hearts are remembered for so many days: what is older goes, what people wrote stays, and they are told."""

import asyncio
import threading
from datetime import timedelta

import pytest

from alerts.people import SERVICE
from api.app import build
from api.kept_days import DAY_S, KeptDays
from api.settings import Settings
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, at, raw_files
from tests.integration.shared_talk import HERS
from tests.integration.visitors import newcomer, running

MONTH = 30


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path / "data") as home:
        yield home


def test_hearts_older_than_the_days_are_erased_and_words_stay(shared):
    journal = shared.journal
    words = journal.texts.read(shared.mira, shared.hers)
    assert journal.erasure.erase_hearts_before(SERVICE, BEGAN) == 0
    assert journal.erasure.erase_hearts_before(SERVICE, at(1)) == 2
    assert journal.recordings.own(shared.mira) == []
    assert journal.texts.read(shared.mira, shared.hers) == words
    state, _ = journal.talks.load(shared.mira, shared.talk.id)
    assert state.suggestions == ()
    files = raw_files(shared.folder)
    assert HERS not in files
    assert b"suggestion-of-mira" not in files
    assert journal.erasure.erase_hearts_before(SERVICE, at(1)) == 0


def test_a_talk_that_has_not_ended_is_left_alone(home):
    assert home.journal.erasure.erase_hearts_before(SERVICE, at(10**6)) == 0
    assert home.journal.talks.open_talk(home.mira) == home.talk


def test_it_is_done_at_the_start_and_once_a_day(shared):
    """A database that fails one day is asked again the next."""
    days, slept = [], []

    class Erases:
        def erase_hearts_before(self, actor, moment, *, stopped):
            days.append(moment)
            if len(days) == 1:
                raise OSError("busy")
            return 0

    async def story():
        over = asyncio.Event()

        async def sleep(seconds):
            slept.append(seconds)
            if len(slept) == 3:
                over.set()
                await asyncio.Event().wait()

        kept = KeptDays(Erases(), MONTH, now=lambda: BEGAN, sleep=sleep)
        kept.start()
        await over.wait()
        await kept.stop()

    asyncio.run(story())
    assert days == [BEGAN - timedelta(days=MONTH)] * 3
    assert slept == [DAY_S] * 3


def test_without_a_number_nothing_is_ever_erased(shared):
    class MustNot:
        def erase_hearts_before(self, *_, **__):
            raise AssertionError("nobody said so")

    async def story():
        kept = KeptDays(MustNot(), None)
        kept.start()
        await kept.stop()

    asyncio.run(story())


@pytest.mark.parametrize(("days", "told"), [(1, "1 day after"), (30, "30 days after"), (None, None)])
def test_the_page_about_ones_data_says_so(tmp_path, days, told):
    with running(build(Settings(data_dir=tmp_path, keep_days=days), source_for=lambda _: None)) as app:
        page = newcomer(app, accept="text/html").get("/data").text
    assert ("keep-days" in page) == (told is not None)
    assert told is None or told in page


def test_stopping_waits_for_the_recording_that_is_being_erased():
    """The journal is closed next."""
    begun, may_end, ended = threading.Event(), threading.Event(), []

    class Erases:
        def erase_hearts_before(self, actor, moment, *, stopped):
            begun.set()
            assert may_end.wait(10)
            ended.append(stopped())
            return 0

    async def story():
        kept = KeptDays(Erases(), MONTH)
        kept.start()
        await asyncio.to_thread(begun.wait)
        stopping = asyncio.ensure_future(kept.stop())
        await asyncio.wait([stopping], timeout=0.05)
        may_end.set()
        await stopping
        assert ended == [True]

    asyncio.run(story())
