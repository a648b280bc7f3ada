"""A wearer with a finished talk and words, and a clinician, at the doors of the running app."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import update

from alerts.people import Actor
from alerts.talk_state import Phase
from api.app import build
from api.routes.auth import COOKIE
from api.settings import Settings
from journal.content import Behaviour, Content, Moment, Trigger
from journal.models import PersonRow
from sensing.source import Notification
from tests.fakes import packet
from tests.integration.journal_home import add_person, at
from tests.integration.visitors import newcomer, running, visitor

SECONDS = 420
WORDS = Content(
    trigger=Trigger("He said fine and looked at his phone-canary."),
    behaviour=Behaviour(text="I went quiet-canary.", responses=()),
    resonance="The kitchen at home-canary.",
    moments=(Moment(60.0, "The door-canary"),),
)
CANARY = "-canary"


class AtTheDoors:
    """Mira with an entry, Dr. Weiss and Dr. Blau, each with a client of the running app."""

    def __init__(self, app):
        self.app, self.service = app, app.state.service
        self.journal = self.service.journal
        self.mira = newcomer(app)
        self.mira_id = self.person_of(self.mira)
        self.mira.post("/api/pair/name", json={"name": "Mira"})
        self.weiss, self.weiss_id = self.clinician("Dr. Weiss")
        self.blau, self.blau_id = self.clinician("Dr. Blau")
        self.entry_id = self.a_talk(Actor(self.mira_id))
        self.journal.texts.save(Actor(self.mira_id), self.entry_id, WORDS, version=0, tab="t", now=datetime.now(UTC))

    def person_of(self, client):
        return self.journal.people.person_for(client.cookies[COOKIE], now=datetime.now(UTC)).id

    def signed_in(self, actor):
        client = visitor(self.app)
        client.cookies.set(COOKIE, self.journal.people.open_session(actor, now=datetime.now(UTC)))
        return client

    def clinician(self, name):
        actor = add_person(self.journal.database, name)
        with self.journal.database.write() as connection:
            connection.execute(update(PersonRow).where(PersonRow.id == actor.person_id).values(is_clinician=True))
        return self.signed_in(actor), actor.person_id

    def wearer(self, name):
        actor = add_person(self.journal.database, name)
        return self.signed_in(actor), actor.person_id

    def a_talk(self, actor, began_at=None):
        """A talk that is over, with a heart at 70, as it was 120 s in its middle."""
        journal = self.journal
        began_at = began_at or at(0)
        talk = journal.talks.start(
            actor, began_at=began_at, utc_offset_min=60, strap="A strap", simulated=False, threshold_bpm=100.0
        )
        for second in range(1, SECONDS + 1):
            journal.recorder.measurement(talk.recording_id, Notification(float(second), packet(70, 1), None))
        journal.recorder.flush()
        state, version = journal.talks.load(actor, talk.id)
        over = replace(state, phase=Phase.ENDED, topic_began_at=began_at, ended_at=began_at + (at(SECONDS) - at(0)))
        journal.talks.save(actor, talk.id, over, expected_version=version)
        return journal.recorder.entry(actor, talk.id)

    def admit(self, clinician=None):
        """Mira invites, the clinician comes in. The admission's id."""
        invited = self.mira.post("/api/sharing/invitations", json={"called": "My therapist"}).json()
        came = (clinician or self.weiss).post("/api/clients/accept", json={"code": invited["code"]})
        assert came.status_code == 201, came.text
        return invited["id"]

    def show(self, admission_id, *, with_words=False, **what):
        what = what or {"entry_id": self.entry_id}
        answer = self.mira.post(f"/api/sharing/{admission_id}/show", json={"with_words": with_words} | what)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def read(self, reader=None):
        return (reader or self.weiss).get(f"/api/clients/{self.mira_id}/entries/{self.entry_id}")

    def listed(self, reader=None):
        return (reader or self.weiss).get(f"/api/clients/{self.mira_id}/entries")

    def log(self):
        return self.mira.get("/api/sharing/log").json()


@contextmanager
def at_the_doors(folder):
    service = build(Settings(data_dir=folder), source_for=lambda _: None)
    with running(service) as app:
        yield AtTheDoors(app)
