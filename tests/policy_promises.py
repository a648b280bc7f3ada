"""What was promised of a talk, and holds after every step, against a plain memory.

The memory is not a second policy. It holds only what was promised: when a snooze ends, which flood was told, who was
silenced. After every step the state is compared with it.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from typing import ClassVar

from alerts.notice import NoticeState
from alerts.pause import OVER, PauseState
from alerts.policy_settings import PolicySettings
from alerts.seen import seen_by
from alerts.suggestion import NotFlooding
from alerts.talk_state import Phase, TalkState
from hrv.reading import ArousalState, Episode, Signal
from tests.fakes import BEGAN

SETTINGS = PolicySettings()
WHO = ("mira", "jonas")
SHARED_BY = {"clock", "accept", "topic", "pause", "return", "extend", "end"}
"""Steps that change what both see; taking a suggestion is calling a pause."""
ANSWERED_BY = {"accept", "snooze", "dismiss", "pause", "end"}


@dataclass
class Wearer:
    """A body, and what was promised to its owner."""

    arousal: ArousalState = ArousalState.CALM
    episode: Episode | None = None
    last_good: datetime = BEGAN
    snoozed_until: datetime | None = None
    notice_snoozed_until: datetime | None = None
    silenced: bool = False
    told: frozenset = frozenset()
    raised_at: datetime | None = None


class Promises:
    """The promises of one talk, which `self.state` and `self.now` are the state and time of.

    Attributes:
        seen: counts what was reached.
    """

    seen: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.state = TalkState(BEGAN)
        self.now = BEGAN
        self.wearers = {who: Wearer() for who in WHO}

    def promise(self, who, action, after):
        """What a step that was not refused promises from now on."""
        wearer = self.wearers[who]
        if action == "snooze":
            wearer.snoozed_until = self.now + SETTINGS.snooze
        elif action == "unsnooze":
            wearer.snoozed_until = self.now
        elif action == "dismiss":
            wearer.silenced = True
            (labelled,) = [s for s in after.suggestions if s not in self.state.suggestions]
            assert labelled.reason is NotFlooding.CAFFEINE, "“This isn't flooding” labels the episode"
        elif action == "unsilence":
            wearer.silenced = False
        elif action == "notice snooze":
            wearer.notice_snoozed_until = self.now + SETTINGS.notice_snooze
        elif action == "notice wake":
            wearer.notice_snoozed_until = None

    def check_raised(self, who, reading, after):
        known = {s.id for s in self.state.suggestions}
        new = [s for s in after.suggestions if s.id not in known]
        if not new:
            return
        ((suggestion),) = new
        wearer = self.wearers[who]
        assert suggestion.wearer_id == who
        assert reading.signal is Signal.OK, "a technical fault suggested a pause"
        assert reading.state is ArousalState.FLOODED
        assert after.phase is Phase.TALKING
        assert after.pause is None
        assert not wearer.silenced, "it was silenced for this talk"
        snoozed = wearer.snoozed_until is not None
        assert not snoozed or self.now >= wearer.snoozed_until, "a snooze was broken"
        if not snoozed:
            assert reading.episode.began_t_s not in wearer.told, "one flood was told twice"
            assert wearer.raised_at is None or self.now >= wearer.raised_at + SETTINGS.refractory
        wearer.told |= {reading.episode.began_t_s}
        wearer.raised_at, wearer.snoozed_until = self.now, None

    def check_notice(self, who, reading, silent_s, after):
        notice, before = after.open_notice(who), self.state.open_notice(who)
        wearer = self.wearers[who]
        if reading.signal is Signal.OK:
            assert notice is None, "a notice outlived its fault"
        if notice is None or after.phase is Phase.ENDED:
            return
        assert after.pause is None
        if before is None:
            assert silent_s >= 30
            assert notice.state is NoticeState.OPEN
        if notice.state is NoticeState.OPEN:
            until = wearer.notice_snoozed_until
            assert until is None or self.now >= until, "a snooze was broken"

    def follow(self, who, action, after):
        """Whatever happened, this holds between the state before and the state after it."""
        before, self.state = self.state, after
        for old in before.suggestions:
            new = next(s for s in after.suggestions if s.id == old.id)
            self.check_suggestion(who, action, old, new)
        other = next(w for w in WHO if w != who)
        if action not in {"clock", "end"}:
            for of in (TalkState.latest_suggestion, TalkState.latest_notice):
                assert of(after, other) == of(before, other), "what one does changed an alert of the other"
        assert (other in after.silenced) == (other in before.silenced)
        assert after.muted_until(other, self.now) == before.muted_until(other, self.now)
        if after.people:
            self.check_seen(action, seen_by(before, other), seen_by(after, other))
            self.check_shared(action, before, after)
        self.check_pauses()
        for found in (*after.suggestions, *after.notices, *after.pauses, *self.courses()):
            self.seen[named(found.state)] += 1

    def check_seen(self, action, before, after):
        """What one does, and what one's body does, reaches the other by what both share only."""
        if action not in SHARED_BY:
            assert after == before, "something of one's own was seen by the other"
        if action == "clock":
            assert (after.notices, after.mutes, after.silenced) == (before.notices, before.mutes, before.silenced)
            for pause, was in zip(after.pauses, before.pauses, strict=True):
                assert pause.courses == was.courses, "one's way through the pause was seen by the other"

    def check_shared(self, action, before, after):
        """The sentence is the same for both, and leaves for whoever has not seen it, once."""
        unanswered = tuple(replace(said, put_away_by=(), acknowledged_by=()) for said in after.shared)
        one, other = (seen_by(replace(after, shared=unanswered), who).shared for who in WHO)
        assert one == other
        for new, old in zip_longest(after.shared, before.shared):
            for who in set(new.escalated_to) - set(old.escalated_to if old else ()):
                assert action == "clock"
                assert new.calls(who)
                assert after.muted_until(who, self.now) is None
                assert self.now >= new.said_at + SETTINGS.escalate_after
                self.seen["the sentence left"] += 1
        for suggestion in after.suggestions:
            was = next((s for s in before.suggestions if s.id == suggestion.id), None)
            if suggestion.escalated_at and not (was and was.escalated_at):
                shared = before.shared_suggestion
                assert shared is None or self.now >= shared.expires_at or not shared.calls(suggestion.wearer_id)

    def courses(self):
        return [course for pause in self.state.pauses for course in pause.courses]

    def check_suggestion(self, who, action, old, new):
        if old.waits and not new.waits:
            theirs = action in ANSWERED_BY and (who == old.wearer_id or action == "end")
            assert theirs or self.now >= old.expires_at, "a latched suggestion went by itself"
        if action == "clock" and new.waits:
            assert self.now < new.expires_at, "a suggestion outlived its expiry"
        if not old.waits:
            assert new.state is old.state, "an answer was changed afterwards"
        for once in ("acknowledged_at", "escalated_at", "cleared_at"):
            assert getattr(old, once) in {None, getattr(new, once)}, f"{once} came twice"
        if new.escalated_at is not None and old.escalated_at is None:
            assert old.acknowledged_at is None
            assert new.waits
            assert self.state.muted_until(new.wearer_id, self.now) is None
        if new.cleared_at is not None and old.cleared_at is None:
            assert self.wearers[new.wearer_id].last_good == self.now, "a gap was taken for recovery"

    def check_pauses(self):
        for pause in self.state.pauses:
            for own in (pause.of(who) for who in self.state.people or WHO[:1]):
                if own.state in {PauseState.READY, PauseState.MISSED, PauseState.RETURNED}:
                    assert own.ready_at - own.called_at >= own.minimum, "ready before the minimum"
                    assert own.ready_at >= own.return_at or own.extensions
        assert all(pause.state in OVER for pause in self.state.pauses[:-1])


def named(state):
    """States of different machines may have the same value; here they are different."""
    return f"{type(state).__name__}.{state.name}"
