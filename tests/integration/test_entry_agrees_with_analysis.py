"""A recording kept in the journal and the same recording analysed say the same, to the last digit."""

import json

import pytest
from typer.testing import CliRunner

from alerts.people import Actor
from api.cli import app
from api.facts import episode_facts
from hrv.retrace import Mark, MarkKind, Sample
from hrv.settings import DetectorSettings
from hrv.summary import summarise
from journal.journal import open_journal
from journal.timeline import timeline
from sensing.recording import Row, read_recordings, write_project
from tests.benchmarks.bench_monitor import packets, restless


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    """A file with an hour: quiet minutes, a flood in the middle, much gesturing."""
    file = tmp_path_factory.mktemp("hour") / "hour.csv"
    made = sorted(zip(packets(), restless(), strict=True))
    write_project(file, (Row(t_s, None, packet, mg) for (t_s, packet), mg in made if not 1500 <= t_s < 1530))
    return file


def kept(folder, file, *flags):
    """The entry's timeline of `file` after `flooding import`."""
    flags = ("--began", "2026-03-12 20:00", "--data", str(folder), *flags)
    done = CliRunner().invoke(app, ["import", str(file), *flags])
    assert done.exit_code == 0, done.output
    journal = open_journal(folder)
    try:
        person = journal.people.first_person(name="You", now=None)
        actor = Actor(person.id)
        (line,) = journal.entries.list_entries(actor)
        entry = journal.entries.entry(actor, line.id)
        stored = journal.recorder.measurements(actor, entry.talk.recording_id)
        return timeline(entry.talk, entry.state, stored, DetectorSettings())
    finally:
        journal.close()


@pytest.mark.parametrize("topic_s", [300.0, None])
def test_entry_agrees_with_the_analysis_of_its_recording_to_the_last_digit(hour, tmp_path, topic_s):
    flags = [] if topic_s is None else ["--talk-starts", str(topic_s)]
    entry = kept(tmp_path, hour, *flags)
    (recording,) = read_recordings(hour)
    samples = [Sample(row.t_s, row.measurement, row.motion_mg) for row in recording.rows()]
    summary = summarise(samples, [] if topic_s is None else [Mark(topic_s, MarkKind.TOPIC)])
    assert entry.points == summary.points
    assert entry.episodes == [flood.episode for flood in summary.floods]
    assert len(entry.episodes) == 1
    assert entry.near_misses == summary.near_misses
    assert (entry.threshold, entry.baseline) == (summary.threshold, summary.baseline)
    assert entry.phases == [one.phase for one in summary.phases]
    assert [recovery.turned_s for recovery in entry.recoveries] == [flood.turned_s for flood in summary.floods]


def test_what_analyse_prints_of_the_flood_is_what_the_entry_holds(hour, tmp_path):
    entry = kept(tmp_path, hour, "--talk-starts", "300")
    done = CliRunner().invoke(app, ["analyse", str(hour), "--json", "--talk-starts", "300"])
    (told,) = json.loads(done.stdout)["analysis"]["floods"]
    (flood,) = entry.episodes
    assert told | json.loads(json.dumps(episode_facts(flood))) == told
