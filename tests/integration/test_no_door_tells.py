"""Whatever one of two people can ask for answers the same, whatever the other's body and hand have done. On a clock that stands."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.notice import Notice
from alerts.pause import PauseState
from alerts.suggestion import NotFlooding, Suggestion, SuggestionState
from alerts.talk_state import Mute
from api.app import build
from api.settings import Settings
from tests.fakes import ManualClock
from tests.integration.journal_home import wait_until
from tests.integration.visitors import code_of, come_in, newcomer, running, talk_of

MINUTE = timedelta(minutes=1)
MADE_AT = "manifest.json"
PAGES = [
    "/talk",
    "/two",
    "/agreement",
    "/turn-to",
    "/journal",
    "/entries/{entry_id}",
    "/data",
    "/channels",
    "/more",
    "/trends",
]


@pytest.fixture
def app(tmp_path):
    with running(build(Settings(data_dir=tmp_path), clock=ManualClock(), source_for=lambda _: None)) as app:
        yield app


@pytest.fixture
def both(app):
    mira = newcomer(app)
    jonas, _ = come_in(app, code_of(mira)["code"])
    for client in (mira, jonas):
        client.post("/api/pair/yes")
    mira.post(f"/api/talks/{talk_of(mira)}/topic")
    return mira, jonas


def doors(app, client, talk_id, entry_id):
    """What is answered to everything that this person can ask for; the stream is `test_nothing_tells`'s."""
    said = {}
    paths = [path for path, methods in app.openapi()["paths"].items() if "get" in methods]
    for path in [*paths, *PAGES]:
        if path.endswith(("}/live", "/nearby")):
            continue
        answer = client.get(path.format(talk_id=talk_id, entry_id=entry_id, draft_id="none", wearer_id="none"))
        assert answer.status_code < 500, path
        said[path] = answer.content
        if path == "/api/fhir":
            said[path] = answer.json() | {"timestamp": "when it was made"}
        if path == "/api/archive":
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                said |= {f"{path}/{name}": archive.read(name) for name in archive.namelist() if name != MADE_AT}
                del said[path]
    return said


def refusals(client, talk_id):
    """What is answered to steps that are not possible now, and to guesses at the other's alerts."""
    steps = {
        "topic": {},
        "pause/return": {},
        "suggestion/unsnooze": {},
        "unmute": {},
        "notice/acknowledge": {"notice_id": "n"},
        "suggestion/accept": {"suggestion_id": "s"},
        "suggestion/acknowledge": {"suggestion_id": "s"},
        "suggestion/snooze": {"suggestion_id": "s"},
        "suggestion/dismiss": {"suggestion_id": "s"},
    }
    answers = {step: client.post(f"/api/talks/{talk_id}/{step}", json=body) for step, body in steps.items()}
    assert {answer.status_code for answer in answers.values()} == {409}
    return {step: answer.content for step, answer in answers.items()}


def suggestion(now, state=SuggestionState.OPEN, **more):
    return Suggestion("s", "", 1.0, now, now + 5 * MINUTE, state=state, **more)


def with_course(talk, who, **how):
    pause = talk.pause
    courses = tuple(replace(c, **how) if c.person_id == who else c for c in pause.courses)
    return talk.with_pause(replace(pause, courses=courses))


ALERTS = {
    "a flood": lambda state, who, now: state.with_suggestion(replace(suggestion(now), wearer_id=who)),
    "a flood that was put off": lambda state, who, now: state.with_suggestion(
        replace(suggestion(now, SuggestionState.SNOOZED, snoozed_until=now + MINUTE), wearer_id=who)
    ),
    "a flood that left by her channels": lambda state, who, now: state.with_suggestion(
        replace(suggestion(now, escalated_at=now), wearer_id=who)
    ),
    "no flooding, she says": lambda state, who, now: replace(
        state.with_suggestion(
            replace(suggestion(now, SuggestionState.DISMISSED, reason=NotFlooding.CAFFEINE), wearer_id=who)
        ),
        silenced=(who,),
    ),
    "a strap that is gone": lambda state, who, now: state.with_notice(Notice("n", who, now - MINUTE, now)),
    "quiet": lambda state, who, now: replace(state, mutes=(Mute(who, now + MINUTE),)),
}
COURSES = {
    "ready": lambda state, who, now: with_course(state, who, state=PauseState.READY, ready_at=now),
    "missed": lambda state, who, now: with_course(state, who, state=PauseState.MISSED, ready_at=now),
    "back": lambda state, who, now: with_course(state, who, state=PauseState.RETURNED, back_at=now),
    "a flood": ALERTS["a flood"],
    "a strap that is gone": ALERTS["a strap that is gone"],
}


@pytest.mark.parametrize(
    ("in_pause", "what"),
    [(False, ALERTS[name]) for name in ALERTS] + [(True, COURSES[name]) for name in COURSES],
    ids=[*ALERTS, *(f"in the pause: {name}" for name in COURSES)],
)
def test_what_the_other_can_ask_for_says_nothing_of_it(app, both, in_pause, what):
    service, (mira, jonas) = app.state.service, both
    talk_id, entry_id = talk_of(jonas), "none"
    if in_pause:
        jonas.post(f"/api/talks/{talk_id}/pause")
        wait_until(lambda: jonas.get(f"/api/talks/{talk_id}").json()["entry"] is not None)
        entry_id = jonas.get(f"/api/talks/{talk_id}").json()["entry"]["id"]
    (hers,) = [live for live in service.live._live.values() if live.talk.wearer_id == live.state.people[0]]
    before = doors(app, jonas, talk_id, entry_id), refusals(jonas, talk_id), mira.get(f"/api/talks/{talk_id}").json()

    async def lived_through():
        who, now = hers.talk.wearer_id, hers.now()
        await hers.change(lambda state, _: what(state, who, now))

    app.state.first.portal.call(lived_through)
    after = doors(app, jonas, talk_id, entry_id), refusals(jonas, talk_id), mira.get(f"/api/talks/{talk_id}").json()
    assert before[2] != after[2], "nothing has happened"
    for earlier, later in zip(before[:2], after[:2], strict=True):
        assert {door for door in earlier if earlier[door] != later[door]} == set()
