"""Looking again at 200 recorded hours: on all processors by joblib, killed halfway and gone on with, and by two Dask workers.

`python -m tests.benchmarks reanalyse`; `python -m tests.benchmarks.bench_reanalysis --hours 20` is a quicker look. The hours are
simulated, a few different ones repeated. Workers, parent and database share the machine; no time is pass or fail here, but
that the results are equal, byte for byte, is checked.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from distributed import LocalCluster
from sqlalchemy import select

from alerts import steps
from alerts.people import SERVICE, Actor
from hrv.monitor import ArousalMonitor
from hrv.settings import DetectorSettings
from journal.derived import derive
from journal.journal import open_journal
from journal.models import TalkFiguresRow, TimelineRow
from sensing.measurement import parse
from tests.benchmarks.timing import table
from tests.fakes import BEGAN
from tests.simulated_year import HOUR_S, packets

DETECTOR = DetectorSettings()
HOURS = 200
DIFFERENT = 20
ALONE = 10


def fill(folder, hours):
    """So many finished talks of an hour, with packets and nothing derived."""
    different = [
        list(packets(seed, None, rises=seed % 2 == 0, floods=seed % 3 == 0)) for seed in range(min(hours, DIFFERENT))
    ]
    with closing(open_journal(folder)) as journal:
        who = Actor(journal.people.first_person(name="Mira", now=BEGAN).id)
        for n in range(hours):
            began_at = BEGAN + timedelta(days=n)
            talk = journal.talks.start(
                who, began_at=began_at, utc_offset_min=60, strap=None, simulated=True, threshold_bpm=100.0
            )
            for notification in different[n % DIFFERENT]:
                journal.recorder.measurement(talk.recording_id, notification)
            journal.recorder.flush()
            state, version = journal.talks.load(who, talk.id)
            over = steps.end_talk(
                steps.begin_topic(state, began_at + timedelta(seconds=300)), began_at + timedelta(seconds=HOUR_S)
            )
            journal.talks.save(who, talk.id, over, expected_version=version)


def results(folder):
    """The bytes of every result."""
    parts = [column for column in TimelineRow.__table__.columns if column.name != "made_at"]
    figures = [column for column in TalkFiguresRow.__table__.columns if column.name != "recording"]
    query = select(*parts, *figures).join(TalkFiguresRow, TalkFiguresRow.recording == TimelineRow.recording)
    with closing(open_journal(folder)) as journal, journal.database.read() as connection:
        return sorted(tuple(row) for row in connection.execute(query))


def one_processor_s(folder):
    """Processor time for one recording's result, and for the same hour on the live path: parsing and the monitor alone."""
    with closing(open_journal(folder)) as journal:
        found = journal.timelines.to_analyse(SERVICE, DETECTOR).talks
        recorded = [journal.timelines.recorded(SERVICE, talk, DETECTOR) for talk in found[:ALONE]]
    began = time.process_time()
    for one in recorded:
        derive(one)
    again_s = (time.process_time() - began) / len(recorded)
    began = time.process_time()
    for one in recorded:
        monitor = ArousalMonitor(replace(DETECTOR, threshold_bpm=one.talk.threshold_bpm))
        for row in one.stored:
            monitor.update(row.t_s, parse(row.packet), row.motion_mg)
    return again_s, (time.process_time() - began) / len(recorded)


def command(folder, *told):
    return [sys.executable, "-m", "api", "reanalyse", "--data", str(folder), *told]


def ran_s(folder, *told):
    began = time.perf_counter()
    subprocess.run(command(folder, *told), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def killed_s(folder, hours):
    """Killed without warning when half is told to be done: how long it ran, and how much is done."""
    began = time.perf_counter()
    with subprocess.Popen(command(folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if int(line.split()[0]) >= hours // 2:
                break
        process.send_signal(signal.SIGKILL)
    spent_s = time.perf_counter() - began
    with closing(open_journal(folder)) as journal:
        return spent_s, journal.timelines.to_analyse(SERVICE, DETECTOR).done


def report(hours=HOURS):
    with tempfile.TemporaryDirectory() as made:
        joblib, dask = Path(made, "joblib"), Path(made, "dask")
        fill(joblib, hours)
        shutil.copytree(joblib, dask)
        again_s, live_s = one_processor_s(joblib)
        first_s, done = killed_s(joblib, hours)
        rest_s = ran_s(joblib)
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            dask_s = ran_s(dask, "--dask", cluster.scheduler_address)
        equal = results(joblib) == results(dask)
        complete = len(results(dask)) == hours
    if not (equal and complete and hours // 2 <= done < hours):
        raise SystemExit(f"equal: {equal}, complete: {complete}, done when killed: {done} of {hours}")
    alone_s, joblib_s = again_s * hours, first_s + rest_s
    yield (
        f"{hours} recorded hours ({min(hours, DIFFERENT)} simulated ones, repeated), {os.cpu_count()} processors. Results by joblib and by two "
        f"Dask workers are equal, byte for byte. Killed with SIGKILL when half was told to be done, it had kept {done}, and the next run did the "
        f"other {hours - done}."
    )
    yield ""
    rows = [
        ("one processor, processor time alone (from ten of them)", f"{alone_s:.0f} s", "1.0 ×"),
        ("joblib, all processors, killed halfway and gone on with", f"{joblib_s:.0f} s", f"{alone_s / joblib_s:.1f} ×"),
        ("two Dask workers on this machine", f"{dask_s:.0f} s", f"{alone_s / dask_s:.1f} ×"),
    ]
    yield from table(("how", "time, starting included", "faster than one processor"), rows)
    yield ""
    yield (
        f"An hour costs {again_s:.2f} s of processor time: the live path’s parsing and detector alone cost {live_s:.2f} s for the same hour "
        f"({again_s / live_s:.1f} ×); the rest is the minutes, phases, ways back and figures, and packing them."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=HOURS)
    print("\n".join(report(parser.parse_args().hours)))


if __name__ == "__main__":
    main()
