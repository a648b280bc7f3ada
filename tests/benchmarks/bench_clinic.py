"""A clinician's caseload of 200 wearers with a year each, simulated: what the server needs for it and for one client's trends.

`python -m tests.benchmarks.bench_clinic [FOLDER]`: with a folder that this has filled before nothing is made anew. A reading
writes to the log of each client it is of, and to the file of the log's heads; that is part of the time. The naive way is the
same without kept figures: minutes and floods read and counted, and of the one wearer with packets every talk walked again.
"""

import os
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from alerts.people import SERVICE, Actor
from api.app import build
from api.routes.auth import COOKIE
from api.server import settle
from api.settings import Settings
from hrv.settings import DetectorSettings
from journal.models import EpisodeRow, MeasurementRow, MinuteRow, PersonRow, RecordingRow, TalkFiguresRow, TalkRow
from journal.own_share import as_lived
from journal.recorder import read_measurements
from journal.talks import read_state, select_talks, talk_from
from journal.trends.clients import CASELOAD_FIGURES, CASELOAD_WEEKS
from journal.trends.figures import by_week
from journal.trends.from_minutes import figures_from_minutes
from journal.trends.stored_figures import rows_of
from tests.benchmarks.timing import table
from tests.integration.visitors import running, visitor
from tests.plain_figures import plain_figures
from tests.simulated_clinic import make, on_terminal
from tests.simulated_year import on_terminal as on_terminal_talks

ROUNDS = 40
WANTED_MS = {"caseload": 150, "trend": 50}
DETECTOR = DetectorSettings()


def spent_ms(work):
    """Median, 95th percentile, and median processor time of `work`, ms, after one run to warm up."""
    work()
    spent, busy = [], []
    for _ in range(ROUNDS):
        began, began_busy = time.perf_counter(), time.process_time()
        work()
        spent.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - began_busy) * 1000)
    return statistics.median(spent), statistics.quantiles(spent, n=20)[-1], statistics.median(busy)


@contextmanager
def opened(folder):
    """The service on `folder`, a client of it where the clinician is signed in, the clinician, and Mira."""
    service = build(Settings(data_dir=folder, simulated=True, speed=1.0))
    with running(service) as app:
        people = service.journal.people
        with service.journal.database.read() as connection:
            clinician = Actor(connection.scalars(select(PersonRow.id).where(PersonRow.is_clinician.is_(True))).one())
            mira = Actor(connection.scalars(select(PersonRow.id).where(PersonRow.name == "Mira")).one())
        client = visitor(app, accept="text/html")
        client.cookies.set(COOKIE, people.open_session(clinician, now=datetime.now(UTC)))
        # What the service does at its start is not to be measured beside it.
        service.journal.timelines.bring_up_to_date(SERVICE, service.detector)
        settle()  # as the server does
        yield service, client, clinician, mira


def naive_from_packets(journal, wearer):
    """Every talk's figures from its packets, and how long that took, ms."""
    began, found = time.process_time(), []
    with journal.database.read() as connection:
        rows = select_talks().add_columns(RecordingRow.number).where(RecordingRow.owner_id == wearer.person_id)
        for *columns, number in connection.execute(rows.order_by(RecordingRow.began_at)).all():
            talk = talk_from(columns)
            state = as_lived(read_state(connection, talk.id)[0], talk.wearer_id)
            found.append(plain_figures(talk, state, read_measurements(connection, number), DETECTOR))
            print(f"\rthe naive way, talk {len(found)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found, (time.process_time() - began) * 1000


def naive_from_minutes(journal, wearer_id, since=None):
    """The figures of a wearer's talks from their minutes and floods."""
    rows = select_talks().add_columns(RecordingRow.number).where(RecordingRow.owner_id == wearer_id)
    if since is not None:
        rows = rows.where(RecordingRow.began_at >= since)
    with journal.database.read() as connection:
        talks = [
            (talk_from(columns), number)
            for *columns, number in connection.execute(rows.order_by(RecordingRow.began_at)).all()
        ]
        told = rows_of(connection, [(number, talk.id) for talk, number in talks])
    return [figures_from_minutes(talk, told[number], DETECTOR) for talk, number in talks]


def naive_caseload(journal, caseload, of_mira, mira):
    """The weeks of everybody, and how long the others than Mira took, ms."""
    began, found = time.process_time(), {}
    for client in caseload:
        first = client.weeks[0].first
        since = datetime.combine(first, datetime.min.time(), client.last_talk.tzinfo)
        talks = of_mira if client.wearer_id == mira.person_id else naive_from_minutes(journal, client.wearer_id, since)
        found[client.wearer_id] = tuple(
            by_week(talks, first_monday=first, weeks=CASELOAD_WEEKS, figures=CASELOAD_FIGURES)
        )
    return found, (time.process_time() - began) * 1000


def size_of(service, folder):
    """What there is, in words."""
    tables = (TalkRow, MinuteRow, EpisodeRow, MeasurementRow)
    with service.journal.database.read() as connection:
        talks, minutes, floods, packets = (
            connection.scalar(select(func.count()).select_from(table)) for table in tables
        )
        mean, most = connection.execute(
            select(func.avg(func.length(TalkFiguresRow.floods)), func.max(func.length(TalkFiguresRow.floods)))
        ).one()
    size_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    return (
        f"{talks:,} simulated talks of an hour, {minutes:,} minutes, {floods:,} floods, {packets:,} packets of one wearer, "
        f"{size_mb:.0f} MB; floods of a talk’s figures: {mean:.0f} bytes, {most} at most."
    )


def report(folder=None):
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            yield from report(Path(made) / "data")
        return
    if not folder.exists():
        make(folder, told=on_terminal, told_talks=on_terminal_talks)
    with opened(folder) as (service, client, clinician, mira):
        journal, clients = service.journal, service.journal.clients
        now = datetime.now(UTC)
        caseload = clients.caseload(clinician, now=now)
        other = next(one.wearer_id for one in caseload if one.wearer_id != mira.person_id)
        of_mira, walk_ms = naive_from_packets(journal, mira)
        weeks, minutes_ms = naive_caseload(journal, caseload, of_mira, mira)
        in_weeks = sum(week.talks for one in caseload for week in one.weeks if one.wearer_id == mira.person_id)
        began = time.process_time()
        of_other = naive_from_minutes(journal, other)
        other_ms = (time.process_time() - began) * 1000
        agree = (
            all(one.weeks == weeks[one.wearer_id] for one in caseload),
            [one.figures for one in clients.trend(clinician, mira.person_id, now=now).talks] == of_mira,
            [one.figures for one in clients.trend(clinician, other, now=now).talks] == of_other,
        )
        yield f"{len(caseload)} wearers, {size_of(service, folder)}"
        yield ""
        naive_ms = {
            "caseload": minutes_ms + walk_ms * in_weeks / len(of_mira),
            "one": walk_ms,
            "other": other_ms,
        }
        timed = [
            ("the caseload, from the store", "caseload", "caseload", lambda: clients.caseload(clinician, now=now)),
            (
                "one client with packets, from the store",
                "trend",
                "one",
                lambda: clients.trend(clinician, mira.person_id, now=now),
            ),
            ("one client without, from the store", "trend", "other", lambda: clients.trend(clinician, other, now=now)),
        ]
        if client.get("/clients").status_code == 200:
            timed += [
                ("the caseload’s page", "caseload", "caseload", lambda: page(client, "/clients")),
                ("one client’s page, with packets", "trend", "one", lambda: page(client, f"/clients/{mira.person_id}")),
                ("one client’s page, without", "trend", "other", lambda: page(client, f"/clients/{other}")),
            ]
        rows = []
        for name, wanted, naive, work in timed:
            median, slow, busy = spent_ms(work)
            rows.append(
                (
                    name,
                    f"{median:.1f} ms",
                    f"{slow:.1f} ms",
                    f"{busy:.1f} ms",
                    f"≤ {WANTED_MS[wanted]} ms",
                    f"{naive_ms[naive]:,.0f} ms",
                    f"{naive_ms[naive] / busy:,.0f} ×",
                )
            )
        yield from table(
            ("server time", "median", "p95", "of it processor", "wanted", "naive, processor", "ratio"), rows
        )
        yield ""
        yield (
            f"While this was measured {os.getloadavg()[1]:.0f} programs wanted {os.cpu_count()} processors: the more of them, the "
            "further the times are above the processor’s own."
        )
        yield ""
        said = "agree exactly" if all(agree) else "DIFFER"
        unbroken = all(journal.access_log.broken(Actor(one.wearer_id)) is None for one in caseload)
        yield (
            f"Kept and naive figures {said}: weeks of the caseload, all talks of one client with packets and of one without. "
            f"Each opening is a line in {len(caseload)} logs, all of them {'whole' if unbroken else 'BROKEN'} afterwards."
        )


def page(client, path):
    client.get(path).raise_for_status()


if __name__ == "__main__":
    print("\n".join(report(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
