"""A talk that two shared, with all that each can have in the journal, and its erasing."""

from dataclasses import replace
from datetime import timedelta

from alerts.agreement import Terms
from alerts.pause import Pause
from alerts.people import SERVICE
from alerts.suggestion import Suggestion
from alerts.talk_state import Phase, TalkState
from hrv.reading import Threshold, ThresholdKind
from hrv.settings import DetectorSettings
from journal.content import Content
from journal.derived import derived_from
from journal.timeline import timeline
from sensing.source import Link, LinkEvent, Notification
from tests.fakes import BEGAN, TALK
from tests.integration.findings import EPISODE, MINUTE, NEAR
from tests.integration.journal_home import at
from tests.raw_sql import raw

HERS, HIS = b"packet-of-mira-", b"packet-of-jonas"
MARKS = {HERS: 100.123451, HIS: 100.123452}
"""Lines that stand in the kept timelines, as JSON writes them."""
DETECTOR = DetectorSettings()


def kept_by(packet):
    """A timeline that can be told from another's in raw bytes."""
    silent = timeline(TALK, TalkState(BEGAN), [], DETECTOR)
    return replace(silent, threshold=Threshold(MARKS[packet], 95.0, ThresholdKind.FIXED))


def keep_timeline(home, talk, packet):
    """What an earlier detector made of a recording, and what today's did: both can be told from another's in raw bytes."""
    derived = derived_from(talk, TalkState(BEGAN), DETECTOR, kept_by(packet), 300)
    kept = home.journal.timelines.keep(SERVICE, talk, replace(derived, basis=f"earlier/{derived.basis}"))
    return home.journal.timelines.keep(SERVICE, talk, derived) and kept


def mark(packet):
    return str(MARKS[packet]).encode()


def fill(home, actor, talk, recording_id, packet):
    """A talk that flooded, with its packets, minutes, link and words."""
    recorder = home.journal.recorder
    for n in range(300):
        recorder.measurement(recording_id, Notification(float(n), packet + b"%05d" % n))
    recorder.link(recording_id, LinkEvent(1.0, Link.LOST, (packet + b"-link").decode()))
    recorder.flush()
    recorder.minute(actor, recording_id, MINUTE)
    recorder.near_miss(actor, recording_id, NEAR)
    recorder.episode(actor, recording_id, EPISODE)
    keep_timeline(home, replace(talk, recording_id=recording_id, wearer_id=actor.person_id), packet)
    entry_id = recorder.entry(actor, talk.id)
    home.journal.texts.save(actor, entry_id, Content(notes="words"), version=0, tab="t", now=BEGAN)
    return entry_id


def flood_both(home):
    """Mira and Jonas in one talk that has ended; both flooded, both wrote, her pause answered her suggestion."""
    state, version = home.journal.talks.load(home.mira, home.talk.id)
    suggestions = tuple(
        Suggestion(f"suggestion-of-{name}", who.person_id, 436.0, at(436), at(1036))
        for name, who in (("mira", home.mira), ("jonas", home.jonas))
    )
    pause = Pause(
        "p1",
        home.mira.person_id,
        at(500),
        at(1700),
        timedelta(minutes=20),
        at(4000),
        suggestion_id="suggestion-of-mira",
    )
    changed = replace(
        state,
        phase=Phase.ENDED,
        ended_at=at(2000),
        suggestions=suggestions,
        pauses=(pause,),
        silenced=(home.mira.person_id, home.jonas.person_id),
    )
    home.journal.talks.save(home.mira, home.talk.id, changed, expected_version=version)
    (his,) = home.journal.recordings.own(home.jonas)
    home.his_recording = his.id
    home.hers = fill(home, home.mira, home.talk, home.talk.recording_id, HERS)
    home.his = fill(home, home.jonas, home.talk, his.id, HIS)
    return home


def become_two(home, first, second):
    """Both have channels and a list of their own, and agreed on something; the first has a code and a way back."""
    journal = home.journal
    journal.pairs.begin(first, other_name="Somebody", now=BEGAN)
    with home.database.write() as connection:
        raw(connection, "UPDATE pair SET second_id = ?", (second.person_id,))
    journal.agreements.write(first, Terms(word="Lighthouse"), now=BEGAN)
    journal.pairs.make_code(first, for_other=False, now=BEGAN)
    journal.people.new_way_back(first)
    for actor, name in ((first, "Grandmother"), (second, "Grandfather")):
        journal.turn_to.add(actor, name=name, how="", now=BEGAN)
        channel = journal.channels.add(actor, kind="webhook", label=f"Phone by {name}", address="json://h/", now=BEGAN)
        assert journal.channels.claim(actor, channel.id, home.talk.id, f"key-{name}", BEGAN)


def erase(home, actor, wish):
    token = home.journal.erasure.preview(actor, wish).token
    return home.journal.erasure.erase(actor, wish, token=token)
