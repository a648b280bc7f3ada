"""Every store call against everybody: who may not, learns nothing, not even whether the thing exists."""

import hashlib
import inspect
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import delete, insert, update

from alerts.agreement import Side, Terms
from alerts.not_now import NotNow
from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed, TooManyChannels
from alerts.talk_state import TalkState
from hrv.settings import DetectorSettings
from journal.access_log import AccessLog
from journal.agreements import Agreements
from journal.api_tokens import ApiTokens, Scope
from journal.archive import Archive
from journal.archive_file import write_archive
from journal.channels import Channels
from journal.checks import Checks, DailyCheck
from journal.clinic_links import ClinicLinks
from journal.clinician_notes import ClinicianNotes
from journal.content import Content
from journal.derived import Recorded, derive
from journal.entries import Entries
from journal.erasure import ChangedSincePreview, Erasure, OneEntry, OneRecording
from journal.invitations import Invitations
from journal.models import AdmissionRow, ChannelRow, PairRow, PasskeyRow, PasswordRow, PersonRow, TurnToRow, WayBackRow
from journal.pairs import Pairs
from journal.passkeys import NewPasskey, Passkeys
from journal.people import People
from journal.publication import Answer, Looks, Told
from journal.published import Published
from journal.recorder import JournalRecorder
from journal.recordings import Recordings
from journal.reviews.gathered import Reviews, StoredEntries
from journal.reviews.rises import Rise, RiseKind
from journal.search import EntryFilter, Search
from journal.sharing import Sharing
from journal.shown import Shown
from journal.straps import Straps
from journal.talks import Talks
from journal.texts import EntryTexts
from journal.timelines import Timelines
from journal.trends.clients import Clients
from journal.turn_to import TurnTo
from journal.ways_in import WaysIn
from sensing.source import About
from tests.fakes import BEGAN
from tests.integration.findings import EPISODE, MINUTE, NEAR
from tests.integration.journal_home import Home, add_person, at, end, start


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


NOBODY_BUT_ITS_HOME = frozenset()
NOTHING_SHOWN = json.dumps(
    {
        "digest": "0" * 64,
        "entry": None,
        "words": None,
        "recording": None,
        "talk": {
            "simulated": False,
            "state": {"started_at": BEGAN.isoformat(), "phase": "ended", "ended_at": BEGAN.isoformat()},
        },
    }
).encode()


def emptied():
    """An archive with nothing in it."""
    file = BytesIO()
    write_archive(file, [(f"{name}.jsonl", b"") for name in ("talks", "entries", "recordings", "checks")], {})
    return file


DETECTOR = DetectorSettings()
RISE = Rise(RiseKind.NEAR_MISS, BEGAN, 1.0, 2.0, 96.0, 100.0, None, "", None, None, None)


def start_together(journal, actor):
    """Without a yes of both nobody may; the two are told why, others nothing."""
    try:
        journal.talks.start_together(
            actor, now=BEGAN, began_at=BEGAN, utc_offset_min=0, straps=dict.fromkeys(Side), simulated=False,
            threshold_bpm=100.0,
        )  # fmt: skip
    except NotNow:
        raise NotAllowed from None


def add_channel(journal, actor):
    """One more, wherever there is room for it."""
    with suppress(TooManyChannels):
        return journal.channels.add(actor, kind="webhook", label="Lamp", address="json://127.0.0.1/", now=BEGAN)


def begin_pair(pairs, actor):
    """Who is one of two already is told so."""
    with suppress(NotNow):
        pairs.begin(actor, other_name="Kim", now=BEGAN)


def yes_to_newest(agreements, actor):
    """Whatever is the newest."""
    agreements.say_yes(actor, agreements.write(actor, Terms(), now=BEGAN).number, now=BEGAN)


def accept(journal, actor, code):
    """Whom she has admitted already is told so."""
    with suppress(NotNow):
        journal.sharing.accept(actor, code, now=BEGAN)


def withdraw(agreements, actor):
    """Something that there is."""
    agreements.write(actor, Terms(), now=BEGAN)
    agreements.withdraw(actor, now=BEGAN)


def no_words(journal, actor):
    """The ways in, of which the actor has none."""
    with journal.database.write() as connection:
        for row in (WayBackRow, PasswordRow):
            connection.execute(delete(row).where(row.person_id == actor.person_id))
        connection.execute(delete(PasskeyRow))
    return journal.ways_in


def choose_password(journal, actor):
    """The first one."""
    name = f"{actor.person_id} of many words"[:40]
    no_words(journal, actor).set_password(actor, name, "a quiet evening", proof="", now=BEGAN)
    no_words(journal, actor)


def make_token(journal, actor):
    """One that is revoked at once, so that there is room for the next."""
    scopes = {Scope.BODY_READ}
    made, _ = journal.tokens.make(actor, name="Lamp", scopes=scopes, lasts=timedelta(days=1), now=BEGAN)
    journal.tokens.revoke(actor, made.id)
    return made.id


def add_passkey(journal, actor):
    """One that is removed at once, so that there is room for the next and nothing is asked for."""
    new = NewPasskey(str(actor.person_id).encode(), b"key", 0, (), "localhost")
    made, _ = journal.passkeys.add(actor, new, name="Phone", now=BEGAN)
    journal.passkeys.remove(actor, made.id)


def her_passkey(home):
    """The only one."""
    with home.database.write() as connection:
        connection.execute(delete(PasskeyRow))
    made, _ = home.journal.passkeys.add(
        home.mira, NewPasskey(b"hers", b"key", 0, (), "localhost"), name="Phone", now=BEGAN
    )
    return made.id


def her_token(home):
    made, _ = home.journal.tokens.make(
        home.mira, name="Lamp", scopes={Scope.BODY_READ}, lasts=timedelta(days=1), now=BEGAN
    )
    return made.id


def her_device(home):
    token = home.journal.people.open_session(home.mira, now=BEGAN)
    (here,) = [one for one in home.journal.people.devices(home.mira, here=token, now=BEGAN) if one.is_here]
    return here.id


OWNER, PARTNER, STRANGER, NO_ACCOUNT, MACHINE = "owner", "partner", "stranger", "no account", "service"
CLINICIAN, OTHER_CLINICIAN = "her clinician", "another clinician"
PEOPLE = {OWNER, PARTNER, STRANGER}
ACCOUNTS = {*PEOPLE, CLINICIAN, OTHER_CLINICIAN}
ANYBODY = {*PEOPLE, NO_ACCOUNT, CLINICIAN, OTHER_CLINICIAN}
"""Who asks for their own alone: nothing is there for them, or theirs."""
EVERYBODY = [OWNER, PARTNER, STRANGER, NO_ACCOUNT, MACHINE, CLINICIAN, OTHER_CLINICIAN]

# Call -> how it is made, what it names (None: nothing but the actor), and who may.
CALLS = {
    "Talks.start": (lambda j, actor, _: start(j, actor), None, PEOPLE),
    "Talks.start_together": (lambda j, actor, _: start_together(j, actor), None, set()),
    "Talks.open_talk": (lambda j, actor, _: j.talks.open_talk(actor), None, ANYBODY),
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
    "JournalRecorder.page_numbers": (lambda j, actor, it: j.recorder.page_numbers(actor, it), "recording", {OWNER}),
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
    "Straps.mine": (lambda j, actor, _: j.straps.mine(actor), None, ANYBODY),
    "Straps.called": (lambda j, actor, _: j.straps.called(actor, "HRM"), None, ANYBODY),
    "Straps.of_others": (lambda j, actor, _: j.straps.of_others(actor), None, ANYBODY),
    "Straps.batteries": (lambda j, actor, _: j.straps.batteries(actor), None, {MACHINE}),
    "Straps.forget": (lambda j, actor, strap: j.straps.forget(actor, strap), "strap", {OWNER}),
    "JournalRecorder.last_moment": (lambda j, actor, _: j.recorder.last_moment(actor, j.the_talk), None, {MACHINE}),
    "Recordings.importing": (lambda j, actor, _: import_nothing(j, actor), None, PEOPLE),
    "Recordings.list_recordings": (
        lambda j, actor, _: j.recordings.list_recordings(actor),
        None,
        ANYBODY,
    ),
    "Recordings.whole": (lambda j, actor, it: j.recordings.whole(actor, it), "recording", {OWNER}),
    "Entries.list_entries": (lambda j, actor, _: j.entries.list_entries(actor), None, ANYBODY),
    "Entries.entry": (lambda j, actor, entry: j.entries.entry(actor, entry), "entry", {OWNER}),
    "Entries.line": (lambda j, actor, entry: j.entries.line(actor, entry), "entry", {OWNER}),
    "EntryTexts.create": (lambda j, actor, _: j.texts.create(actor, now=BEGAN), None, PEOPLE),
    "EntryTexts.read": (lambda j, actor, entry: j.texts.read(actor, entry), "entry", {OWNER}),
    "EntryTexts.contents": (lambda j, actor, _: j.texts.contents(actor), None, ANYBODY),
    "EntryTexts.save": (
        lambda j, actor, entry: j.texts.save(actor, entry, Content(), version=0, tab="t", now=BEGAN),
        "entry",
        {OWNER},
    ),
    "EntryTexts.discard_draft": (lambda j, actor, entry: j.texts.discard_draft(actor, entry, "none"), "entry", {OWNER}),
    "Recordings.own": (lambda j, actor, _: j.recordings.own(actor), None, ANYBODY),
    "Erasure.preview": (lambda j, actor, entry: j.erasure.preview(actor, OneEntry(entry)), "entry", {OWNER}),
    "Erasure.erase_hearts_before": (lambda j, actor, _: j.erasure.erase_hearts_before(actor, BEGAN), None, {MACHINE}),
    "Erasure.erase": (lambda j, actor, it: erase_other(j.erasure, actor, it), "recording", {OWNER}),
    "Archive.save": (lambda j, actor, _: j.archive.save(actor, BytesIO(), now=BEGAN), None, PEOPLE),
    "Archive.restore": (lambda j, actor, _: j.archive.restore(actor, emptied(), simulated=False), None, PEOPLE),
    "Search.find": (lambda j, actor, _: j.search.find(actor, EntryFilter()), None, ANYBODY),
    "Timelines.read": (
        lambda j, actor, it: j.timelines.read(actor, replace(j.the_talk, recording_id=it), TalkState(BEGAN), DETECTOR),
        "recording",
        {OWNER},
    ),
    "Timelines.trace": (lambda j, actor, it: j.timelines.trace(actor, it), "recording", {OWNER}),
    "ClinicLinks.begin": (
        lambda j, actor, _: j.clinic_links.begin(actor, address="a", clinician="T", token="t", now=BEGAN),
        None,
        PEOPLE,
    ),
    "ClinicLinks.mine": (lambda j, actor, _: j.clinic_links.mine(actor), None, ANYBODY),
    "ClinicLinks.everybodys": (lambda j, actor, _: j.clinic_links.everybodys(actor), None, {MACHINE}),
    "ClinicLinks.switch": (lambda j, actor, it: j.clinic_links.switch(actor, it, on=False), "link", {OWNER}),
    "ClinicLinks.next_list": (lambda j, actor, it: j.clinic_links.next_list(actor, it, now=BEGAN), "link", {OWNER}),
    "ClinicLinks.item": (lambda j, actor, it: j.clinic_links.item(actor, it, "none", now=BEGAN), "link", {OWNER}),
    "ClinicLinks.answered": (
        lambda j, actor, it: j.clinic_links.answered(actor, it, Answer(wanted=[], kept_until=BEGAN), now=BEGAN),
        "link",
        {OWNER},
    ),
    "ClinicLinks.heard_after": (lambda j, actor, it: j.clinic_links.heard_after(actor, it), "link", {OWNER}),
    "ClinicLinks.heard": (lambda j, actor, it: j.clinic_links.heard(actor, it, Looks(looks=[])), "link", {OWNER}),
    "ClinicLinks.failed": (lambda j, actor, it: j.clinic_links.failed(actor, it, "away"), "link", {OWNER}),
    "ClinicLinks.over": (lambda j, actor, it: j.clinic_links.over(actor, it, now=BEGAN), "link", {OWNER}),
    "ClinicLinks.looks": (lambda j, actor, _: j.clinic_links.looks(actor), None, ANYBODY),
    "Published.invite": (
        lambda j, actor, _: j.published.invite(actor, called="T", now=BEGAN),
        None,
        {CLINICIAN, OTHER_CLINICIAN},
    ),
    "Published.from_home": (lambda j, actor, it: j.published.from_home(actor, it), None, ANYBODY),
    "Published.told": (
        lambda j, actor, it: j.published.told(actor, it, Told(number=1, grants=[], items={}), now=BEGAN),
        "publication",
        NOBODY_BUT_ITS_HOME,
    ),
    "Published.looks": (lambda j, actor, it: j.published.looks(actor, it, 0), "publication", NOBODY_BUT_ITS_HOME),
    "Published.take": (
        lambda j, actor, it: j.published.take(actor, it, "none", NOTHING_SHOWN, now=BEGAN),
        "publication",
        NOBODY_BUT_ITS_HOME,
    ),
    "Published.end": (lambda j, actor, it: j.published.end(actor, it), "publication", NOBODY_BUT_ITS_HOME),
    "Published.expire": (lambda j, actor, _: j.published.expire(actor, now=BEGAN), None, {MACHINE}),
    "Timelines.analyses": (lambda j, actor, it: j.timelines.analyses(actor, it), "recording", {OWNER}),
    "Timelines.earlier": (lambda j, actor, it: j.timelines.earlier(actor, it, "2"), "recording", {OWNER}),
    "Timelines.to_analyse": (lambda j, actor, _: j.timelines.to_analyse(actor, DETECTOR), None, {MACHINE}),
    "Timelines.recorded": (lambda j, actor, _: j.timelines.recorded(actor, j.the_talk, DETECTOR), None, {MACHINE}),
    "Timelines.keep": (
        lambda j, actor, _: j.timelines.keep(
            actor, j.the_talk, derive(Recorded(j.the_talk, TalkState(BEGAN), [], DETECTOR))
        ),
        None,
        {MACHINE},
    ),
    "Timelines.facts": (
        lambda j, actor, _: j.timelines.facts(actor, DETECTOR, since=BEGAN, until=BEGAN),
        None,
        ANYBODY,
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
        ANYBODY,
    ),
    "Reviews.gather": (
        lambda j, actor, _: j.reviews.gather(actor, DETECTOR, first=BEGAN.date(), days=7),
        None,
        ANYBODY,
    ),
    "Reviews.first_day": (lambda j, actor, _: j.reviews.first_day(actor), None, ANYBODY),
    "Reviews.curve": (
        lambda j, actor, it: j.reviews.curve(actor, replace(RISE, recording_id=it)),
        "recording",
        {OWNER},
    ),
    "StoredEntries.entries": (
        lambda j, actor, _: j.stored_entries.entries(actor, since=BEGAN, until=BEGAN),
        None,
        ANYBODY,
    ),
    "People.everybody": (lambda j, actor, _: j.people.everybody(actor), None, {MACHINE}),
    "People.accounts": (lambda j, actor, _: j.people.accounts(actor), None, {MACHINE}),
    "People.open_session": (lambda j, actor, _: j.people.open_session(actor, now=BEGAN), None, ACCOUNTS),
    "People.new_way_back": (lambda j, actor, _: j.people.new_way_back(actor), None, ACCOUNTS),
    "People.rename": (lambda j, actor, _: j.people.rename(actor, "Mira"), None, ACCOUNTS),
    "People.has_way_back": (lambda j, actor, _: j.people.has_way_back(actor), None, ANYBODY),
    "Pairs.mine": (lambda j, actor, _: j.pairs.mine(actor), None, ANYBODY),
    "Pairs.begin": (lambda j, actor, _: begin_pair(j.pairs, actor), None, PEOPLE),
    "Pairs.opt_in": (lambda j, actor, _: j.pairs.opt_in(actor, now=BEGAN), None, {OWNER, PARTNER}),
    "Pairs.opt_out": (lambda j, actor, _: j.pairs.opt_out(actor), None, {OWNER, PARTNER}),
    "Pairs.make_code": (lambda j, actor, _: j.pairs.make_code(actor, for_other=False, now=BEGAN), None, PEOPLE),
    "Agreements.history": (lambda j, actor, _: j.agreements.history(actor), None, ANYBODY),
    "Agreements.agreed": (lambda j, actor, _: j.agreements.agreed(actor), None, ANYBODY),
    "Agreements.write": (lambda j, actor, _: j.agreements.write(actor, Terms(), now=BEGAN), None, {OWNER, PARTNER}),
    "Agreements.say_yes": (lambda j, actor, _: yes_to_newest(j.agreements, actor), None, {OWNER, PARTNER}),
    "Agreements.withdraw": (lambda j, actor, _: withdraw(j.agreements, actor), None, {OWNER, PARTNER}),
    "TurnTo.everyone": (lambda j, actor, _: j.turn_to.everyone(actor), None, ANYBODY),
    "TurnTo.add": (lambda j, actor, _: j.turn_to.add(actor, name="Ana", how="", now=BEGAN), None, PEOPLE),
    "TurnTo.remove": (lambda j, actor, it: j.turn_to.remove(actor, it), "someone", {OWNER}),
    "Channels.channels": (lambda j, actor, _: j.channels.channels(actor), None, ANYBODY),
    "Channels.channel": (lambda j, actor, it: j.channels.channel(actor, it), "channel", {OWNER}),
    "Channels.add": (lambda j, actor, _: add_channel(j, actor), None, PEOPLE),
    "Channels.claim": (
        lambda j, actor, it: j.channels.claim(actor, it, j.the_talk.id, "key", BEGAN),
        "channel",
        {OWNER},
    ),
    "Channels.settle": (lambda j, actor, it: j.channels.settle(actor, it, "key", None, BEGAN), "channel", {OWNER}),
    "Channels.told": (lambda j, actor, _: j.channels.told(actor, "key"), None, ANYBODY),
    "Channels.note": (lambda j, actor, it: j.channels.note(actor, it, None), "channel", {OWNER}),
    "Channels.remove": (lambda j, actor, it: j.channels.remove(actor, it), "channel", {OWNER}),
    "Pairs.leave": (lambda j, actor, _: j.pairs.leave(actor, now=BEGAN), None, {OWNER, PARTNER}),
    "Sharing.invite": (lambda j, actor, _: j.sharing.invite(actor, called="T", now=BEGAN), None, PEOPLE),
    "Sharing.accept": (accept, "code", {CLINICIAN, OTHER_CLINICIAN}),
    "Sharing.show": (
        lambda j, actor, it: j.sharing.show(actor, it, from_at=BEGAN, with_words=False, now=BEGAN),
        "admission",
        {OWNER},
    ),
    "Sharing.hide": (lambda j, actor, it: j.sharing.hide(actor, it, now=BEGAN), "grant", {OWNER}),
    "Sharing.end": (lambda j, actor, it: j.sharing.end(actor, it, now=BEGAN), "admission", {OWNER, CLINICIAN}),
    "Sharing.of_wearer": (lambda j, actor, _: j.sharing.of_wearer(actor), None, ANYBODY),
    "Sharing.of_clinician": (lambda j, actor, _: j.sharing.of_clinician(actor), None, ANYBODY),
    "Shown.entries": (lambda j, actor, it: j.shown.entries(actor, it, now=BEGAN), "her who shows", {CLINICIAN}),
    "Shown.entry": (
        lambda j, actor, it: j.shown.entry(actor, j.ids["owner"], it, now=BEGAN),
        "shown entry",
        {CLINICIAN},
    ),
    "Shown.as_shown": (lambda j, actor, it: j.shown.as_shown(actor, it, with_words=True), "entry", {OWNER}),
    "Shown.standing": (lambda j, actor, _: j.shown.standing(actor, "nobody", now=BEGAN), None, EVERYBODY),
    "AccessLog.looks": (lambda j, actor, _: j.access_log.looks(actor), None, ANYBODY),
    "AccessLog.own_looks": (lambda j, actor, _: j.access_log.own_looks(actor, most=9), None, ANYBODY),
    "AccessLog.broken": (lambda j, actor, _: j.access_log.broken(actor), None, ANYBODY),
    "AccessLog.head": (lambda j, actor, _: j.access_log.head(actor), None, ANYBODY),
    "AccessLog.check_all": (lambda j, actor, _: j.access_log.check_all(actor), None, {MACHINE}),
    "Clients.caseload": (lambda j, actor, _: j.clients.caseload(actor, now=BEGAN), None, {CLINICIAN, OTHER_CLINICIAN}),
    "Clients.trend": (lambda j, actor, it: j.clients.trend(actor, it, now=BEGAN), "her who shows", {CLINICIAN}),
    "Clients.own_trend": (lambda j, actor, _: j.clients.own_trend(actor, now=BEGAN), None, ACCOUNTS),
    "Clients.set_appointment": (
        lambda j, actor, it: j.clients.set_appointment(actor, it, None),
        "admission",
        {CLINICIAN},
    ),
    "ClinicianNotes.write": (
        lambda j, actor, it: j.clinician_notes.write(actor, it, text="x", for_wearer=False, now=BEGAN),
        "her who shows",
        {CLINICIAN},
    ),
    "ClinicianNotes.change": (
        lambda j, actor, it: j.clinician_notes.change(actor, it, text="x", for_wearer=True),
        "note",
        {CLINICIAN},
    ),
    "ClinicianNotes.erase": (lambda j, actor, it: j.clinician_notes.erase(actor, it), "note", {CLINICIAN}),
    "ClinicianNotes.of_client": (lambda j, actor, _: j.clinician_notes.of_client(actor, "nobody"), None, ANYBODY),
    "ClinicianNotes.for_wearer": (lambda j, actor, _: j.clinician_notes.for_wearer(actor), None, ANYBODY),
    "People.devices": (lambda j, actor, _: j.people.devices(actor, here="", now=BEGAN), None, {*ACCOUNTS, NO_ACCOUNT}),
    "People.close_sessions": (lambda j, actor, _: j.people.close_sessions(actor), None, {*ACCOUNTS, NO_ACCOUNT}),
    "People.close_device": (lambda j, actor, it: j.people.close_device(actor, it), "device", {OWNER}),
    "WaysIn.mine": (lambda j, actor, _: j.ways_in.mine(actor), None, {*ACCOUNTS, NO_ACCOUNT}),
    "WaysIn.prove": (lambda j, actor, _: j.ways_in.prove(actor, ""), None, {*ACCOUNTS, NO_ACCOUNT}),
    "WaysIn.new_words": (lambda j, actor, _: j.ways_in.new_words(actor, proof=""), None, ACCOUNTS),
    "WaysIn.words_if_none": (lambda j, actor, _: no_words(j, actor).words_if_none(actor), None, ACCOUNTS),
    "WaysIn.set_password": (lambda j, actor, _: choose_password(j, actor), None, ACCOUNTS),
    "Passkeys.add": (lambda j, actor, _: add_passkey(j, actor), None, ACCOUNTS),
    "Passkeys.mine": (lambda j, actor, _: j.passkeys.mine(actor), None, {*ACCOUNTS, NO_ACCOUNT}),
    "Passkeys.rename": (lambda j, actor, it: j.passkeys.rename(actor, it, "Phone"), "passkey", {OWNER}),
    "Passkeys.remove": (lambda j, actor, it: j.passkeys.remove(actor, it), "passkey", {OWNER}),
    "People.is_fresh": (lambda j, actor, _: j.people.is_fresh(actor, "", now=BEGAN), None, {*ACCOUNTS, NO_ACCOUNT}),
    "ApiTokens.make": (lambda j, actor, _: make_token(j, actor), None, PEOPLE),
    "ApiTokens.mine": (lambda j, actor, _: j.tokens.mine(actor, now=BEGAN), None, {*ACCOUNTS, NO_ACCOUNT}),
    "ApiTokens.revoke": (lambda j, actor, it: j.tokens.revoke(actor, it), "token", {OWNER}),
    "Invitations.make": (
        lambda j, actor, _: j.invitations.make(actor, called="", for_clinician=False, now=BEGAN),
        None,
        {MACHINE},
    ),
    "Invitations.waiting": (lambda j, actor, _: j.invitations.waiting(actor, now=BEGAN), None, {MACHINE}),
    "Invitations.revoke": (lambda j, actor, _: j.invitations.revoke(actor, "none"), None, {MACHINE}),
    "People.close_session": (lambda j, actor, token: j.people.close_session(actor, token), "session", {OWNER}),
}


def mira_remembers(home):
    home.journal.straps.remember(home.mira, About("Mira’s", "id of Mira’s"), now=BEGAN)
    return "id of Mira’s"


def mira_has_a_channel(home):
    with home.database.write() as connection:
        connection.execute(delete(ChannelRow))
    return add_channel(home.journal, home.mira).id


class OwnStrap(dict):
    """A strap of their own for whoever asks."""

    def __missing__(self, actor):
        return About("HRM", f"id of {actor.person_id}")


OWN_STRAP = OwnStrap()


def admitted(home):
    """Dr. Weiss is admitted anew, and nobody else is."""
    with home.database.write() as connection:
        connection.execute(delete(AdmissionRow))
    admission_id, code = home.journal.sharing.invite(home.mira, called="T", now=BEGAN)
    home.journal.sharing.accept(home.actors[CLINICIAN], code, now=BEGAN)
    return admission_id


def granted(home):
    return home.journal.sharing.show(home.mira, admitted(home), from_at=BEGAN, with_words=False, now=BEGAN).id


def shown(home, it):
    granted(home)
    return it


def a_note(home):
    granted(home)
    author = home.actors[CLINICIAN]
    return home.journal.clinician_notes.write(author, home.mira.person_id, text="x", for_wearer=False, now=BEGAN)


def a_code(home):
    admitted(home)
    return home.journal.sharing.invite(home.mira, called="T", now=BEGAN)[1]


def a_link(home):
    """A clinic that Mira publishes to."""
    return home.journal.clinic_links.begin(home.mira, address="a", clinician="T", token="t", now=BEGAN)


def a_publication(home):
    """A record that a home fills: it is nobody's who has an account here (`test_publishing.py` has its home)."""
    published = home.journal.published
    code = published.invite(home.actors[CLINICIAN], called="T", now=BEGAN)
    published.come_in(code, hashlib.sha256(code.encode()).hexdigest(), now=BEGAN)
    return published.publication_for(code).id


FRESH = {
    "link": a_link,
    "publication": a_publication,
    "admission": admitted,
    "grant": granted,
    "note": a_note,
    "code": a_code,
    "her who shows": lambda home: shown(home, home.mira.person_id),
    "shown entry": lambda home: shown(home, home.ids["entry"]),
    "session": lambda home: home.journal.people.open_session(home.mira, now=BEGAN),
    "token": her_token,
    "passkey": her_passkey,
    "device": her_device,
    "someone": lambda home: home.journal.turn_to.add(home.mira, name="Ana", how="", now=BEGAN).id,
    "strap": mira_remembers,
    "channel": mira_has_a_channel,
}
"""What a call uses up is made anew for each."""

WITHOUT_ACTOR = {
    "People.first_person",  # makes the first account: there is nobody yet
    "People.person_for",  # says who somebody is
    "People.by_way_back",  # likewise
    "People.is_only_one",  # says whether a click at the machine can choose wrongly
    "People.opens_by_click",
    "WaysIn.person_for",  # says who somebody is
    "WaysIn.prepared",  # keeps nothing
    "Invitations.opening",
    "Invitations.come_in",
    "ApiTokens.program_for",  # says whose program it is
    "Published.come_in",  # a code is looked at before anybody is somebody
    "Published.publication_for",  # says whose home it is
    "Passkeys.known",  # says whose passkey it is
    "Passkeys.used",  # likewise, once what it signed was checked
    "Pairs.opening",  # a code is looked at before anybody is somebody
    "Pairs.come_in",
    "AccessLog.write",  # within the transaction that found a reading allowed
    "AccessLog.write_many",
    "AccessLog.advance",
    "AccessLog.advance_all",
    "JournalRecorder.measurement",  # a queue inside the process: the live talk was started by its wearer
    "JournalRecorder.link",
    "JournalRecorder.wear_in_page",
    "JournalRecorder.flush",
    "JournalRecorder.tell_of_numbered",  # numbers of packets only, for the process itself
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
        self.pairs, self.agreements, self.turn_to = home.journal.pairs, home.journal.agreements, home.journal.turn_to
        self.channels = home.journal.channels
        self.sharing, self.shown = home.journal.sharing, home.journal.shown
        self.access_log, self.clinician_notes = home.journal.access_log, home.journal.clinician_notes
        self.clients = home.journal.clients
        self.clinic_links, self.published = home.journal.clinic_links, home.journal.published
        self.ids = {"owner": home.mira.person_id}
        self.ways_in, self.tokens = home.journal.ways_in, home.journal.tokens
        self.passkeys = home.journal.passkeys
        self.invitations, self.database = home.journal.invitations, home.database
        self.the_talk = home.talk


def a_clinician(home, name):
    actor = add_person(home.database, name)
    with home.database.write() as connection:
        connection.execute(update(PersonRow).where(PersonRow.id == actor.person_id).values(is_clinician=True))
    return actor


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
            CLINICIAN: a_clinician(home, "Dr. Weiss"),
            OTHER_CLINICIAN: a_clinician(home, "Dr. Blau"),
        }
        home.ids = {None: None, "talk": home.talk.id, "recording": home.talk.recording_id, "entry": entry_id}
        yield home


def two_again(home):
    """Mira and Jonas are two, as a code of hers makes them; Lena has nobody."""
    with home.database.write() as connection:
        connection.execute(delete(PairRow))
        pair = {"first_id": home.mira.person_id, "second_id": home.jonas.person_id, "second_name": "Jonas"}
        connection.execute(insert(PairRow).values(id="pair", began_at=BEGAN, **pair))
        connection.execute(delete(TurnToRow))


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
    two_again(home)
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
    Reviews, StoredEntries, Pairs, Agreements, TurnTo, Channels, WaysIn, Passkeys, Invitations, ApiTokens, Sharing, Shown,
    AccessLog, ClinicianNotes, Clients, ClinicLinks, Published,
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
