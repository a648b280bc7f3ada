"""A simulated practice in a journal: a clinician, and clients whose talks have figures as if they had been talked.

For tests and pictures. The figures are put where a finished talk's are kept (`journal.trends.stored_figures`), with a minute
that says that there were no packets, so that nothing computes them anew.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from alerts.talk_state import Phase
from hrv.settings import DetectorSettings
from journal.derived import figures_basis_of
from journal.models import MinuteRow, PersonRow, RecordingRow, TalkFiguresRow
from journal.trends.figures import FloodFigures, TalkFigures
from journal.trends.stored_figures import columns_of
from tests.integration.journal_home import add_person

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
CALM = TalkFigures(
    began=NOW, heard_s=3000.0, lost_s=120.0, baseline_bpm=72.0, rmssd_baseline_ms=38.0, floods=(), near_misses=0,
    pauses_taken=0, pauses_kept=0, algorithm_version="3", above_line_s=0.0,
)  # fmt: skip
FLOOD = FloodFigures(peak_bpm=118.0, rise_bpm=44.0, back_s=1080.0)


def flooded(figures=CALM, n=1, **more):
    """A talk that flooded so often."""
    return replace(figures, floods=(FLOOD,) * n, above_line_s=240.0 * n, pauses_taken=n, pauses_kept=n, **more)


def remember(journal, actor, began_at, figures=CALM, *, simulated=False, with_entry=True):
    """A finished talk with these figures; return its entry's id."""
    talk = journal.talks.start(
        actor, began_at=began_at, utc_offset_min=60, strap=None, simulated=simulated, threshold_bpm=100.0
    )
    state, version = journal.talks.load(actor, talk.id)
    over = replace(state, phase=Phase.ENDED, ended_at=began_at + timedelta(hours=1))
    journal.talks.save(actor, talk.id, over, expected_version=version)
    entry_id = journal.recorder.entry(actor, talk.id) if with_entry else None
    with journal.database.write() as connection:
        number = connection.scalars(select(RecordingRow.number).where(RecordingRow.id == talk.recording_id)).one()
        connection.execute(
            insert(MinuteRow).values(recording=number, minute=0, seconds_s=60, signal_ok_s=60, flooded_s=0)
        )
        basis = figures_basis_of(DetectorSettings(), talk.threshold_bpm, from_minutes=True)
        connection.execute(insert(TalkFiguresRow).values(recording=number, basis=basis, **columns_of(talk, figures)))
    return entry_id


def clinician(journal, name="Dr. A. Okafor"):
    """A clinician's account."""
    actor = add_person(journal.database, name)
    with journal.database.write() as connection:
        connection.execute(update(PersonRow).where(PersonRow.id == actor.person_id).values(is_clinician=True))
    return actor


def admit(journal, wearer, reader, *, now=NOW):
    """The wearer admits the clinician; nothing is shown by it."""
    admission_id, code = journal.sharing.invite(wearer, called="Dr", now=now - timedelta(hours=1))
    journal.sharing.accept(reader, code, now=now - timedelta(hours=1))
    return admission_id


def show_since(journal, wearer, admission_id, since, *, now=NOW, **more):
    """Show everything from a moment on."""
    what = {"with_words": True} | more
    return journal.sharing.show(wearer, admission_id, from_at=since, now=now - timedelta(minutes=30), **what)


def cookie_of(journal, actor, now=None):
    """A session's cookie."""
    return journal.people.open_session(actor, now=now or datetime.now(UTC))


def weeks_of_talks(journal, actor, monday, *, weeks, floods_an_hour, seed, empty=(), simulated=True, version_from=None):
    """Two or three talks a week, with floods as often as `floods_an_hour(week)` says."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    ids = []
    for week in range(weeks):
        if week in empty:
            continue
        for day in sorted(chance.sample(range(5), chance.choice((2, 2, 3)))):
            n = sum(chance.random() < floods_an_hour(week) / 3 for _ in range(3))
            usual = chance.gauss(73, 2)
            figures = TalkFigures(
                began=NOW,
                heard_s=chance.uniform(2400, 3500),
                lost_s=chance.choice((20, 60, 90, 500)) * chance.random(),
                baseline_bpm=usual if chance.random() > 0.1 else None,
                rmssd_baseline_ms=chance.gauss(38, 5) if chance.random() > 0.3 else None,
                floods=tuple(
                    FloodFigures(
                        peak := chance.gauss(116, 5),
                        peak - usual,
                        chance.gauss(1200 - 30 * week, 200) if chance.random() > 0.3 else None,
                    )
                    for _ in range(n)
                ),
                near_misses=sum(chance.random() < 0.2 + 0.05 * week for _ in range(3)),
                pauses_taken=n,
                pauses_kept=sum(chance.random() < 0.7 for _ in range(n)),
                algorithm_version="2" if version_from is not None and week < version_from else "3",
                above_line_s=sum(chance.uniform(120, 400) for _ in range(n)),
            )
            began = monday + timedelta(
                weeks=week, days=day, hours=chance.randint(17, 20), minutes=chance.randint(0, 59)
            )
            ids.append(remember(journal, actor, began, figures, simulated=simulated))
    return ids


def practice(journal, now):
    """Six clients as in the pictures, all simulated. Return the clinician and the clients by name."""
    reader = clinician(journal)
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    first = monday - timedelta(weeks=11)
    falling, level, high, low = (lambda w: max(0.4, 2.4 - 0.19 * w)), (lambda _: 1.0), (lambda _: 2.0), (lambda _: 0.3)
    made = {}

    def client(name, floods, seed, *, weeks=12, empty=(), since_weeks=9, single=0, version_from=None, shows=True):
        actor = add_person(journal.database, name)
        ids = weeks_of_talks(
            journal, actor, first + timedelta(weeks=12 - weeks), weeks=weeks - 1, floods_an_hour=floods, seed=seed,
            empty=empty, version_from=version_from,
        )  # fmt: skip
        admission_id = admit(journal, actor, reader, now=now)
        if single:
            for entry_id in ids[-single:]:
                journal.sharing.show(
                    actor, admission_id, entry_id=entry_id, with_words=True, now=now - timedelta(minutes=30)
                )
        elif shows:
            since = monday - timedelta(weeks=since_weeks) + timedelta(days=2)
            show_since(journal, actor, admission_id, since, now=now, with_words=since_weeks != 7)
        made[name] = (actor, admission_id)
        return admission_id

    at = now.replace(tzinfo=None, minute=0, second=0, microsecond=0)
    for days, hour, admission_id in (
        (3, 9, client("Mira K.", falling, 1, empty=(5, 8), version_from=6)),
        (3, 10, client("Daniel R.", level, 2, single=5)),
        (4, 8, client("Amira S.", low, 3, empty=(6,))),
        (5, 16, client("Tomasz L.", high, 4, since_weeks=7)),
        (6, 11, client("Elif D.", level, 5, weeks=2, since_weeks=2)),
    ):
        journal.clients.set_appointment(reader, admission_id, (at + timedelta(days=days)).replace(hour=hour))
    stopped = client("Ruth B.", level, 6)
    ruth = made["Ruth B."][0]
    for grant in journal.sharing.of_wearer(ruth)[0].grants:
        journal.sharing.hide(ruth, grant.id, now=now - timedelta(minutes=10))
    journal.clients.set_appointment(reader, stopped, (at + timedelta(days=12)).replace(hour=9))
    return reader, {name: actor for name, (actor, _) in made.items()}
