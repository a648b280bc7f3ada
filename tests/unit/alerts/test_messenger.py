"""Messages to a wearer's own channels: none waits for another, none is sent twice, none gives anything away."""

import asyncio
import threading

import pytest
from structlog.testing import capture_logs

from alerts.channels import Announcement, Channel, Message, Trouble
from alerts.messenger import LONGEST_RETRY_S, Messenger
from alerts.people import Actor
from alerts.ports import NotAllowed

SECRET = "tk_very-secret"
SUGGESTED = Announcement("talk/mira/flooding/1200/0", "talk", "mira", Message.SUGGESTED, 300.0)
CLEAR = Announcement("talk/mira/flooding/1200/0/clear", "talk", "mira", Message.ALL_CLEAR, 300.0, follows=SUGGESTED.key)


class MemoryChannels:
    """The channels in memory."""

    def __init__(self, *names):
        self.all = [Channel(name, "mira", "webhook", name, f"json://{name}/{SECRET}") for name in names]
        self.deliveries = {}
        self.noted = []

    def channels(self, actor):
        return [channel for channel in self.all if channel.owner_id == actor.person_id]

    def claim(self, actor, channel_id, talk_id, key, now):
        if self.deliveries.get((channel_id, key)) in {"trying", "arrived"}:
            return False
        self.deliveries[channel_id, key] = "trying"
        return True

    def settle(self, actor, channel_id, key, trouble, now):
        self.deliveries[channel_id, key] = "failed" if trouble else "arrived"

    def told(self, actor, key):
        return frozenset(one for (one, of), state in self.deliveries.items() if of == key and state == "arrived")

    def note(self, actor, channel_id, trouble):
        self.noted.append((channel_id, trouble))


class FakeSender:
    """Takes what it is told to take; `hangs` waits until it is let go."""

    def __init__(self, **outcomes):
        self.outcomes = outcomes
        self.sent = []
        self.let_go = threading.Event()

    def send(self, address, message):
        name = address.split("/")[2]
        self.sent.append((name, message))
        outcome = self.outcomes.get(name)
        if isinstance(outcome, list):
            outcome = outcome.pop(0)
        if outcome == "hangs":
            assert self.let_go.wait(20)
            return None
        if outcome == "breaks":
            raise OSError(f"cannot reach {address}")
        return outcome

    def understands(self, address):
        return True


class Home:
    """A messenger whose pauses pass at once, and are written down."""

    def __init__(self, sender, *names):
        patience_s = 0.05 if "hangs" in sender.outcomes.values() else 5.0
        self.store = MemoryChannels(*names)
        self.sender = sender
        self.slept = []
        self.rested = asyncio.Event()
        self.rested.set()
        self.messenger = Messenger(self.store, sender, sleep=self.sleep, answer_within_s=patience_s)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await self.rested.wait()

    async def until(self, holds):
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110  threads have no event to wait for
                await asyncio.sleep(0.002)

    async def idle(self):
        await self.until(lambda: not self.messenger._tasks)

    def story(self, tell):
        async def both():
            try:
                await tell(self)
            finally:
                self.sender.let_go.set()
                await self.messenger.close()

        asyncio.run(both())


def arrived(home, key=SUGGESTED.key):
    return {name for (name, of), state in home.store.deliveries.items() if of == key and state == "arrived"}


def test_a_channel_that_hangs_or_breaks_delays_no_other_and_is_named():
    async def tell(home):
        home.messenger.tell(SUGGESTED)
        await home.until(lambda: arrived(home) == {"phone", "lamp"})
        await home.until(lambda: {one.label for one in home.messenger.failing("mira")} == {"stuck", "gone"})
        await home.until(lambda: ("stuck", Trouble.NO_ANSWER) in home.store.noted)
        assert home.messenger.failing("jonas") == ()

    Home(FakeSender(stuck="hangs", gone="breaks"), "stuck", "gone", "phone", "lamp").story(tell)


def test_a_failing_channel_is_tried_again_less_and_less_often_and_no_longer_shown_once_it_works():
    async def tell(home):
        home.messenger.tell(SUGGESTED)
        await home.idle()
        assert arrived(home) == {"phone"}
        assert home.slept == [2, 4, 8, 16]
        assert home.messenger.failing("mira") == ()

    Home(FakeSender(phone=[Trouble.NOT_TAKEN] * 4 + [None]), "phone").story(tell)


def test_it_is_given_up_when_it_means_nothing_any_more_and_the_pauses_have_a_limit():
    async def tell(home):
        home.messenger.tell(SUGGESTED)
        await home.idle()
        assert max(home.slept) == LONGEST_RETRY_S
        assert 300 <= sum(home.slept) < 300 + 2 * LONGEST_RETRY_S
        assert [channel.label for channel in home.messenger.failing("mira")] == ["phone"]

    Home(FakeSender(phone=Trouble.NOT_TAKEN), "phone").story(tell)


def test_an_answer_ends_the_tries():
    async def tell(home):
        home.rested.clear()
        home.messenger.tell(SUGGESTED)
        await home.until(lambda: home.slept)
        home.messenger.withdraw(SUGGESTED.key)
        home.rested.set()
        await home.idle()
        assert len(home.sender.sent) == 1

    Home(FakeSender(phone=Trouble.NOT_TAKEN), "phone").story(tell)


def test_the_same_message_is_never_sent_twice_to_a_channel_that_has_it_or_may_have_it():
    async def tell(home):
        home.store.deliveries["maybe", SUGGESTED.key] = "trying"  # the process was killed just then
        for _ in range(3):
            home.messenger.tell(SUGGESTED)
            await home.idle()
        assert home.sender.sent == [("phone", Message.SUGGESTED)]

    Home(FakeSender(), "phone", "maybe").story(tell)


def test_what_certainly_failed_before_a_restart_is_tried_again():
    async def tell(home):
        home.store.deliveries["phone", SUGGESTED.key] = "failed"
        home.messenger.tell(SUGGESTED)
        await home.idle()
        assert arrived(home) == {"phone"}

    Home(FakeSender(), "phone").story(tell)


def test_an_attempt_that_hangs_is_waited_for_and_not_doubled():
    async def tell(home):
        home.messenger.tell(SUGGESTED)
        await home.until(lambda: home.messenger.failing("mira"))
        home.sender.let_go.set()
        await home.idle()
        assert home.sender.sent == [("stuck", Message.SUGGESTED)]
        assert arrived(home) == {"stuck"}
        assert home.messenger.failing("mira") == ()

    Home(FakeSender(stuck="hangs"), "stuck").story(tell)


def test_the_all_clear_goes_only_where_the_suggestion_went():
    async def tell(home):
        home.messenger.tell(SUGGESTED)
        await home.until(lambda: arrived(home) == {"phone"})
        home.messenger.withdraw(SUGGESTED.key)
        await home.idle()
        home.messenger.tell(CLEAR)
        await home.idle()
        assert [one for one in home.sender.sent if one[1] is Message.ALL_CLEAR] == [("phone", Message.ALL_CLEAR)]

    Home(FakeSender(gone=Trouble.NOT_TAKEN), "phone", "gone").story(tell)


def test_a_journal_that_is_locked_delays_the_message_and_does_not_lose_it(monkeypatch):
    async def tell(home):
        working, locked = home.store.channels, [1, 1]

        def channels(actor):
            if locked:
                locked.pop()
                raise OSError("database is locked")
            return working(actor)

        monkeypatch.setattr(home.store, "channels", channels)
        home.messenger.tell(SUGGESTED)
        await home.idle()
        assert arrived(home) == {"phone"}

    Home(FakeSender(), "phone").story(tell)


@pytest.mark.parametrize("error", [NotAllowed(), OSError("database is locked")])
def test_a_channel_that_is_gone_or_a_journal_that_stays_locked_ends_the_tries(monkeypatch, error):
    async def tell(home):
        def claim(*_):
            raise error

        monkeypatch.setattr(home.store, "claim", claim)
        home.messenger.tell(CLEAR)
        home.messenger.tell(SUGGESTED)
        await home.idle()
        assert home.sender.sent == []
        assert sum(home.slept) <= SUGGESTED.lasts_s + 2

    Home(FakeSender(), "phone").story(tell)


@pytest.mark.parametrize(
    ("outcome", "said"), [(None, None), ("breaks", Trouble.NOT_TAKEN), ("hangs", Trouble.NO_ANSWER)]
)
def test_the_test_alert_says_what_became_of_it(outcome, said):
    async def tell(home):
        assert await home.messenger.test(Actor("mira"), home.store.all[0]) is said
        assert home.store.noted == [("phone", said)]
        assert home.sender.sent == [("phone", Message.TEST)]

    Home(FakeSender(phone=outcome), "phone").story(tell)


def test_no_address_gets_into_a_log_or_an_error():
    async def tell(home):
        with capture_logs() as logs:
            home.messenger.tell(SUGGESTED)
            await home.until(lambda: len(home.sender.sent) > 2)
        assert logs
        assert SECRET not in str(logs)
        assert SECRET not in repr(home.store.all)

    Home(FakeSender(gone="breaks"), "gone").story(tell)


def test_what_is_sent_says_nothing_of_hearts_numbers_or_people():
    for message in Message:
        words = f"{message.headline} {message.body}".lower()
        assert not set(words) & set("0123456789")
        assert not [w for w in ("heart", "flood", "bpm", "body", "partner", "mira", "you’re", "alarm") if w in words]
    assert (Message.SUGGESTED.headline, Message.SUGGESTED.body) == ("A pause was suggested", "Open when you can.")
