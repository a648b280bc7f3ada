"""Files into the journal and out of it: whole or not at all, once, and given back exactly."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from typer.testing import CliRunner

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed, Stored
from api.cli import app as commands
from api.cli.whose import WhoseJournal, actor_named
from api.exporting import exported
from api.importing import NoBeginning, Said, import_file
from hrv.settings import DetectorSettings
from journal import migrations
from journal.database import FILE_NAME
from journal.erasure import OneEntry
from journal.journal import open_journal
from journal.models import Base
from journal.recordings import NewRecording
from sensing.measurement import HeartRateMeasurement, pack
from sensing.recording import BadRecording, read_recordings
from sensing.source import Link, LinkEvent, Notification
from tests.fakes import BEGAN
from tests.fit_file import fit_file, hrv, record
from tests.integration.journal_home import Home, add_person, end, start
from tests.raw_sql import raw

DATA = Path(__file__).parents[1] / "data"
STRESSED = DATA / "biopsykit" / "vp02_rr_phases.csv"


@pytest.fixture
def journal(tmp_path):
    journal = open_journal(tmp_path / "journal")
    yield journal
    journal.close()


@pytest.fixture
def mine(journal):
    return actor_named(journal, None)


def tables(journal):
    """How many rows each table has."""
    with journal.database.read() as connection:
        names = Base.metadata.tables
        return {name: raw(connection, f"SELECT count(*) FROM {name}").scalar() for name in names}  # noqa: S608  names of our own tables


def steady(bpm, seconds):
    """A heart at `bpm`, as plain intervals; no two in a row are quite equal."""
    return "".join(f"{60000 / bpm + (-1) ** n:.1f}\n" for n in range(int(seconds * bpm / 60)))


def test_an_imported_recording_is_taken_along_erased_and_brought_back_and_known_again(journal, mine):
    berlin = Said(zone=ZoneInfo("Europe/Berlin"))
    import_file(journal, mine, STRESSED, berlin)
    (line,) = journal.entries.list_entries(mine)
    assert line.zone == "Europe/Berlin"
    (recording,) = journal.recordings.list_recordings(mine)
    packets = journal.recorder.measurements(mine, recording.recording_id)
    journal.timelines.bring_up_to_date(SERVICE, DetectorSettings())
    archive = saved(journal, mine)
    preview = erased(journal, mine, OneEntry(line.id))
    assert (preview.recordings, preview.measurements, preview.timelines) == (1, len(packets), 1)
    counts = tables(journal)
    assert not any(
        counts[name] for name in ("recording", "measurement", "minute", "episode", "timeline", "entry", "talk")
    )
    assert journal.archive.restore(mine, BytesIO(archive), simulated=False).recordings == 1
    assert journal.entries.list_entries(mine) == [line]
    assert journal.recorder.measurements(mine, recording.recording_id) == packets
    (again,) = import_file(journal, mine, STRESSED, berlin)
    assert not again.new


def test_an_archive_comes_back_also_when_its_file_was_imported_again_meanwhile(journal, mine):
    said = Said(zone=ZoneInfo("Europe/Berlin"))
    import_file(journal, mine, STRESSED, said)
    archive = saved(journal, mine)
    (line,) = journal.entries.list_entries(mine)
    erased(journal, mine, OneEntry(line.id))
    import_file(journal, mine, STRESSED, said)
    assert journal.archive.restore(mine, BytesIO(archive), simulated=False).recordings == 1
    assert len(journal.entries.list_entries(mine)) == 2
    assert [one.new for one in import_file(journal, mine, STRESSED, said)] == [False]
    (newer,) = [one for one in journal.entries.list_entries(mine) if one.id != line.id]
    erased(journal, mine, OneEntry(newer.id))
    assert [one.new for one in import_file(journal, mine, STRESSED, said)] == [False]


def saved(journal, actor):
    file = BytesIO()
    journal.archive.save(actor, file, now=BEGAN)
    return file.getvalue()


def erased(journal, actor, wish):
    return journal.erasure.erase(actor, wish, token=journal.erasure.preview(actor, wish).token)


def test_a_recording_becomes_an_ended_talk_with_its_entry_its_flood_and_its_minutes(journal, mine):
    (entered,) = import_file(journal, mine, STRESSED, Said(zone=ZoneInfo("Europe/Berlin")))
    assert (entered.new, entered.floods, entered.zone_assumed) == (True, 1, False)
    (line,) = journal.entries.list_entries(mine)
    began_at = datetime(2019, 10, 23, 10, 54, 50, 488_000, tzinfo=UTC)
    assert (line.began_at, line.utc_offset_min, line.floods) == (began_at, 120, 1)
    entry = journal.entries.entry(mine, line.id)
    assert entry.talk.strap == "the recording vp02_rr_phases.csv"
    assert journal.talks.unfinished(SERVICE) == []
    (recording,) = read_recordings(STRESSED)
    stored = journal.recorder.measurements(mine, entry.talk.recording_id)
    assert stored == [Stored(round(row.t_s, 3), pack(row.measurement), None) for row in recording.rows()]
    assert tables(journal)["minute"] == 8
    assert entry.episodes[0].threshold.bpm == 100


def test_the_baseline_is_what_came_before_the_talk_started(journal, mine, written):
    text = steady(70, 120) + steady(115, 120)
    import_file(journal, mine, written(text), Said(began_at=BEGAN, talk_starts_s=110))
    (line,) = journal.entries.list_entries(mine)
    (episode,) = journal.entries.entry(mine, line.id).episodes
    assert (episode.baseline_bpm, episode.peak_bpm) == (pytest.approx(70, abs=0.5), pytest.approx(115, abs=1))


def test_a_talk_that_starts_after_the_end_is_noted(journal, mine, written):
    (entered,) = import_file(journal, mine, written(steady(70, 60)), Said(began_at=BEGAN, talk_starts_s=300))
    assert entered.note == "ends at 60 s, before the talk starts"


@pytest.mark.parametrize(
    "file",
    [
        STRESSED,
        DATA / "hrv_bsd" / "exercise_rri.hrm",
        DATA / "fatmaxxer" / "20210606_161059.rr.csv.gz",
        DATA / "fit" / "garmin-fenix-5-run.fit",
    ],
    ids=lambda file: file.name,
)
def test_importing_twice_adds_nothing(journal, mine, file):
    import_file(journal, mine, file, Said())
    once = tables(journal)
    assert once["entry"] == once["talk"] == once["recording"] == 1
    (again,) = import_file(journal, mine, file, Said())
    assert not again.new
    assert tables(journal) == once


def test_the_same_heartbeats_are_known_again_whatever_is_said_of_their_time_or_name(journal, mine, written):
    import_file(journal, mine, written(steady(70, 60), "one.txt"), Said(began_at=BEGAN))
    other = written("RR\n" + steady(70, 60), "two.txt")
    (again,) = import_file(journal, mine, other, Said(began_at=BEGAN + timedelta(days=1)))
    assert not again.new


def test_another_persons_same_file_is_theirs(tmp_path, written):
    with Home(tmp_path / "home") as home:
        path = written(steady(70, 60))
        for who in (home.mira, home.jonas):
            (entered,) = import_file(home.journal, who, path, Said(began_at=BEGAN))
            assert entered.new


def test_a_file_with_a_bad_end_leaves_nothing_of_its_good_beginning(journal, mine, written):
    """Apple's days are stored one by one while the file is read: the error of the last undoes the first."""
    days = "".join(
        f'<Record type="HKQuantityTypeIdentifierHeartRateVariabilitySDNN" startDate="2026-03-{day} 20:14:05 +0100">'
        f'<InstantaneousBeatsPerMinute bpm="{bpm}" time="20:14:07.68"/></Record>\n'
        for day, bpm in ((10, 75), (11, 74), (12, 9999))
    )
    before = tables(journal)
    watched = []
    with pytest.raises(BadRecording, match=r"line 3: 9999 beats a minute"):
        import_file(journal, mine, written(f"<HealthData>{days}</HealthData>"), Said(), watch=watched.append)
    assert watched == ["file [2026-03-10]"]
    assert tables(journal) == before


def test_a_recording_that_does_not_say_when_it_began_is_not_given_a_time(journal, mine, written):
    before = tables(journal)
    hint = "does not say when it began; import it alone with --began '2026-03-12 20:00'"
    with pytest.raises(NoBeginning, match=hint):
        import_file(journal, mine, written(steady(70, 60)), Said())
    assert tables(journal) == before


def test_one_time_dates_one_recording(journal, mine, written):
    before = tables(journal)
    text = "subject,rr_ms\na,800\nb,810\n"
    with pytest.raises(BadRecording, match="holds several recordings, and --began can date only one"):
        import_file(journal, mine, written(text), Said(began_at=BEGAN))
    assert tables(journal) == before


@pytest.mark.parametrize(("zone", "minutes"), [("Europe/Berlin", 120), ("America/St_Johns", -150)])
def test_a_clock_without_a_zone_is_that_of_the_wearers_zone_on_that_day(journal, mine, written, zone, minutes):
    text = "date,rr\n2025-07-12 20:00:00.800,800\n"
    (entered,) = import_file(journal, mine, written(text), Said(zone=ZoneInfo(zone)))
    assert entered.began_at.replace(tzinfo=None) == datetime(2025, 7, 12, 20)  # noqa: DTZ001  the wearer's clock
    assert entered.began_at.utcoffset() == timedelta(minutes=minutes)
    assert not entered.zone_assumed
    (line,) = journal.entries.list_entries(mine)
    assert line.utc_offset_min == minutes


@pytest.mark.parametrize(
    "began",
    ["2026-03-29 01:30", "2025-10-26 01:30", "2025-10-26 02:50"],
    ids=["spring", "autumn", "the hour that comes twice"],
)
def test_a_change_of_the_clock_makes_no_recording_longer_or_shorter(journal, mine, written, began):
    said = Said(datetime.fromisoformat(began), ZoneInfo("Europe/Berlin"), talk_starts_s=2400)
    (entered,) = import_file(journal, mine, written(steady(75, 3 * 3600)), said)
    (talk,) = journal.recordings.list_recordings(mine)
    assert (talk.ended_at - talk.began_at).total_seconds() == entered.length_s == pytest.approx(3 * 3600, abs=1)
    assert talk.topic_began_at - talk.began_at == timedelta(seconds=2400)


def test_an_exported_talk_of_somebody_in_utc_stays_in_utc(journal, mine, written, tmp_path):
    import_file(journal, mine, written(steady(75, 60)), Said(datetime(2026, 1, 5, 20), ZoneInfo("Europe/London")))  # noqa: DTZ001
    (talk,) = journal.recordings.list_recordings(mine)
    other = open_journal(tmp_path / "other")
    elsewhere = Said(zone=ZoneInfo("Europe/Berlin"))
    import_file(
        other,
        actor_named(other, None),
        written(exported(journal, mine, talk.recording_id, packed=False), "x"),
        elsewhere,
    )
    (again,) = other.recordings.list_recordings(actor_named(other, None))
    other.close()
    assert (again.began_at, again.utc_offset_min) == (talk.began_at, 0)


def test_a_clock_without_a_zone_is_said_to_be_taken_for_this_computers(journal, mine, written):
    (entered,) = import_file(journal, mine, written("date,rr\n2025-07-12 20:00:00.800,800\n"), Said())
    assert entered.zone_assumed


def test_an_offset_in_the_file_is_the_wearers_and_utc_is_not(journal, mine, written):
    berlin = Said(zone=ZoneInfo("Europe/Berlin"))
    (told,) = import_file(journal, mine, written("date,rr\n2025-07-12 20:00:00 -0700,800\n", "a"), berlin)
    (utc,) = import_file(journal, mine, written("date,rr\n2025-07-12 20:00:00 +0000,810\n", "b"), berlin)
    assert (told.began_at.utcoffset(), utc.began_at.utcoffset()) == (timedelta(hours=-7), timedelta(hours=2))


@pytest.mark.parametrize(
    "stamp",
    ["1989-12-31 00:00:00+00:00", "2099-01-01 00:00:00+00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"],
)
def test_a_clock_that_was_never_set_is_not_believed(journal, mine, written, stamp):
    path = written(f"date,rr\n{stamp},800\n")
    with pytest.raises(BadRecording, match=r"which cannot be; say when with --began|is not a time stamp"):
        import_file(journal, mine, path, Said())
    if stamp.startswith("1"):
        assert import_file(journal, mine, path, Said(began_at=BEGAN))[0].began_at == BEGAN


def test_a_heart_rate_alone_is_kept_and_said_to_be_no_more(journal, mine, written):
    began_s = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    (entered,) = import_file(journal, mine, written(fit_file(record(began_s, 120), record(began_s + 1, 121))), Said())
    assert (entered.has_intervals, entered.floods) == (False, 0)
    assert tables(journal)["measurement"] == 2


def test_intervals_of_a_fit_file_do_not_depend_on_how_many_a_message_holds(journal, mine, written):
    began_s = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    for n, intervals in enumerate(([hrv(800, 810, 790)], [hrv(800), hrv(810, 790)])):
        (entered,) = import_file(journal, mine, written(fit_file(record(began_s), *intervals), str(n)), Said())
        assert entered.new == (n == 0)


# --- export, and import again -----------------------------------------------------------------------------------------

packets = st.binary(max_size=20) | st.builds(
    lambda bpm, ticks: pack(HeartRateMeasurement(bpm, rr_ticks=tuple(ticks))),
    st.integers(40, 200),
    st.lists(st.integers(300, 2000), max_size=3),
)
details = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
streams = st.lists(
    st.tuples(st.integers(0, 90_000), packets, st.none() | st.integers(0, 5000)), min_size=1, max_size=30
)
changes = st.lists(st.tuples(st.integers(0, 90_000), st.sampled_from(Link), details), max_size=5)


@given(
    stream=streams,
    links=changes,
    offset_min=st.integers(-12 * 60, 14 * 60),
    micro=st.integers(0, 999_999),
    strap=st.none() | details,
    simulated=st.booleans(),
    threshold_bpm=st.floats(60, 180),
    topic_s=st.none() | st.floats(0, 90),
    gzipped=st.booleans(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_exported_is_imported_exactly(
    tmp_path_factory, stream, links, offset_min, micro, strap, simulated, threshold_bpm, topic_s, gzipped
):
    folder = tmp_path_factory.mktemp("export")
    began_at = BEGAN.replace(microsecond=micro)
    new = NewRecording(
        began_at=began_at,
        utc_offset_min=offset_min,
        ended_at=began_at + timedelta(seconds=90.5),
        topic_began_at=None if topic_s is None else began_at + timedelta(seconds=topic_s),
        strap=strap,
        simulated=simulated,
        threshold_bpm=threshold_bpm,
        stored=[Stored(t_ms / 1000, *more) for t_ms, *more in sorted(stream, key=lambda one: one[0])],
        links=[LinkEvent(t_ms / 1000, link, detail) for t_ms, link, detail in links],
    )
    first, second = open_journal(folder / "first"), open_journal(folder / "second")
    try:
        mine, theirs = actor_named(first, None), actor_named(second, None)
        with first.recordings.importing(mine) as into:
            recording_id = into.add(new).recording_id
        file = folder / "talk"
        file.write_bytes(exported(first, mine, recording_id, packed=gzipped))
        (entered,) = import_file(second, theirs, file, Said(place_is_given=True))
        (talk,) = second.recordings.list_recordings(theirs)
        before, after = first.recordings.whole(mine, recording_id), second.recordings.whole(theirs, talk.recording_id)
        assert entered.new
        assert (after.stored, after.links, after.state) == (before.stored, before.links, before.state)
        assert before.stored == new.stored
        for name in ("began_at", "utc_offset_min", "strap", "simulated", "threshold_bpm", "topic_began_at", "ended_at"):
            assert getattr(after.talk, name) == getattr(before.talk, name)
        again = exported(second, theirs, talk.recording_id, packed=False)
        assert again == exported(first, mine, recording_id, packed=False)
        assert tables(first) == tables(second)
    finally:
        first.close()
        second.close()


def recorded_talk(home):
    """A talk that was recorded live, with a packet that makes no sense and a lost link."""
    for t_s, packet in ((1.0, b"\x10\x48\x00\x04"), (2.0, b"\x10"), (3.5, b"\x10\x48\x01\x04")):
        home.journal.recorder.measurement(home.talk.recording_id, Notification(t_s, packet, None))
    home.journal.recorder.link(home.talk.recording_id, LinkEvent(2.5, Link.LOST, 'out of "range",\nperhaps'))
    home.journal.recorder.flush()
    end(home.journal, home.mira, home.talk)


def test_a_recorded_talk_goes_out_and_into_another_journal_and_is_known_in_its_own(tmp_path):
    with Home(tmp_path / "home") as home:
        recorded_talk(home)
        file = tmp_path / "talk.csv"
        file.write_bytes(exported(home.journal, home.mira, home.talk.recording_id, packed=False))
        before = tables(home.journal)
        (again,) = import_file(home.journal, home.mira, file, Said())
        assert not again.new
        assert tables(home.journal) == before
        stored = home.journal.recordings.whole(home.mira, home.talk.recording_id)
    other = open_journal(tmp_path / "other")
    try:
        me = actor_named(other, None)
        assert import_file(other, me, file, Said())[0].new
        whole = other.recordings.whole(me, other.recordings.list_recordings(me)[0].recording_id)
        assert (whole.stored, whole.links) == (stored.stored, stored.links)
    finally:
        other.close()


def test_the_export_of_somebody_else_does_not_exist(tmp_path):
    with Home(tmp_path / "home") as home:
        recorded_talk(home)
        for who in (home.jonas, home.lena):
            with pytest.raises(NotAllowed):
                exported(home.journal, who, home.talk.recording_id, packed=False)


def exported_text(tmp_path):
    with Home(tmp_path / "home") as home:
        recorded_talk(home)
        return exported(home.journal, home.mira, home.talk.recording_id, packed=False).decode()


DAMAGE = {
    "cut": ("\n3.500,10480104,,,\n", "\n", "has 2 of 3 packets; the file was cut off or changed"),
    "a later version": ("version 1", "version 2", "line 1: is not of version 1"),
    "a remark that is gone": ("# ended_at", "# other", "line 1: the remarks of an exported talk lack ended_at"),
    "no JSON": ('"A strap"', "A strap", "line 6: 'strap' has no value that can be read: ' A strap'"),
    "no zone": ("+01:00", "", "line 2: began_at is not a time with its offset from UTC"),
    "an end before the beginning": (
        "2026-03-12T20:10",
        "2026-03-11T20:10",
        "line 4: ended_at is not within seven days",
    ),
    "an end in a year": ("2026-03-12T20:10", "2027-03-12T20:10", "line 4: ended_at is not within seven days"),
    "a word for a number": ("bpm: 100.0", 'bpm: "x"', "line 5: threshold_bpm cannot be"),
    "no number": ("bpm: 100.0", "bpm: NaN", "line 5: threshold_bpm cannot be nan"),
    "half a character": ("A strap", "\\ud800", "line 6: strap holds what is no text"),
    "a detail that is no text": ("out of", "\\ud800", "detail is no text in JSON"),
    "an unknown link": (",lost,", ",gone,", "link is none of searching, "),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_export_is_refused_and_changes_nothing(journal, mine, written, tmp_path, name):
    was, becomes, message = DAMAGE[name]
    text = exported_text(tmp_path)
    assert was in text
    before = tables(journal)
    with pytest.raises(BadRecording) as refused:
        import_file(journal, mine, written(text.replace(was, becomes)), Said())
    assert message in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert tables(journal) == before


def test_an_exported_talk_is_not_dated_anew(journal, mine, written, tmp_path):
    with pytest.raises(BadRecording, match="is an exported talk and tells when it began; leave --began out"):
        import_file(journal, mine, written(exported_text(tmp_path)), Said(began_at=BEGAN))


def test_simulated_heartbeats_get_into_no_persons_journal(journal, mine, written, tmp_path):
    simulated = written(exported_text(tmp_path).replace("simulated: false", "simulated: true"))
    with pytest.raises(BadRecording, match="is a simulated talk; it goes into a folder of its own: --data DIR"):
        import_file(journal, mine, simulated, Said())
    import_file(journal, mine, simulated, Said(place_is_given=True))
    with pytest.raises(BadRecording, match="is a real recording, and this journal is a demo’s"):
        import_file(journal, mine, STRESSED, Said(place_is_given=True))


def test_a_command_line_cannot_choose_between_people(journal):
    for name in ("Mira", "Jonas"):
        add_person(journal.database, name)
    with pytest.raises(WhoseJournal, match=r"--person NAME; there is: Mira \(.*\), Jonas"):
        actor_named(journal, None)
    with pytest.raises(WhoseJournal):
        actor_named(journal, "Lena")


def test_with_two_people_a_recording_is_imported_and_exported_for_the_one_who_is_named(tmp_path):
    folder, out = tmp_path / "home", tmp_path / "hers.csv"
    with Home(folder) as home:
        end(home.journal, home.mira, home.talk)

    def flooding(*told):
        return CliRunner().invoke(commands, [*map(str, told), "--data", str(folder)])

    assert isinstance(flooding("import", STRESSED).exception, WhoseJournal)
    assert flooding("import", STRESSED, "--person", "Jonas").exit_code == 0
    assert flooding("export", "latest", "--out", out, "--person", "Jonas").exit_code == 0
    assert flooding("export", "--person", "Lena").stdout == "No recordings yet.\n"
    journal = open_journal(folder)
    counts = {
        person.name: len(journal.recordings.list_recordings(Actor(person.id)))
        for person in journal.people.everybody(SERVICE)
    }
    journal.close()
    assert counts == {"Mira": 1, "Jonas": 2, "Lena": 0}
    assert out.stat().st_size > 0


def test_recordings_of_talks_that_go_on_are_not_listed(tmp_path):
    with Home(tmp_path / "home") as home:
        assert home.journal.recordings.list_recordings(home.mira) == []
        recorded_talk(home)
        (talk,) = home.journal.recordings.list_recordings(home.mira)
        assert talk.recording_id == home.talk.recording_id
        start(home.journal, home.mira)
        assert len(home.journal.recordings.list_recordings(home.mira)) == 1


def journal_as_of(revision, now, folder):
    """A journal with the tables of `revision`, filled with what they can hold of the journal `now`."""
    folder.mkdir()
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{folder / now.name}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(folder / now.name)) as database:
        database.execute("ATTACH ? AS now", (str(now),))
        tables = [name for (name,) in database.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in set(tables) - {"alembic_version"}:
            columns = ", ".join(row[1] for row in database.execute(f"PRAGMA main.table_info({table})"))
            database.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")  # noqa: S608  names from our own tables
        database.commit()


@pytest.mark.sqlite_only("a file of before, when there was no other database")
def test_a_journal_of_before_opens_and_its_recordings_are_not_imported_ones(tmp_path):
    with Home(tmp_path / "now") as home:
        recorded_talk(home)
        recording_id = home.talk.recording_id
    journal_as_of("0002", tmp_path / "now" / FILE_NAME, tmp_path / "before")
    journal = open_journal(tmp_path / "before")
    try:
        with journal.database.read() as connection:
            query = "SELECT id, imported_sha256 FROM recording WHERE id = ?"
            rows = raw(connection, query, (recording_id,))
            assert [tuple(row) for row in rows] == [(recording_id, None)]
    finally:
        journal.close()
