"""Every store call against everybody: who may not, learns nothing, not even whether the thing exists."""

import inspect
from contextlib import suppress
from dataclasses import replace
from io import BytesIO

import pytest

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed
from alerts.talk_state import TalkState
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.settings import DetectorSettings
from journal.archive import Archive
from journal.archive_file import write_archive
from journal.checks import Checks, DailyCheck
from journal.content import Content
from journal.entries import Entries
from journal.erasure import ChangedSincePreview, Erasure, OneEntry, OneRecording
from journal.people import People
from journal.recorder import JournalRecorder
from journal.recordings import Recordings
from journal.reviews.gathered import Reviews, StoredEntries
from journal.reviews.rises import Rise, RiseKind
from journal.search import EntryFilter, Search
from journal.straps import Straps
from journal.talks import Talks
from journal.texts import EntryTexts
from journal.timelines import Timelines
from sensing.source import About
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, at, end, start
from tests.integration.test_journal_recorder import EPISODE


def save_again(talks, actor, talk_id):
    """Whatever the version is; without leave, any."""
    try:
        version = talks.load(actor, talk_id)[1]
    except NotAllowed:
        version = 1
    talks.save(actor, talk_id, TalkState(BEGAN, ended_at=at(1)), expected_version=version)


def import_nothing(journal, actor):
    with journal.recordings.importing(actor):
        pass


def erase_other(erasure, actor, recording_id):
    """Whoever may is told that it is not what they looked at, so that the next call finds it."""
    with suppress(ChangedSincePreview):
        erasure.erase(actor, OneRecording(recording_id), token="another")


def emptied():
    """An archive with nothing in it."""
    file = BytesIO()
    write_archive(file, [(f"{name}.jsonl", b"") for name in ("talks", "entries", "recordings", "checks")], {})
    return file


DETECTOR = DetectorSettings()
RISE = Rise(RiseKind.NEAR_MISS, BEGAN, 1.0, 2.0, 96.0, 100.0, None, "", None, None, None)
MINUTE = Minute(0, 60, 60, 72.0, 70.0, 75.0, 40.0, 0)
NEAR = NearMiss(420, 480, 96.5, 455)

OWNER, PARTNER, STRANGER, NO_ACCOUNT, MACHINE = "owner", "partner", "stranger", "no account", "service"
PEOPLE = {OWNER, PARTNER, STRANGER}
EVERYBODY = [OWNER, PARTNER, STRANGER, NO_ACCOUNT, MACHINE]

# Call -> how it is made, what it names (None: nothing but the actor), and who may.
CALLS = {
    "Talks.start": (lambda j, actor, _: start(j, actor), None, PEOPLE),
    "Talks.open_talk": (lambda j, actor, _: j.talks.open_talk(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "Talks.unfinished": (lambda j, actor, _: j.talks.unfinished(actor), None, {MACHINE}),
    "Talks.kinds": (lambda j, actor, _: j.talks.kinds(actor), None, {MACHINE}),
    "Talks.load": (lambda j, actor, talk: j.talks.load(actor, talk), "talk", {OWNER, PARTNER}),
    "Talks.save": (
        lambda j, actor, talk: save_again(j.talks, actor, talk),
        "talk",
        {OWNER, PARTNER},
    ),
    "JournalRecorder.measurements": (lambda j, actor, it: j.recorder.measurements(actor, it), "recording", {OWNER}),
    "JournalRecorder.minutes": (lambda j, actor, it: j.recorder.minutes(actor, it), "recording", {OWNER}),
    "JournalRecorder.minute": (lambda j, actor, it: j.recorder.minute(actor, it, MINUTE), "recording", {OWNER}),
    "JournalRecorder.episode": (lambda j, actor, it: j.recorder.episode(actor, it, EPISODE), "recording", {OWNER}),
    "JournalRecorder.near_miss": (lambda j, actor, it: j.recorder.near_miss(actor, it, NEAR), "recording", {OWNER}),
    "JournalRecorder.entry": (lambda j, actor, talk: j.recorder.entry(actor, talk), "talk", {OWNER, PARTNER}),
    "JournalRecorder.met_strap": (
        lambda j, actor, _: j.recorder.met_strap(actor, OWN_STRAP[actor], BEGAN),
        None,
        PEOPLE,
    ),
    "Straps.remember": (lambda j, actor, _: j.straps.remember(actor, OWN_STRAP[actor], now=BEGAN), None, PEOPLE),
    "Straps.mine": (lambda j, actor, _: j.straps.mine(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "Straps.called": (lambda j, actor, _: j.straps.called(actor, "HRM"), None, {*PEOPLE, NO_ACCOUNT}),
    "Straps.of_others": (lambda j, actor, _: j.straps.of_others(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "Straps.batteries": (lambda j, actor, _: j.straps.batteries(actor), None, {MACHINE}),
    "Straps.forget": (lambda j, actor, strap: j.straps.forget(actor, strap), "strap", {OWNER}),
    "JournalRecorder.last_moment": (lambda j, actor, _: j.recorder.last_moment(actor, j.the_talk), None, {MACHINE}),
    "Recordings.importing": (lambda j, actor, _: import_nothing(j, actor), None, PEOPLE),
    "Recordings.list_recordings": (
        lambda j, actor, _: j.recordings.list_recordings(actor),
        None,
        {*PEOPLE, NO_ACCOUNT},
    ),
    "Recordings.whole": (lambda j, actor, it: j.recordings.whole(actor, it), "recording", {OWNER}),
    "Entries.list_entries": (lambda j, actor, _: j.entries.list_entries(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "Entries.entry": (lambda j, actor, entry: j.entries.entry(actor, entry), "entry", {OWNER}),
    "Entries.line": (lambda j, actor, entry: j.entries.line(actor, entry), "entry", {OWNER}),
    "EntryTexts.create": (lambda j, actor, _: j.texts.create(actor, now=BEGAN), None, PEOPLE),
    "EntryTexts.read": (lambda j, actor, entry: j.texts.read(actor, entry), "entry", {OWNER}),
    "EntryTexts.contents": (lambda j, actor, _: j.texts.contents(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "EntryTexts.save": (
        lambda j, actor, entry: j.texts.save(actor, entry, Content(), version=0, tab="t", now=BEGAN),
        "entry",
        {OWNER},
    ),
    "EntryTexts.discard_draft": (lambda j, actor, entry: j.texts.discard_draft(actor, entry, "none"), "entry", {OWNER}),
    "Erasure.recordings": (lambda j, actor, _: j.erasure.recordings(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "Erasure.preview": (lambda j, actor, entry: j.erasure.preview(actor, OneEntry(entry)), "entry", {OWNER}),
    "Erasure.erase": (lambda j, actor, it: erase_other(j.erasure, actor, it), "recording", {OWNER}),
    "Archive.save": (lambda j, actor, _: j.archive.save(actor, BytesIO(), now=BEGAN), None, PEOPLE),
    "Archive.restore": (lambda j, actor, _: j.archive.restore(actor, emptied(), simulated=False), None, PEOPLE),
    "Search.find": (lambda j, actor, _: j.search.find(actor, EntryFilter()), None, {*PEOPLE, NO_ACCOUNT}),
    "Timelines.read": (
        lambda j, actor, it: j.timelines.read(actor, replace(j.the_talk, recording_id=it), TalkState(BEGAN), DETECTOR),
        "recording",
        {OWNER},
    ),
    "Timelines.trace": (lambda j, actor, it: j.timelines.trace(actor, it), "recording", {OWNER}),
    "Timelines.facts": (
        lambda j, actor, _: j.timelines.facts(actor, DETECTOR, since=BEGAN, until=BEGAN),
        None,
        {*PEOPLE, NO_ACCOUNT},
    ),
    "Timelines.bring_up_to_date": (
        lambda j, actor, _: j.timelines.bring_up_to_date(actor, DETECTOR, stopped=lambda: True),
        None,
        {MACHINE},
    ),
    "Checks.save": (lambda j, actor, _: j.checks.save(actor, DailyCheck(BEGAN.date()), now=BEGAN), None, PEOPLE),
    "Checks.between": (
        lambda j, actor, _: j.checks.between(actor, BEGAN.date(), BEGAN.date()),
        None,
        {*PEOPLE, NO_ACCOUNT},
    ),
    "Reviews.gather": (
        lambda j, actor, _: j.reviews.gather(actor, DETECTOR, first=BEGAN.date(), days=7),
        None,
        {*PEOPLE, NO_ACCOUNT},
    ),
    "Reviews.first_day": (lambda j, actor, _: j.reviews.first_day(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "Reviews.entry_count": (lambda j, actor, _: j.reviews.entry_count(actor), None, {*PEOPLE, NO_ACCOUNT}),
    "Reviews.curve": (
        lambda j, actor, it: j.reviews.curve(actor, replace(RISE, recording_id=it)),
        "recording",
        {OWNER},
    ),
    "StoredEntries.entries": (
        lambda j, actor, _: j.stored_entries.entries(actor, since=BEGAN, until=BEGAN),
        None,
        {*PEOPLE, NO_ACCOUNT},
    ),
    "People.everybody": (lambda j, actor, _: j.people.everybody(actor), None, {MACHINE}),
    "People.open_session": (lambda j, actor, _: j.people.open_session(actor, now=BEGAN), None, PEOPLE),
    "People.close_session": (lambda j, actor, token: j.people.close_session(actor, token), "session", {OWNER}),
}


def mira_remembers(home):
    home.journal.straps.remember(home.mira, About("Mira’s", "id of Mira’s"), now=BEGAN)
    return "id of Mira’s"


class OwnStrap(dict):
    """A strap of their own for whoever asks."""

    def __missing__(self, actor):
        return About("HRM", f"id of {actor.person_id}")


OWN_STRAP = OwnStrap()
FRESH = {
    "session": lambda home: home.journal.people.open_session(home.mira, now=BEGAN),
    "strap": mira_remembers,
}
"""What a call uses up is made anew for each."""

WITHOUT_ACTOR = {
    "People.first_person",  # makes the first account: there is nobody yet
    "People.person_for",  # says who somebody is
    "JournalRecorder.measurement",  # a queue inside the process: the live talk was started by its wearer
    "JournalRecorder.link",
    "JournalRecorder.flush",
}


class JournalOfTheTable:
    """The journal's stores, and the talk that one call takes whole."""

    def __init__(self, home):
        self.talks, self.recorder = home.journal.talks, home.journal.recorder
        self.entries, self.people = home.journal.entries, home.journal.people
        self.recordings, self.straps = home.journal.recordings, home.journal.straps
        self.texts, self.search = home.journal.texts, home.journal.search
        self.erasure = home.journal.erasure
        self.archive = home.journal.archive
        self.timelines, self.checks, self.reviews = (
            home.journal.timelines,
            home.journal.checks,
            home.journal.reviews,
        )
        self.stored_entries = StoredEntries(home.database, home.journal.texts)
        self.the_talk = home.talk


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with Home(tmp_path_factory.mktemp("data")) as home:
        entry_id = home.journal.recorder.entry(home.mira, home.talk.id)
        home.journal.recorder.episode(home.mira, home.talk.recording_id, EPISODE)
        end(home.journal, home.mira, home.talk)
        home.actors = {
            OWNER: home.mira,
            PARTNER: home.jonas,
            STRANGER: home.lena,
            NO_ACCOUNT: Actor("nobody"),
            MACHINE: SERVICE,
        }
        home.ids = {None: None, "talk": home.talk.id, "recording": home.talk.recording_id, "entry": entry_id}
        yield home


def outcome(call, home, who, subject):
    """None, or what the caller gets to see of the refusal."""
    try:
        call(JournalOfTheTable(home), home.actors[who], subject)
    except Exception as error:  # noqa: BLE001  any difference between refusals is the finding
        return type(error), error.args, str(error)
    return None


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("name", CALLS)
def test_only_those_named_may_and_others_cannot_tell_whether_it_exists(home, name, who):
    call, names, allowed = CALLS[name]
    subject = home.ids[names] if names not in FRESH else FRESH[names](home)
    found = outcome(call, home, who, subject)
    if who in allowed:
        assert found is None
    else:
        assert found == (NotAllowed, (), "")
    if names is not None:
        assert outcome(call, home, who, "there-is-no-such-thing") == (NotAllowed, (), "")


STORES = (
    Talks, JournalRecorder, Recordings, Straps, Entries, People, EntryTexts, Search, Erasure, Archive, Timelines, Checks,
    Reviews, StoredEntries,
)  # fmt: skip


def test_the_table_has_every_call():
    calls = {
        f"{store.__name__}.{name}": "actor" in inspect.signature(method).parameters
        for store in STORES
        for name, method in inspect.getmembers(store, inspect.isfunction)
        if not name.startswith("_")
    }
    assert {name for name, has_actor in calls.items() if has_actor} == set(CALLS)
    assert {name for name, has_actor in calls.items() if not has_actor} == WITHOUT_ACTOR
