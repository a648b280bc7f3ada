"""A newer detector looks again at what is stored: beside the old, equal wherever it runs, and on from where it was."""

import shutil
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import pytest
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

import api.many_processors as processors
from alerts.people import SERVICE, Actor
from api.app import build
from api.cli import app
from api.cli.errors import in_words
from api.many_processors import NoCluster, NotDerived, Outcome, on_dask, on_this_machine, outcome_of
from api.reanalysis import reanalyse
from api.routes.auth import COOKIE
from api.settings import Settings
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from journal.derived import derive
from journal.journal import open_journal
from journal.models import (
    EarlierAnalysisRow,
    EpisodeRow,
    MeasurementRow,
    MinuteRow,
    NearMissRow,
    RecordingRow,
    TalkFiguresRow,
    TalkRow,
    TalkStateRow,
    TimelineRow,
)
from tests.integration.journal_home import add_person
from tests.integration.visitors import newcomer, running, visitor
from tests.simulated_year import make

DETECTOR = DetectorSettings()
RECORDINGS = 4
PARTS = (TimelineRow.basis, TimelineRow.packets, TimelineRow.facts, TimelineRow.minutes, TimelineRow.trace)
FIGURES = [column for column in TalkFiguresRow.__table__.columns if column.name != "recording"]
LIVE = (MinuteRow, EpisodeRow, NearMissRow, MeasurementRow)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A journal with four quarters of an hour, as an earlier detector judged them live and kept them."""
    folder = tmp_path_factory.mktemp("earlier") / "data"
    make(folder, talks=RECORDINGS, hours=0.25, partner=False, entries_of_all=True)
    with closing(open_journal(folder)) as journal, journal.database.write() as connection:
        for row in connection.execute(select(TimelineRow.recording, TimelineRow.basis)).all():
            basis = row.basis.replace(ALGORITHM_VERSION, "2", 1)
            kept = update(TimelineRow).where(TimelineRow.recording == row.recording)
            connection.execute(kept.values(basis=basis, minutes="[]", made_at=None))
            of_talk = update(TalkFiguresRow).where(TalkFiguresRow.recording == row.recording)
            connection.execute(of_talk.values(basis=f"packets/1/{basis}", algorithm_version="2", above_line_s=90.0))
        connection.execute(update(EpisodeRow).values(algorithm_version="2"))
        connection.execute(update(NearMissRow).values(algorithm_version="2"))
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "data")


@contextmanager
def opened(folder):
    with closing(open_journal(folder)) as journal:
        yield journal


def flooding(folder, *told):
    return CliRunner().invoke(app, ["reanalyse", *map(str, told), "--data", str(folder)])


def shown(folder):
    """The bytes of every shown result, by recording."""
    with opened(folder) as journal, journal.database.read() as connection:
        query = select(TimelineRow.recording, *PARTS, *FIGURES).join(
            TalkFiguresRow, TalkFiguresRow.recording == TimelineRow.recording
        )
        return {number: tuple(rest) for number, *rest in connection.execute(query)}


def table(folder, *rows):
    with opened(folder) as journal, journal.database.read() as connection:
        return [connection.execute(select(row.__table__)).all() for row in rows]


def one_by_one(recordings):
    return map(outcome_of, recordings)


def looked(folder, work=one_by_one, **how):
    with opened(folder) as journal:
        found = journal.timelines.to_analyse(SERVICE, DETECTOR)
        return reanalyse(journal.timelines, DETECTOR, found, work, **how)


def test_what_an_earlier_detector_said_stays_whole_beside_it_and_what_was_said_live_as_it_was(folder):
    live, before, old = table(folder, *LIVE), shown(folder), table(folder, TimelineRow)[0]
    told = flooding(folder, "--jobs", 1)
    assert told.exit_code == 0, told.output
    assert f"Detector version {ALGORITHM_VERSION}: {RECORDINGS} to look at, 0 looked at already." in told.output
    assert f"{RECORDINGS} looked at again with version {ALGORITHM_VERSION}" in told.output
    assert table(folder, *LIVE) == live
    (beside,) = table(folder, EarlierAnalysisRow)
    kept = {row.recording: row for row in beside}
    for row in old:
        earlier = kept[row.recording]
        assert (earlier.algorithm_version, earlier.made_at) == ("2", None)
        assert all(getattr(earlier, part.key) == getattr(row, part.key) for part in PARTS)
        assert '"above_line_s":90.0' in earlier.figures
    after = shown(folder)
    assert after.keys() == before.keys()
    assert all(after[number] != before[number] for number in after)
    with opened(folder) as journal:
        for talk in journal.timelines.to_analyse(SERVICE, DETECTOR, again=True).talks:
            (then, now) = journal.timelines.analyses(Actor(talk.wearer_id), talk.recording_id)
            assert (then.version, then.is_shown, then.figures.above_line_s) == ("2", False, 90.0)
            assert (now.version, now.is_shown) == (ALGORITHM_VERSION, True)
            assert now.made_at is not None
            assert now.figures.algorithm_version == ALGORITHM_VERSION


def test_what_is_done_is_not_done_again_unless_it_is_asked_for(folder):
    assert flooding(folder, "--jobs", 1).exit_code == 0
    first = table(folder, TimelineRow)
    told = flooding(folder)
    assert f"0 to look at, {RECORDINGS} looked at already" in told.output
    assert table(folder, TimelineRow) == first
    told = flooding(folder, "--jobs", 1, "--again")
    assert f"{RECORDINGS} to look at" in told.output
    (again,) = table(folder, TimelineRow)
    assert all(row.made_at > before.made_at for row, before in zip(again, first[0], strict=True))
    assert [row._asdict() | {"made_at": None} for row in again] == [
        row._asdict() | {"made_at": None} for row in first[0]
    ]
    assert len(table(folder, EarlierAnalysisRow)[0]) == RECORDINGS


def test_one_process_two_processes_and_a_dask_cluster_give_equal_bytes(folder, tmp_path):
    distributed = pytest.importorskip("distributed")
    copies = {name: tmp_path / name / "data" for name in ("alone", "joblib", "dask")}
    for copy in copies.values():
        shutil.copytree(folder, copy)
    assert looked(copies["alone"]).kept == RECORDINGS
    with on_this_machine(2) as work:
        assert looked(copies["joblib"], work).kept == RECORDINGS
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        told = flooding(copies["dask"], "--dask", cluster.scheduler_address)
        assert (told.exit_code, told.exception) == (0, None), told.output
    results = [shown(copy) for copy in copies.values()]
    assert results[0] == results[1] == results[2]
    assert len(results[0]) == RECORDINGS


def test_killed_halfway_it_goes_on_where_it_was(folder, tmp_path):
    whole = tmp_path / "whole" / "data"
    shutil.copytree(folder, whole)
    looked(whole)
    command = [sys.executable, "-m", "api", "reanalyse", "--jobs", "1", "--data", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        lines = list(islice(process.stderr, 2))
        process.send_signal(signal.SIGKILL)
    assert lines == [f"1 of {RECORDINGS}\n", f"2 of {RECORDINGS}\n"]
    with opened(folder) as journal:
        found = journal.timelines.to_analyse(SERVICE, DETECTOR)
    assert found.done >= 2
    assert len(found.talks) + found.done == RECORDINGS
    assert looked(folder).kept == len(found.talks)
    assert shown(folder) == shown(whole)


def test_a_recording_that_cannot_be_read_or_computed_is_told_and_the_rest_goes_on(folder, monkeypatch):
    with opened(folder) as journal, journal.database.write() as connection:
        talk = connection.execute(select(TalkRow.id, TalkRow.began_at)).first()
        connection.execute(update(TalkStateRow).where(TalkStateRow.talk_id == talk.id).values(state="{}"))
    told = flooding(folder, "--jobs", 1)
    assert told.exit_code == 1
    assert told.output.count("cannot be read (") == 1
    assert f"of {talk.began_at:%Y-%m-%d %H:%M} UTC" in told.output
    assert "3 looked at again" in told.output
    assert "1 not done, and as they were" in told.output

    def all_but_one(recordings):
        for number, recorded in enumerate(recordings):
            yield Outcome(
                recorded.talk.recording_id, NotDerived("ZeroDivisionError") if number == 0 else derive(recorded)
            )

    with opened(folder) as journal:
        again = journal.timelines.to_analyse(SERVICE, DETECTOR, again=True)
        done = reanalyse(journal.timelines, DETECTOR, again, all_but_one)
    assert (done.kept, len(done.failed)) == (2, 2)
    assert [why for _, why in done.failed].count("cannot be computed (ZeroDivisionError)") == 1


def test_a_worker_with_another_detector_is_not_believed(folder, monkeypatch):
    before = shown(folder)

    def older(recordings):
        for recorded in recordings:
            result = derive(recorded)
            yield Outcome(recorded.talk.recording_id, replace(result, basis="1/1/0"))

    done = looked(folder, older)
    assert {why for _, why in done.failed} == {"was computed by another version of the program; upgrade the workers"}
    assert shown(folder) == before


def test_what_is_erased_meanwhile_stays_erased(folder):
    def erasing(recordings):
        for recorded in recordings:
            outcome = outcome_of(recorded)
            with journal.database.write() as connection:
                connection.execute(delete(RecordingRow).where(RecordingRow.id == recorded.talk.recording_id))
            yield outcome

    with opened(folder) as journal:
        found = journal.timelines.to_analyse(SERVICE, DETECTOR)
        done = reanalyse(journal.timelines, DETECTOR, found, erasing)
        assert (done.kept, done.gone) == (0, RECORDINGS)
    assert table(folder, TimelineRow, EarlierAnalysisRow, TalkFiguresRow) == [[], [], []]


def test_no_more_recordings_are_in_memory_than_the_processors_are_given(folder, monkeypatch):
    monkeypatch.setattr(processors, "EACH_HOLDS", 1)
    read, most = [], 0
    with opened(folder) as journal, on_this_machine(2) as work:

        def watched(recordings):
            return work(read.append(recorded.talk.id) or recorded for recorded in recordings)

        def told(so_far):
            nonlocal most
            most = max(most, len(read) - so_far.finished)

        found = journal.timelines.to_analyse(SERVICE, DETECTOR)
        assert reanalyse(journal.timelines, DETECTOR, found, watched, told=told).kept == RECORDINGS
    assert len(read) == RECORDINGS
    assert most <= 2


def test_a_worker_knows_no_database_and_no_key():
    knows = "import sys, api.many_processors; print(*sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", knows], capture_output=True, text=True, check=True).stdout.split()
    assert "journal.derived" in modules
    assert not {"sqlalchemy", "sqlite3", "cryptography", "journal.models", "journal.database", "journal.keys"} & {
        *modules
    }


def test_beside_a_running_program_it_says_to_stop_that_one_and_changes_nothing(folder):
    with opened(folder):
        told = flooding(folder)
        assert "is in use by another flooding; stop that one" in in_words(told.exception)
    assert table(folder, EarlierAnalysisRow) == [[]]


def test_without_a_cluster_or_the_extra_one_line_says_what_to_do(folder, monkeypatch):
    monkeypatch.setattr(processors, "ANSWERS_WITHIN_S", 0.2)
    told = flooding(folder, "--dask", "tcp://127.0.0.1:1")
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in in_words(told.exception)
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = flooding(folder, "--dask", "tcp://127.0.0.1:1")
    assert "pip install" in in_words(told.exception)
    assert table(folder, EarlierAnalysisRow) == [[]]


def test_a_cluster_without_workers_is_said(folder):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        pytest.raises(NoCluster, match="has no workers"),
        on_dask(cluster.scheduler_address),
    ):
        pass


def test_the_entry_says_who_looked_and_opens_both_to_its_owner_alone(folder):
    looked(folder)
    service = build(Settings(data_dir=folder, simulated=True, speed=1.0))
    with running(service) as running_app:
        client = newcomer(running_app, accept="text/html")
        mira = Actor(service.journal.people.everybody(SERVICE)[0].id)
        own = service.journal.entries.list_entries(mira)[0]
        page = client.get(f"/entries/{own.id}").text
        assert "2 in the talk; looked at again with 3 on " in page
        assert "In the talk, version 2" in page
        assert f'href="/entries/{own.id}?version=2"' in page
        assert "as version 2 of the detector saw it" not in page
        then = client.get(f"/entries/{own.id}?version=2").text
        assert "as version 2 of the detector saw it" in then
        assert f'href="/entries/{own.id}?version=3"' in then
        assert client.get(f"/entries/{own.id}?version=1").status_code == 404
        preview = client.get(f"/entries/{own.id}/as-shown").text
        assert "In the talk, version 2" in preview
        assert "?version=" not in preview
        lena = visitor(running_app, accept="text/html")
        actor = add_person(service.journal.database, "Lena")
        lena.cookies.set(COOKIE, service.journal.people.open_session(actor, now=datetime.now(UTC)))
        assert lena.get(f"/entries/{own.id}?version=2").status_code == 404
