"""Taken along, erased and brought back it is the same; a bad archive changes nothing and says what is wrong."""

import io
import json
import sys
import tempfile
import threading
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.pause import Pause, PauseState
from alerts.people import SERVICE
from alerts.ports import NotAllowed
from alerts.suggestion import Suggestion
from alerts.talk_state import Phase, TalkState
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.settings import DetectorSettings
from journal import archive_file
from journal.archive_file import BadArchive
from journal.checks import BodyState, DailyCheck, Helped
from journal.content import Content
from journal.erasure import Everything, OneEntry, OneRecording
from journal.texts import TextConflict
from sensing.recording import read_recordings
from sensing.source import About, Link, LinkEvent, Notification
from tests.contents import contents, texts
from tests.fakes import BEGAN, packet
from tests.integration.findings import EPISODE
from tests.integration.journal_home import Home, add_person, at, rows, start
from tests.integration.shared_talk import become_two, erase
from tests.raw_sql import raw

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
CUT = {"max_examples": 12, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


def save(home, actor):
    file = io.BytesIO()
    home.journal.archive.save(actor, file, now=NOW)
    return file.getvalue()


def restore(home, actor, data, *, simulated=False):
    return home.journal.archive.restore(actor, io.BytesIO(data), simulated=simulated)


def files(data):
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def inside(data):
    """What an archive says, without when and from whom it was taken."""
    return {name: told for name, told in files(data).items() if name != "manifest.json"}


def packed(told, **about):
    """An archive with these files and a manifest that fits."""
    file = io.BytesIO()
    archive_file.write_archive(file, told.items(), about)
    return file.getvalue()


offsets = st.integers(-720, 840)
talks = st.fixed_dictionaries(
    {
        "packets": st.lists(
            st.tuples(st.integers(0, 5_000), st.binary(max_size=20), st.none() | st.integers(0, 4000)), max_size=6
        ),
        "floods": st.lists(st.floats(0, 5000, allow_nan=False), max_size=2, unique=True),
        "near": st.booleans(),
        "link": st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9),
        "pauses": st.integers(0, 2),
        "offset": offsets,
        "words": st.none() | contents,
        "late": st.none() | contents,
        "entry": st.booleans(),
    }
)
checks = st.builds(
    lambda day, body, helped, note: DailyCheck((BEGAN + timedelta(days=day)).date(), body, helped, note),
    st.integers(0, 5),
    st.none() | st.sampled_from(BodyState),
    st.frozensets(st.sampled_from(Helped)),
    texts,
)
by_hand = st.tuples(st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"]), st.none() | contents)


def live_through(home, actor, day, told):
    """A whole talk with everything in it."""
    journal, recorder = home.journal, home.journal.recorder
    began = BEGAN + timedelta(days=day)
    talk = journal.talks.start(
        actor, began_at=began, utc_offset_min=told["offset"], strap="Ström", simulated=False, threshold_bpm=97.5
    )
    for t_ms, data, motion_mg in told["packets"]:
        recorder.measurement(talk.recording_id, Notification(t_ms / 1000, data, motion_mg))
    if told["link"] is not None:
        recorder.link(talk.recording_id, LinkEvent(0.25, Link.LOST, told["link"]))
    recorder.flush()
    recorder.minute(actor, talk.recording_id, Minute(0, 60, 33, 1 / 3, None, 75.0, None, 0))
    for t_s in told["floods"]:
        recorder.episode(actor, talk.recording_id, replace(EPISODE, began_t_s=t_s))
    if told["near"]:
        recorder.near_miss(actor, talk.recording_id, NearMiss(420, 480, 96.5, 455))
    suggestion = Suggestion(f"s{day}-{actor.person_id[-8:]}", actor.person_id, 1.5, began, began + timedelta(minutes=9))
    pauses = tuple(
        Pause(
            f"p{day}-{n}-{actor.person_id[-8:]}", actor.person_id if n else "the-other-s-id", began, began,
            timedelta(minutes=20), began, suggestion.id if n else None, PauseState.RETURNED, ended_at=began,
        )
        for n in range(told["pauses"])
    )  # fmt: skip
    state = TalkState(began, Phase.ENDED, began, began + timedelta(hours=1), (suggestion,), pauses, (actor.person_id,))
    with home.database.write() as connection:
        if pauses:
            raw(
                connection,
                "INSERT INTO person (id, name, created_at) VALUES ('the-other-s-id', 'Jonas', '2026-01-01 00:00:00.000000') ON CONFLICT DO NOTHING",
            )
    journal.talks.save(actor, talk.id, state, expected_version=1)
    if told["entry"]:
        write(home, actor, recorder.entry(actor, talk.id), told["words"], told["late"])


def write(home, actor, entry_id, words, late=None):
    if words is not None:
        home.journal.texts.save(actor, entry_id, words, version=0, tab="one", now=NOW, zone="Europe/Berlin")
    if late is not None and words is not None:
        with suppress(TextConflict):
            home.journal.texts.save(actor, entry_id, late, version=0, tab="two", now=NOW, zone="Asia/Tokyo")


@settings(**CUT)
@given(st.lists(talks, max_size=2), st.lists(by_hand, max_size=2), st.lists(checks, max_size=2), st.booleans())
def test_taken_along_erased_and_brought_back_it_is_the_same(lived, written, checked, elsewhere):
    with tempfile.TemporaryDirectory() as folder, Home(Path(folder) / "data") as home:
        mira = add_person(home.database, "Mira")
        for day, told in enumerate(lived):
            live_through(home, mira, day, told)
        for zone, words in written:
            write(home, mira, home.journal.texts.create(mira, now=NOW, happened_at=BEGAN, zone=zone), words)
        for check in checked:
            home.journal.checks.save(mira, check, now=NOW)
        before, lines = save(home, mira), home.journal.entries.list_entries(mira)
        days = home.journal.checks.between(mira, BEGAN.date(), NOW.date())
        erase(home, mira, Everything())
        with home.database.read() as connection:
            assert not raw(connection, "SELECT count(*) FROM measurement").scalar()
        back = add_person(home.database, "Mira again") if not elsewhere else home.lena
        restored = restore(home, back, before)
        assert inside(save(home, back)) == inside(before)
        assert home.journal.entries.list_entries(back) == lines
        assert home.journal.checks.between(back, BEGAN.date(), NOW.date()) == days
        assert restored.checks == len(days)
        assert (restored.recordings, restored.already_there) == (len(lived), 0)
        again = restore(home, back, before)
        assert (again.entries, again.recordings, again.measurements) == (0, 0, 0)
        assert inside(save(home, back)) == inside(before)


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path / "data") as home:
        home.alone = add_person(home.database, "Alone")
        told = {
            "packets": [(1000 * n, packet(72), 30) for n in range(9)],
            "floods": [436.0],
            "near": True,
            "link": "lost",
        }
        words = Content(notes="=HYPERLINK(1)", tags=("evening",))
        live_through(
            home, home.alone, 0, told | {"pauses": 2, "offset": 60, "words": words, "late": None, "entry": True}
        )
        yield home


def test_of_a_shared_talk_only_ones_own_share_goes_and_comes_back(shared):
    hers, his = save(shared, shared.mira), save(shared, shared.jonas)
    assert b"suggestion-of-jonas" not in b"".join(files(hers).values())
    assert shared.his_recording.encode() not in b"".join(files(hers).values())
    for wish in (OneRecording(shared.talk.recording_id), OneEntry(shared.hers)):
        erase(shared, shared.mira, wish)
        restore(shared, shared.mira, hers)
        assert own(inside(save(shared, shared.mira))) == own(inside(hers))
        assert inside(save(shared, shared.jonas)) == inside(his)


def own(told):
    """A talk that is still the other's comes back as a copy with an id of its own."""
    state = json.loads(told["talks.jsonl"])
    return {name: data.replace(state["id"].encode(), b"the talk") for name, data in told.items()}


def test_the_people_to_turn_to_come_back_the_agreement_is_to_read_and_no_address_leaves(shared):
    become_two(shared, shared.mira, shared.jonas)
    hers, his = save(shared, shared.mira), save(shared, shared.jonas)
    told = b"".join(files(hers).values())
    for absent in (b"json://h/", b"Grandfather"):
        assert absent not in told
    for data, side in ((hers, "first"), (his, "second")):
        version = json.loads(files(data)["agreement.jsonl"])
        assert (version["terms"]["word"], version["you_are"]) == ("Lighthouse", side)
    assert json.loads(files(hers)["channels.jsonl"])["label"] == "Phone by Grandmother"
    (someone,) = shared.journal.turn_to.everyone(shared.mira)
    shared.journal.turn_to.remove(shared.mira, someone.id)
    assert restore(shared, shared.mira, hers).turn_to == 1
    assert restore(shared, shared.mira, hers).turn_to == 0
    assert shared.journal.turn_to.everyone(shared.mira) == [someone]


def test_an_archive_from_before_there_was_such_a_list_comes_back(home):
    told = files(save(home, home.alone))
    del told["turn_to.jsonl"], told["straps.jsonl"], told["manifest.json"]
    restored = restore(home, home.alone, packed(told))
    assert (restored.turn_to, restored.straps) == (0, 0)


def test_remembered_straps_come_back_and_are_taken_from_nobody(home):
    straps = home.journal.straps
    for n, (name, system) in enumerate(
        (("Polar H10", sys.platform), ("At the office", "win32"), ("Both", sys.platform))
    ):
        straps.remember(home.alone, About(name, f"AA:BB:CC:DD:EE:{n:02}", battery_percent=80, system=system), now=BEGAN)
    straps.remember(home.alone, About("The same, elsewhere", "AA:BB:CC:DD:EE:00", system="darwin"), now=BEGAN)
    kept, mine = save(home, home.alone), straps.mine(home.alone)
    erase(home, home.alone, Everything())
    back = add_person(home.database, "Back")
    straps.remember(home.lena, About("Lena’s now", "aa:bb:cc:dd:ee:02", system=sys.platform), now=BEGAN)
    assert restore(home, back, kept).straps == 3
    assert straps.mine(back) == [one for one in mine if one.name != "Both"]
    assert [one.name for one in straps.mine(home.lena)] == ["Lena’s now"]
    assert restore(home, back, kept).straps == 0


def test_somebody_elses_archive_is_not_taken_while_they_have_it_here(shared):
    before = inside(save(shared, shared.jonas))
    with pytest.raises(BadArchive, match="somebody else’s"):
        restore(shared, shared.jonas, save(shared, shared.mira))
    assert inside(save(shared, shared.jonas)) == before


def test_a_forged_talk_does_not_let_anybody_into_the_talk_of_others(shared):
    told = files(save(shared, shared.mira))
    told.pop("manifest.json")
    recording = json.loads(told.pop("recordings.jsonl"))
    packets = told.pop(f"recordings/{recording['id']}.csv")
    entry = json.loads(told["entries.jsonl"]) | {"id": "forged-entry"}
    told["entries.jsonl"] = json.dumps(entry).encode()
    told["recordings.jsonl"] = json.dumps(recording | {"id": "forged"}).encode()
    before = shared.journal.talks.load(shared.jonas, shared.talk.id)
    restore(shared, shared.lena, packed(told | {"recordings/forged.csv": packets}))
    assert shared.journal.talks.load(shared.jonas, shared.talk.id) == before
    with pytest.raises(NotAllowed):
        shared.journal.talks.load(shared.lena, shared.talk.id)
    line = shared.journal.entries.line(shared.lena, "forged-entry")
    assert line.pauses == 1
    assert shared.journal.entries.line(shared.jonas, shared.his).pauses == 1


def test_a_damaged_text_holds_nothing_else_back_and_the_archive_says_what_is_missing(home):
    day = BEGAN.date()
    for note in ("first", "second"):
        home.journal.checks.save(home.alone, DailyCheck(day, note=note), now=NOW)
        day += timedelta(days=1)
    (line,) = home.journal.entries.list_entries(home.alone)
    assert json.loads(files(save(home, home.alone))["manifest.json"])["not_opened"] == []
    with home.database.write() as connection:
        raw(connection, "UPDATE entry_text SET sealed = ?", [bytes(60)])
        raw(connection, "UPDATE daily_check SET sealed = ? WHERE day = '2026-03-12'", [bytes(60)])
    kept = io.BytesIO()
    lost = home.journal.archive.save(home.alone, kept, now=NOW)
    assert lost == ("words of the entry of 2026-03-12 20:00", "the daily check of 2026-03-12")
    told = files(kept.getvalue())
    assert json.loads(told["manifest.json"])["not_opened"] == list(lost)
    assert "NOT in it" in told["README.txt"].decode()
    assert "the daily check of 2026-03-12" in told["README.txt"].decode()
    erase(home, home.alone, Everything())
    restored = restore(home, home.lena, kept.getvalue())
    assert (restored.entries, restored.checks, restored.recordings) == (1, 1, 1)
    assert home.journal.texts.read(home.lena, line.id).version == 0


def test_bringing_back_while_a_talk_runs_loses_nothing_of_either(home):
    kept = save(home, home.alone)
    erase(home, home.alone, Everything())
    going_on, over = threading.Event(), threading.Event()

    def heart():
        for n in range(100_000):
            home.journal.recorder.measurement(home.talk.recording_id, Notification(float(n), b"%05d" % n))
            going_on.set()
            if over.is_set():
                sent.append(n + 1)
                return

    sent: list[int] = []
    strap = threading.Thread(target=heart)
    strap.start()
    assert going_on.wait(5)
    try:
        assert restore(home, home.lena, kept).recordings == 1
    finally:
        over.set()
        strap.join()
    home.journal.recorder.flush()
    assert [packet for _, _, packet in rows(home.database, home.talk.recording_id)] == [
        b"%05d" % n for n in range(sent[0])
    ]
    assert inside(save(home, home.lena)) == inside(kept)


def test_words_written_since_are_never_overwritten(home):
    old = save(home, home.alone)
    (line,) = home.journal.entries.list_entries(home.alone)
    home.journal.texts.save(home.alone, line.id, Content(notes="newer"), version=1, tab="t", now=NOW)
    assert restore(home, home.alone, old).already_there == 2
    assert home.journal.texts.read(home.alone, line.id).content == Content(notes="newer")


def test_a_check_of_that_day_that_is_here_stays_as_it_is(home):
    first = DailyCheck(BEGAN.date(), BodyState.ON_ALERT, note="first")
    home.journal.checks.save(home.alone, first, now=NOW)
    old = save(home, home.alone)
    newer = replace(first, note="newer")
    home.journal.checks.save(home.alone, newer, now=NOW)
    assert restore(home, home.alone, old).checks == 0
    assert list(home.journal.checks.between(home.alone, first.day, first.day)) == [newer]


def test_timelines_are_no_part_of_an_archive_and_are_made_from_it_again(home):
    def kept():
        with home.database.read() as connection:
            return raw(connection, "SELECT basis, packets, facts, minutes, trace FROM timeline").all()

    assert home.journal.timelines.bring_up_to_date(SERVICE, DetectorSettings()) == 1
    before, archive = kept(), save(home, home.alone)
    erase(home, home.alone, Everything())
    assert kept() == []
    restore(home, home.lena, archive)
    assert home.journal.timelines.bring_up_to_date(SERVICE, DetectorSettings()) == 1
    assert kept() == before


def test_a_talk_that_goes_on_is_left_out(home):
    talk = start(home.journal, home.alone, BEGAN + timedelta(days=9))
    home.journal.recorder.entry(home.alone, talk.id)
    assert talk.id.encode() not in b"".join(files(save(home, home.alone)).values())


def test_the_archive_is_read_by_a_spreadsheet_and_by_replay(home, tmp_path):
    told = files(save(home, home.alone))
    assert b"'=HYPERLINK(1)" in told["entries.csv"]
    assert b",=HYPERLINK" not in told["entries.csv"]
    (name,) = [name for name in told if name.startswith("recordings/")]
    (tmp_path / "one.csv").write_bytes(told[name])
    (recording,) = read_recordings(tmp_path / "one.csv")
    assert len(list(recording.rows())) == 9
    assert json.loads(told["manifest.json"])["holds_keys"] is False


def change(told, name, **columns):
    return told | {name: (json.dumps(json.loads(told[name]) | columns) + "\n").encode()}


def first(told, part, **columns):
    recording = json.loads(told["recordings.jsonl"])
    recording[part][0] |= columns
    return told | {"recordings.jsonl": json.dumps(recording).encode()}


def without(told, name):
    return {other: data for other, data in told.items() if other != name}


def packets_as(told, text):
    return told | {name: text for name in told if name.startswith("recordings/")}


def doubled_minute(told):
    recording = json.loads(told["recordings.jsonl"])
    recording["minutes"] *= 2
    return told | {"recordings.jsonl": json.dumps(recording).encode()}


def state_as(told, **values):
    return change(told, "talks.jsonl", state=json.loads(told["talks.jsonl"])["state"] | values)


def pause_as(told, **values):
    state = json.loads(told["talks.jsonl"])["state"]
    state["pauses"][0] |= values
    return change(told, "talks.jsonl", state=state)


FORGED = {
    "no time": (
        lambda told: change(told, "entries.jsonl", happened_at="yesterday"),
        "entries.jsonl, line 1: happened_at",
    ),
    "naive time": (lambda told: change(told, "entries.jsonl", created_at="2026-03-12T19:00:00"), "no offset"),
    "unknown column": (lambda told: change(told, "entries.jsonl", owner_id="jonas"), "owner_id is unknown"),
    "bad words": (lambda told: change(told, "entries.jsonl", text={"schema": 1, "content": {"mood": 1}}), "mood"),
    "newer words": (lambda told: change(told, "entries.jsonl", text={"schema": 9}), "newer program"),
    "number as text": (lambda told: change(told, "recordings.jsonl", threshold_bpm="100"), "threshold_bpm"),
    "nan": (lambda told: change(told, "recordings.jsonl", threshold_bpm=float("nan")), "threshold_bpm is no number"),
    "huge": (lambda told: change(told, "recordings.jsonl", utc_offset_min=1 << 70), "too large"),
    "long id": (lambda told: change(told, "talks.jsonl", id="x" * 65), "id cannot be stored"),
    "open talk": (lambda told: change(told, "talks.jsonl", ended_at=None), "has not ended"),
    "simulated": (lambda told: change(told, "talks.jsonl", simulated=True), "this talk is simulated"),
    "end of time": (
        lambda told: change(told, "entries.jsonl", happened_at="9999-12-31T23:00:00+00:00"),
        "between 1900",
    ),
    "odd clock": (lambda told: change(told, "entries.jsonl", utc_offset_min=1440), "no offset of a clock"),
    "far second": (lambda told: first(told, "episodes", peak_t_s=1e300), "peak_t_s is too large"),
    "naive pause": (lambda told: pause_as(told, called_at="2026-03-12T19:00:00"), "has no offset"),
    "far pause": (lambda told: pause_as(told, return_at="0001-01-01T00:00:00Z"), "between 1900"),
    "huge pause": (lambda told: pause_as(told, extensions=1 << 70), "cannot be stored"),
    "half a sign": (
        lambda told: (
            told | {"turn_to.jsonl": b'{"id": "s", "added_at": "2026-03-12T19:00:00Z", "name": "\\ud800", "how": ""}'}
        ),
        "turn_to.jsonl, line 1: somebody",
    ),
    "topic before the talk": (lambda told: state_as(told, topic_began_at="2026-03-12T18:59:59Z"), "lies outside of it"),
    "pause before the talk": (lambda told: pause_as(told, called_at="2026-03-12T18:00:00Z"), "lies outside of it"),
    "end of a pause after a year": (lambda told: pause_as(told, ended_at="2027-03-12T20:00:00Z"), "lies outside of it"),
    "talk of a year": (lambda told: change(told, "talks.jsonl", ended_at="2027-03-12T20:00:00Z"), "lies outside of it"),
    "line out of reach": (lambda told: change(told, "recordings.jsonl", threshold_bpm=1e6), "threshold_bpm must be"),
    "packet before the talk": (lambda told: packets_as(told, b"t_s,packet,motion_mg\n-1,00,\n"), "is no measurement"),
    "packet after a month": (
        lambda told: packets_as(told, b"t_s,packet,motion_mg\n2678400,00,\n"),
        "is no measurement",
    ),
    "no state": (lambda told: change(told, "talks.jsonl", state={"x": 1}), "talks.jsonl, line 1: the talk’s state"),
    "link": (lambda told: first(told, "links", link="flying"), "a link cannot be 'flying'"),
    "end of a flood": (lambda told: first(told, "episodes", end="boom"), "boom"),
    "doubled minute": (doubled_minute, "claim the same place"),
    "list for a name": (
        lambda told: change(told, "entries.jsonl", id=[]),
        "entries.jsonl, line 1: id is of another kind",
    ),
    "object for a name": (lambda told: change(told, "talks.jsonl", id={}), "talks.jsonl, line 1"),
    "nameless person": (
        lambda told: told | {"turn_to.jsonl": b'{"id": "s", "added_at": "2026-03-12T19:00:00Z", "how": ""}'},
        "turn_to.jsonl, line 1: somebody",
    ),
    "strap without a system": (
        lambda told: (
            told | {"straps.jsonl": b'{"device_id": "AA", "name": "x", "made": "", "worn_at": "2026-03-12T19:00:00Z"}'}
        ),
        "straps.jsonl, line 1: system is missing",
    ),
    "twice": (lambda told: told | {"entries.jsonl": told["entries.jsonl"] * 2}, "line 2: .* twice"),
    "lost talk": (lambda told: told | {"talks.jsonl": b""}, "talk .* is missing"),
    "no entries": (lambda told: without(told, "entries.jsonl"), "entries.jsonl is missing"),
    "no packets": (lambda told: {n: d for n, d in told.items() if not n.startswith("recordings/")}, "csv is missing"),
    "packets": (lambda told: packets_as(told, b"t_s,packet,motion_mg\n1,zz,\n"), "line 2, is no measurement"),
    "packets short": (lambda told: packets_as(told, b"t_s,packet,motion_mg\n1\n"), "line 2, is no measurement"),
    "packets inf": (lambda told: packets_as(told, b"t_s,packet,motion_mg\ninf,00,\n"), "line 2, is no measurement"),
    "columns": (lambda told: packets_as(told, b"a,b\n"), "has not the columns"),
    "no json": (lambda told: told | {"entries.jsonl": b"{"}, "entries.jsonl, line 1 is no JSON"),
    "deep json": (lambda told: told | {"entries.jsonl": b"[" * 100_000}, "entries.jsonl, line 1 is no JSON"),
    "no text": (lambda told: told | {"entries.jsonl": b"\xff\xfe"}, "is no text"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_archive_changes_nothing_and_says_where_it_is_wrong(home, name):
    forge, why = FORGED[name]
    told = inside(save(home, home.alone))
    refused_and_nothing_changed(home, packed(forge(told)), why)


def refused_and_nothing_changed(home, data, why):
    kept = save(home, home.alone)
    erase(home, home.alone, Everything())
    back = add_person(home.database, "Back")
    with pytest.raises(BadArchive, match=why) as refused:
        restore(home, back, data)
    assert "\n" not in str(refused.value)
    assert home.journal.entries.list_entries(back) == []
    assert home.journal.recordings.own(back) == []
    restore(home, back, kept)
    assert inside(save(home, back)) == inside(kept)


def repacked(told, *, also=(), renamed=None, manifest=None):
    """A zip whose manifest may lie."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in told.items():
            out.writestr((renamed or {}).get(name, name), manifest if manifest and name == "manifest.json" else data)
        for name, data in also:
            out.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda data: b"", "no zip file"),
        (lambda data: b"a recording", "no zip file"),
        (lambda data: data[: len(data) // 2], "no zip file"),
        (lambda data: repacked(without(files(data), "manifest.json")), "no manifest.json"),
        (lambda data: repacked(files(data), manifest=b'{"format": "diary"}'), "no archive of this program"),
        (lambda data: repacked(files(data), manifest=b'{"format": "flooding-archive", "version": 2}'), "upgrade"),
        (lambda data: repacked(files(data), manifest=b'{"format": "flooding-archive", "version": 1}'), "does not say"),
        (lambda data: repacked(without(files(data), "entries.jsonl")), "entries.jsonl is missing"),
        (lambda data: repacked(files(data), also=[("more.jsonl", b"")]), "more.jsonl does not belong"),
        (lambda data: repacked(files(data), also=[("../../.bashrc", b"")]), r"'../../.bashrc' is no name"),
        (lambda data: repacked(files(data), also=[("/etc/passwd", b"")]), "is no name"),
        (lambda data: repacked(files(data), also=[("recordings/../x.csv", b"")]), "is no name"),
        (lambda data: repacked(files(data) | {"entries.jsonl": b"{}"}), "entries.jsonl is cut short or has grown"),
        (
            lambda data: repacked(files(data) | {"README.txt": files(data)["README.txt"].upper()}),
            "README.txt is damaged",
        ),
    ],
)
def test_what_is_no_whole_archive_changes_nothing_and_says_so(home, break_it, why):
    refused_and_nothing_changed(home, break_it(save(home, home.alone)), why)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_no_damage_to_the_bytes_is_ever_taken_for_a_good_archive_with_other_content(data):
    told = {"README.txt": b"x" * 200, "entries.jsonl": b'{"a": 1}\n' * 30}
    whole = packed(told)
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[place] ^= data.draw(st.integers(1, 255))
    try:
        with archive_file.ArchiveFile(io.BytesIO(bytes(damaged))) as archive:
            assert {name: archive.text(name).encode() for name in archive.names} == told
    except BadArchive:
        pass


@pytest.mark.parametrize("place", range(-22, 0))
def test_a_damaged_end_of_the_zip_is_said_and_never_breaks(place):
    """It says where everything else lies: a changed place can lie before the file's beginning."""
    whole = packed({"README.txt": b"x" * 200, "entries.jsonl": b'{"a": 1}\n' * 30})
    for change in (2, 0x80):
        damaged = bytearray(whole)
        damaged[place] ^= change
        with suppress(BadArchive):
            archive_file.ArchiveFile(io.BytesIO(bytes(damaged)))


def test_a_zip_bomb_is_refused_by_what_it_claims_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(archive_file, "MOST_BYTES", 1_000_000)
    bomb = repacked({"entries.jsonl": b"0" * 2_000_000, "manifest.json": b"{}"})
    assert len(bomb) < 10_000
    with pytest.raises(BadArchive, match="would unpack to 2,000,002 bytes"):
        archive_file.ArchiveFile(io.BytesIO(bomb))


def test_one_file_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(archive_file, "MOST_FILE_BYTES", 1_000_000)
    with pytest.raises(BadArchive, match=r"entries.jsonl would unpack to 2,000,000 bytes"):
        archive_file.ArchiveFile(io.BytesIO(packed({"entries.jsonl": b"0" * 2_000_000})))


def test_a_bomb_that_lies_about_its_size_is_refused(monkeypatch):
    monkeypatch.setattr(archive_file, "MOST_BYTES", 1_000_000)
    bomb = bytearray(repacked({"entries.jsonl": b"0" * 2_000_000, "manifest.json": b"{}"}))
    size = (2_000_000).to_bytes(4, "little")
    lie = (9).to_bytes(4, "little")
    with pytest.raises(BadArchive):
        archive_file.ArchiveFile(io.BytesIO(bytes(bomb).replace(size, lie)))


def test_a_name_that_is_in_it_twice_is_refused(home):
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = repacked(files(save(home, home.alone)), also=[("README.txt", b"")])
    refused_and_nothing_changed(home, data, "README.txt is in it twice")


def test_too_many_files_are_refused(monkeypatch, home):
    data = save(home, home.alone)
    monkeypatch.setattr(archive_file, "MOST_FILES", 3)
    with pytest.raises(BadArchive, match="3 at most"):
        archive_file.ArchiveFile(io.BytesIO(data))


def test_state_of_a_talk_is_that_of_the_wearer_again(home):
    kept = save(home, home.alone)
    erase(home, home.alone, Everything())
    back = add_person(home.database, "Back")
    restore(home, back, kept)
    (line,) = home.journal.entries.list_entries(back)
    detail = home.journal.entries.entry(back, line.id)
    assert detail.state.silenced == (back.person_id,)
    assert [it.wearer_id for it in detail.state.suggestions] == [back.person_id]
    assert detail.talk.wearer_id == back.person_id
    assert at(0) == detail.talk.began_at
