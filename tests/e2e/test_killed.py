"""Killed at each step of a talk: what was decided is as it was, times are right, and nothing is announced twice."""

import signal
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.real_channels import Webhook

SPEED = 60
LASTING = ("snoozed_until", "silenced", "muted_until", "topic_began")


class Kept:
    """One talk in a program that is killed again and again."""

    def __init__(self, start, visit, folder, hook):
        self._start, self._visit, self._folder = start, visit, folder
        self._program()
        told = {"url": f"http://127.0.0.1:{hook.port}/"}
        self.mira.post("/api/channels", {"kind": "webhook", "label": "Phone", "told": told})
        self.talk = self.mira.post("/api/talks", {})["id"]

    def _program(self):
        self.program = self._start("demo", "--port", 0, "--data", self._folder, "--speed", SPEED).wait_for_page()
        self.mira = self._visit(self.program.url)

    def do(self, path, body=None):
        return self.mira.post(f"/api/talks/{self.talk}/{path}", body or {})

    def until(self, holds, within_s=60):
        return self.mira.until(self.talk, holds, within_s)

    def suggestion(self):
        """The suggestion that waits, once it is on the disk: it is shown before that."""
        raised = self.until(lambda view: view["suggestion"])["suggestion"]
        self.until(lambda _: raised["id"] in self._stored())
        return raised

    def _stored(self):
        path = next(self._folder.glob("*.db"))
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return database.execute("SELECT state FROM talk_state").fetchone()[0]

    def killed(self):
        """Kill it, start it again, and hold what there was against what there is."""
        before = self.mira.get(f"/api/talks/{self.talk}")
        self.program.stop(signal.SIGKILL)
        self._program()
        after = self.mira.get(f"/api/talks/{self.talk}")
        # The demo's clock goes on from the last packet that was stored; the machine's own never stops.
        lost = datetime.fromisoformat(before["now"]) - datetime.fromisoformat(after["now"])
        assert lost < timedelta(seconds=3 * SPEED)
        assert decided(after) == decided(before)
        return after


def decided(view):
    """What people and rules have settled, with its times."""
    told = {name: view[name] for name in LASTING}
    told["suggestion"] = view["suggestion"] and {
        name: view["suggestion"][name] for name in ("id", "raised", "expires", "acknowledged")
    }
    told["pause"] = view["pause"] and {
        name: view["pause"][name] for name in ("id", "called", "return_at", "can_return", "state")
    }
    return told


@pytest.fixture
def hook():
    with closing(Webhook()) as hook:
        yield hook


def test_killed_at_each_step_nothing_is_forgotten_and_nothing_announced_twice(start, visit, tmp_path, hook):
    talk = Kept(start, visit, tmp_path, hook)

    talk.do("mute")
    assert talk.killed()["muted_until"], "muted"
    talk.do("unmute")

    raised = talk.suggestion()
    assert talk.killed()["suggestion"]["id"] == raised["id"], "an open suggestion"

    talk.until(lambda _: hook.received)
    assert talk.killed()["suggestion"]["id"] == raised["id"], "a suggestion that went elsewhere, too"

    talk.do("suggestion/acknowledge", {"suggestion_id": raised["id"]})
    assert talk.killed()["suggestion"]["acknowledged"], "an acknowledged suggestion"

    talk.do("suggestion/snooze", {"suggestion_id": raised["id"]})
    snoozed = talk.killed()
    assert (snoozed["suggestion"], bool(snoozed["snoozed_until"])) == (None, True), "a snooze"

    talk.do("suggestion/unsnooze")
    again = talk.suggestion()
    assert again["id"] != raised["id"]
    assert talk.killed()["suggestion"]["id"] == again["id"], "a suggestion that was asked for again"
    talk.until(lambda _: len(hook.received) == 2)

    talk.do("suggestion/dismiss", {"suggestion_id": again["id"], "reason": "caffeine"})
    assert talk.killed()["silenced"], "silenced for the talk"

    promised = talk.do("pause")["pause"]["return_at"]
    assert talk.killed()["pause"]["return_at"] == promised, "a running pause"

    later = talk.do("pause/extend", {"minutes": 5})["pause"]["return_at"]
    assert later > promised
    assert talk.killed()["pause"]["return_at"] == later, "an extended pause"

    ready = talk.until(lambda view: view["pause"]["can_return"])
    assert ready["now"][:16] >= later[:16]
    talk.killed()

    talk.do("pause/return")
    assert talk.killed()["pause"] is None, "back in the talk"
    assert talk.do("end")["phase"] == "ended"

    # Each of the two suggestions once. The all-clear belongs to an episode, so there is one.
    counted = Counter(hook.texts)
    assert counted["A pause was suggested. Open when you can."] == 2
    assert counted["All clear. Nothing waits for you."] <= 1
    assert set(counted) <= {"A pause was suggested. Open when you can.", "All clear. Nothing waits for you."}
