"""Review pages: from stored talks to what a person reads; theirs alone."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed
from alerts.talk_state import Phase
from api.app import build
from api.settings import Settings
from hrv.near_miss import NearMiss
from hrv.reading import Episode, EpisodeEnd, Threshold
from hrv.settings import DetectorSettings
from journal.checks import LONGEST_NOTE, BodyState, DailyCheck, Helped
from journal.content import content_from
from journal.derived import derived_from
from journal.erasure import OneEntry
from journal.models import PersonRow
from journal.timeline import timeline
from tests.fakes import BEGAN, TALK, ManualClock
from tests.integration.visitors import bare_visitor, newcomer
from tests.raw_sql import raw

DETECTOR = DetectorSettings()
EPISODE = Episode(
    began_t_s=910.0, onset_t_s=900.0, ended_t_s=1300.0, end=EpisodeEnd.CAME_DOWN, peak_bpm=113.0, peak_t_s=1000.0,
    baseline_bpm=72.0, baseline_provisional=False, rise_bpm=41.0, above_threshold_s=300, rmssd_baseline_ms=30.0,
    rmssd_flood_ms=8.0, rmssd_flood_missing=None, signal_ok_share=1.0, threshold=Threshold(100.0, 95.0),
    algorithm_version="2",
)  # fmt: skip
NEAR_MISS = NearMiss(400, 520, 94.0, 450)


@pytest.fixture
def service(tmp_path):
    clock = ManualClock(datetime(2026, 3, 14, 12, tzinfo=UTC))
    return build(Settings(data_dir=tmp_path), clock=clock, source_for=lambda _: None)


@pytest.fixture
def visitor(app):
    return newcomer(app, accept="text/html")


@pytest.fixture
def mira(visitor, service):
    return Actor(service.journal.people.first_person(name="Mira", now=BEGAN).id)


def remember(service, actor, began_at, *, episodes=(), near_misses=(), offset_min=60, kept=True):
    """A talk with what the detector found in it, as it is kept at a talk's end."""
    journal = service.journal
    talk = journal.talks.start(
        actor, began_at=began_at, utc_offset_min=offset_min, strap=None, simulated=False, threshold_bpm=100.0
    )
    state, version = journal.talks.load(actor, talk.id)
    over = replace(state, phase=Phase.ENDED, ended_at=began_at + timedelta(hours=1))
    journal.talks.save(actor, talk.id, over, expected_version=version)
    for episode in episodes:
        journal.recorder.episode(actor, talk.recording_id, episode)
    for near_miss in near_misses:
        journal.recorder.near_miss(actor, talk.recording_id, near_miss)
    if kept:
        silent = timeline(TALK, state, [], DETECTOR)
        points = [replace(p, heart_rate_bpm=80.0) for p in silent.points]
        found = replace(silent, points=points, episodes=list(episodes), near_misses=list(near_misses))
        journal.timelines.keep(SERVICE, talk, derived_from(talk, state, DETECTOR, found, 0))
    return talk


def at(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def words(answer):
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_without_talks_pages_are_kind_and_draw_nothing(visitor):
    week, patterns = words(visitor.get("/review")), words(visitor.get("/review/patterns"))
    assert "No talk this week." in week
    assert "A quiet week is a week, too." in week
    assert "It begins with the first entry." in week
    assert "0 rises in eight weeks: too few to say when it tends to rise." in patterns
    for path in ("/review", "/review/patterns"):
        assert 'class="heat"' not in visitor.get(path).text


def test_the_week_celebrates_what_turned_and_meets_a_flood_with_repair(visitor, service, mira):
    remember(
        service, mira, at(10, 18), near_misses=[NEAR_MISS, replace(NEAR_MISS, from_s=2000, to_s=2100, peak_t_s=2050)]
    )
    remember(service, mira, at(12, 19), episodes=[EPISODE])
    told = words(visitor.get("/review"))
    assert "Twice it rose, and you turned it." in told
    assert "Tuesday: rose and turned twice. Thursday: flooded once." in told
    assert told.index("Tuesday, 19:06") < told.index("The one that flooded")
    assert "Thursday, 20:15: it crossed the line. Highest 113." in told
    assert "A near miss : your heart rose towards the line" in told
    assert "“I fell into an old pattern. Let me try again.”" in told
    for forbidden in ("should", "failed", "score", "streak", "!"):
        assert forbidden not in told.lower().replace("<!", "")
    assert "No talk this week." in words(visitor.get("/review?day=2026-03-02"))


def test_another_persons_talks_are_in_nobody_elses_review(visitor, service, mira):
    jonas = Actor(uuid.uuid4().hex)
    with service.journal.database.write() as connection:
        connection.execute(insert(PersonRow).values(id=jonas.person_id, name="Jonas", created_at=BEGAN))
    talk = remember(service, jonas, at(12, 19), episodes=[EPISODE], near_misses=[NEAR_MISS])
    assert "No talk this week." in words(visitor.get("/review"))
    assert "No talk in these two weeks." in words(visitor.get("/review/patterns"))
    with pytest.raises(NotAllowed):
        service.journal.timelines.trace(mira, talk.recording_id)
    with pytest.raises(NotAllowed):
        service.journal.reviews.gather(SERVICE, DETECTOR, first=date(2026, 3, 9), days=7)
    with pytest.raises(NotAllowed):
        service.journal.checks.between(SERVICE, date(2026, 3, 9), date(2026, 3, 15))


def test_rises_stand_at_the_hour_of_the_wearers_own_clock(visitor, service, mira):
    """The same UTC evening in Berlin's winter, its summer, and on a journey to New York."""
    remember(service, mira, at(9, 19), near_misses=[NEAR_MISS], offset_min=60)
    remember(service, mira, at(10, 19), near_misses=[NEAR_MISS], offset_min=120)
    remember(service, mira, at(12, 2), near_misses=[NEAR_MISS], offset_min=-240)
    told = words(visitor.get("/review"))
    for moment in ("Monday, 20:06", "Tuesday, 21:06", "Wednesday, 22:06"):
        assert moment in told


def test_talks_that_wait_to_be_computed_are_said_to_wait(visitor, service, mira):
    remember(service, mira, at(10, 18), kept=False)
    remember(service, mira, at(11, 18), near_misses=[NEAR_MISS])
    assert "One talk is still being computed" in words(visitor.get("/review"))
    assert service.journal.timelines.bring_up_to_date(SERVICE, service.detector) == 1
    assert "being computed" not in words(visitor.get("/review"))


def test_patterns_draw_from_six_rises_on_with_a_table_and_a_sentence(visitor, service, mira):
    for day in (2, 3, 5, 9, 10):
        remember(service, mira, at(day, 18), near_misses=[NEAR_MISS])
    assert 'class="heat"' not in visitor.get("/review/patterns").text
    remember(service, mira, at(13, 18), episodes=[EPISODE])
    page = visitor.get("/review/patterns")
    assert page.text.count('<table class="heat"') == 1
    told = words(page)
    assert "6 talks. Five times it rose and turned, once it flooded." in told
    assert "Most often on a" not in told  # Monday and Tuesday have two each
    assert "No one time stands out among 6." in told
    assert "1 way back so far" in told or "Nothing here yet" in told


def write(service, actor, talk, **told):
    """Fill the talk's entry, or with no talk one by hand."""
    journal = service.journal
    entry_id = journal.recorder.entry(actor, talk.id) if talk else journal.texts.create(actor, now=at(13, 18))
    content = content_from(told)
    journal.texts.save(actor, entry_id, content, version=0, tab="t", now=BEGAN)
    return entry_id


def test_patterns_are_made_of_what_was_written_and_only_its_owner_reads_it(visitor, service, mira):
    jonas = Actor(uuid.uuid4().hex)
    with service.journal.database.write() as connection:
        connection.execute(insert(PersonRow).values(id=jonas.person_id, name="Jonas", created_at=BEGAN))
    his = remember(service, jonas, at(4, 18), near_misses=[NEAR_MISS])
    write(service, jonas, his, trigger={"categories": ["His own"]}, behaviour={"responses": ["freeze"]})
    for day, categories in ((2, ["Plans"]), (3, ["Plans"]), (5, ["Plans", "Money"]), (9, ["Plans"]), (10, ["Plans"])):
        talk = remember(service, mira, at(day, 18), near_misses=[NEAR_MISS])
        write(service, mira, talk, trigger={"categories": categories}, behaviour={"responses": ["withdraw"]})
    assert "5 rises with a trigger so far" in words(visitor.get("/review/patterns"))
    flooded = remember(service, mira, at(13, 18), episodes=[EPISODE])
    entry_id = write(
        service,
        mira,
        flooded,
        trigger={"categories": ["Plans"]},
        behaviour={"responses": ["attack", "withdraw"], "led_to": " We were silent\n all evening. "},
    )
    write(service, mira, None, behaviour={"responses": ["pursue"], "led_to": "x" * 900})
    told = words(visitor.get("/review/patterns"))
    assert "Most often with “Plans”, in the evening: 6 of 6." in told
    assert "Money" in told
    assert "Withdraw 6 We were silent all evening. (1)" in told
    assert "Attack 1 We were silent all evening. (1)" in told
    assert "Pursue 1 x" in told  # an entry by hand has no talk
    assert "x" * 900 not in told
    assert "His own" not in told
    assert "Freeze" not in told
    service.journal.erasure.erase(
        mira, OneEntry(entry_id), token=service.journal.erasure.preview(mira, OneEntry(entry_id)).token
    )
    assert "silent" not in words(visitor.get("/review/patterns"))


def test_a_flood_of_which_its_wearer_said_that_it_was_none_counts_as_none_and_the_page_says_so(visitor, service, mira):
    talk = remember(service, mira, at(12, 19), episodes=[EPISODE], near_misses=[NEAR_MISS])
    assert "It flooded" not in words(visitor.get("/review"))  # the near miss comes first
    assert "Once it rose and turned, once it flooded." in words(visitor.get("/review/patterns"))
    label = {"began_t_s": EPISODE.onset_t_s, "flooding": False, "reason": "caffeine"}
    other = {"began_t_s": NEAR_MISS.from_s, "flooding": True}
    entry_id = write(service, mira, talk, labels=[label])
    told = words(visitor.get("/review"))
    assert "You said: this wasn’t flooding Thursday, 20:15. Highest 113. Coffee or tea." in told
    assert "not flooding, you said" in told
    assert "that flooded" not in told
    assert "Thursday: rose and turned once." in told
    told = words(visitor.get("/review/patterns"))
    assert "Once it rose and turned." in told
    assert "One was taken for a flood. You said that it was none, and it is not counted." in told
    only = remember(service, mira, at(3, 19), episodes=[EPISODE])
    write(service, mira, only, labels=[label])
    assert "Nothing flooded this week." in words(visitor.get("/review?day=2026-03-03"))
    # And the other way round; then neither, when it is taken back.
    service.journal.texts.save(mira, entry_id, content_from({"labels": [other]}), version=1, tab="t", now=BEGAN)
    told = words(visitor.get("/review"))
    assert (
        "Thursday, 20:06: it began to rise. Highest 94. It stayed below the line; you said that to you it was flooding."
        in told
    )
    assert "Thursday: flooded twice." in told
    service.journal.texts.save(mira, entry_id, content_from({}), version=2, tab="t", now=BEGAN)
    assert "you said" not in words(visitor.get("/review"))
    assert "Thursday: rose and turned once, flooded once." in words(visitor.get("/review"))


def test_a_rise_after_the_clocks_changed_in_the_middle_of_a_talk_stands_at_the_hour_that_was_seen(
    visitor, service, mira
):
    """Berlin, 29 March 2026: at 02:00 it is 03:00. The talk began at 01:50 and rose after 15 minutes of it."""
    began = datetime(2026, 3, 29, 0, 50, tzinfo=UTC)
    talk = remember(service, mira, began, episodes=[EPISODE])
    write(service, mira, talk)
    with service.journal.database.write() as connection:
        raw(connection, "UPDATE entry SET zone = 'Europe/Berlin'")
    gathered = service.journal.reviews.gather(mira, DETECTOR, first=date(2026, 3, 23), days=7)
    assert [f"{one.at:%H:%M}" for one in gathered.rises] == ["03:05"]
    assert [f"{one.at:%H:%M}" for one in gathered.talks] == ["01:50"]


def test_a_rise_that_turned_stands_with_what_one_did(visitor, service, mira):
    talk = remember(service, mira, at(10, 18), near_misses=[NEAR_MISS])
    write(service, mira, talk, behaviour={"responses": ["freeze", "withdraw"]})
    assert "Freeze, withdraw" in words(visitor.get("/review"))


def test_a_near_miss_is_explained_where_it_is_met_and_nowhere_without_one(visitor, service, mira):
    explained = "came down again before it flooded"
    assert 'id="near-miss"' in visitor.get("/how").text
    talk = remember(service, mira, at(12, 19), episodes=[EPISODE])
    pages = ("/journal", "/review", f"/entries/{service.journal.recorder.entry(mira, talk.id)}")
    for path in pages:
        assert explained not in visitor.get(path).text
    talk = remember(service, mira, at(10, 18), near_misses=[NEAR_MISS])
    for path in (*pages[:2], "/journal?kind=near_miss", f"/entries/{service.journal.recorder.entry(mira, talk.id)}"):
        page = visitor.get(path).text
        assert explained in page, path
        assert 'href="/how#near-miss"' in page


def test_the_stages_begin_with_the_first_entry_also_one_by_hand(visitor, service, mira):
    service.journal.texts.create(mira, now=at(1, 23), zone="Pacific/Auckland")
    assert service.journal.reviews.first_day(mira) == date(2026, 3, 2)


def test_the_days_own_line_is_kept_shown_and_never_cut(visitor, service, mira):
    line = "Ärger, dann Ruhe & <b>nah</b>"
    answer = visitor.post("/review/check", data={"body": "at_ease", "note": f"  {line}\r\nund mehr "})
    assert answer.status_code == 303
    today = service.clock.utc_now().astimezone().date()
    (check,) = service.journal.checks.between(mira, today, today)
    assert (check.body, check.note) == (BodyState.AT_EASE, f"{line}\nund mehr")
    page = visitor.get("/review").text
    assert "&lt;b&gt;nah&lt;/b&gt;\nund mehr</textarea>" in page
    longest = "\U0001f600" * LONGEST_NOTE
    assert visitor.post("/review/check", data={"note": longest}).status_code == 303
    for more in (longest + "x", "x" * 100_000):
        assert visitor.post("/review/check", data={"note": more}).status_code in {413, 422}
    (check,) = service.journal.checks.between(mira, today, today)
    assert check.note == longest


def test_the_daily_check_is_kept_for_its_day_and_can_be_changed(visitor, service, mira):
    today = service.clock.utc_now().astimezone().date()
    assert visitor.post("/review/check", content="body=on_alert&helped=paused&helped=noticed").status_code == 303
    assert visitor.post("/review/check", content="body=at_ease&helped=paused&helped=nonsense&x=%ff").status_code == 303
    (check,) = service.journal.checks.between(mira, today, today)
    assert check == DailyCheck(today, BodyState.AT_EASE, frozenset({Helped.PAUSED}))
    told = visitor.get("/review").text
    assert re.search(r'value="at_ease" checked', told)
    assert "At ease, and in touch. A pause." in words(visitor.get("/review"))
    assert visitor.post("/review/check", content="").status_code == 303
    (check,) = service.journal.checks.between(mira, today, today)
    assert check == DailyCheck(today)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1970-01-01", "2026-03-14"])
def test_any_day_can_be_asked_for(visitor, day):
    for path in ("/review", "/review/patterns"):
        assert visitor.get(f"{path}?day={day}").status_code == 200
        assert visitor.get(f"{path}?day=never").status_code == 422


def test_how_it_is_computed_needs_no_account_and_reviews_do(app):
    stranger = bare_visitor(app, {"accept": "text/html"})
    assert stranger.get("/review/how").status_code == 200
    for path in ("/review", "/review/patterns"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
