"""Every route and method with every role, against one table. Whoever is refused changes nothing and learns nothing."""

import json
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.people import Actor
from alerts.talk_state import Phase
from api.app import build
from api.settings import Settings
from journal.api_tokens import Scope
from journal.content import Content
from journal.passkeys import NewPasskey
from sensing.source import About
from tests.fakes import ManualClock
from tests.integration.journal_home import at, join
from tests.integration.practice import CANARY, AtTheDoors
from tests.integration.visitors import ORIGIN, bare_visitor, code_of, come_in, opened, routes, running, talk_of
from tests.integration.who_may import CLINICIANS, DOORS, EVERYBODY, PERSONS, TOKENS, Role
from tests.raw_sql import contents

REFUSED = {401, 403, 404}
SCOPES = {
    Role.TOKEN_JOURNAL_READ: {Scope.JOURNAL_READ},
    Role.TOKEN_JOURNAL_WRITE: {Scope.JOURNAL_WRITE},
    Role.TOKEN_BODY_READ: {Scope.BODY_READ},
    Role.TOKEN_EXPORT: {Scope.EXPORT},
    Role.TOKEN_TALK: {Scope.TALK},
}


HERS_TO_READ = {Role.MIRA, Role.FULL, *SCOPES}


class SilentSender:
    """Channels that reach nobody."""

    def understands(self, address):
        """Every address will do."""
        return True

    def send(self, address, message):
        """It has arrived."""


def nobody_answers(*_):
    """A clinic that is down."""
    raise ConnectionRefusedError


class World(AtTheDoors):
    """Mira and Jonas in a live talk; Mira's entries, channel, list, device, token; clinicians of every kind."""

    def __init__(self, app):
        super().__init__(app)
        now = datetime.now(UTC)
        mira, journal = Actor(self.mira_id), self.journal
        jonas, _ = come_in(app, code_of(self.mira)["code"])
        lena, self.lena_id = self.wearer("Lena")
        self.second_id = journal.texts.create(mira, now=now, happened_at=at(-1000), zone=None)
        journal.texts.save(mira, self.second_id, Content(notes="Second-canary"), version=0, now=now, tab="t")
        shared_id = self._a_shared_talk(mira, Actor(self.person_of(jonas)))
        for client in (self.mira, jonas):
            client.post("/api/pair/yes")
        self.clients = {Role.NOBODY: bare_visitor(app, {"origin": ORIGIN}), Role.MIRA: self.mira, Role.LENA: lena}
        elsewhere = self.signed_in(Actor(self.person_of(jonas)))
        self.clients |= {Role.JONAS_IN: jonas, Role.JONAS_OUT: elsewhere}
        self.ids = {
            "talk_id": talk_of(self.mira),
            "entry_id": self.entry_id,
            "draft_id": "none",
            "device_id": "AA:BB",
            "code": "NO-SUCH-CODE",
            "taken": "acknowledge",
            "number": 1,
            "item_id": "none",
            "wearer_id": self.mira_id,
        }
        self.ids_of = {Role.JONAS_IN: {"entry_id": shared_id}, Role.JONAS_OUT: {"talk_id": self._old_talk(mira)}}
        self._her_things(mira, now)
        self._clinicians(mira, now)
        self._programs(mira, now)

    def _a_shared_talk(self, mira, jonas):
        journal = self.journal
        talk = journal.talks.start(
            mira, began_at=at(-5000), utc_offset_min=60, strap=None, simulated=False, threshold_bpm=100.0
        )
        join(journal.database, talk, jonas)
        state, version = journal.talks.load(mira, talk.id)
        over = replace(state, phase=Phase.ENDED, topic_began_at=at(-5000), ended_at=at(-4000))
        journal.talks.save(mira, talk.id, over, expected_version=version)
        journal.recorder.entry(jonas, talk.id)
        return journal.recorder.entry(mira, talk.id)

    def _old_talk(self, mira):
        entry = self.journal.entries.entry(mira, self.entry_id)
        return entry.talk.id

    def _her_things(self, mira, now):
        journal = self.journal
        self.mira.post("/api/agreement", json={"word": "Lighthouse"})
        self.ids["someone_id"] = journal.turn_to.add(mira, name="Ana-canary", how="", now=now).id
        self.ids["channel_id"] = journal.channels.add(
            mira, kind="webhook", label="Phone-canary", address="json://127.0.0.1/", now=now
        ).id
        journal.straps.remember(mira, About("HRM", "AA:BB"), now=now)
        self.ids["link_id"] = journal.clinic_links.begin(
            mira, address="https://clinic.example", clinician="Dr. Far", token="t", now=now
        )

    def _clinicians(self, mira, now):
        sharing = self.journal.sharing
        day = timedelta(days=1)
        for role in CLINICIANS - {Role.ANOTHERS}:
            client, clinician_id = self.clinician(f"Dr. {role.name}")
            admission_id, code = sharing.invite(mira, called="T", now=now - 3 * day)
            sharing.accept(Actor(clinician_id), code, now=now - 3 * day)
            self.clients[role] = client
            if role is Role.FULL:
                self.ids["admission_id"] = admission_id
                grant = sharing.show(mira, admission_id, from_at=at(-9999), with_words=True, now=now)
                self.ids["grant_id"] = grant.id
                notes = self.journal.clinician_notes
                self.ids["note_id"] = notes.write(
                    Actor(clinician_id), self.mira_id, text="Note-canary", for_wearer=False, now=now
                )
            elif role is Role.PARTIAL:
                sharing.show(mira, admission_id, entry_id=self.second_id, with_words=False, now=now)
            elif role is not Role.ADMITTED:
                until = now - day if role is Role.EXPIRED else None
                grant = sharing.show(
                    mira, admission_id, from_at=at(-9999), with_words=True, until_at=until, now=now - 2 * day
                )
                if role is Role.REVOKED:
                    sharing.hide(mira, grant.id, now=now - day)
                if role is Role.ENDED:
                    sharing.end(mira, admission_id, now=now - day)
        client, clinician_id = self.clinician("Dr. Another")
        admission_id, code = sharing.invite(Actor(self.lena_id), called="T", now=now)
        sharing.accept(Actor(clinician_id), code, now=now)
        sharing.show(Actor(self.lena_id), admission_id, from_at=at(-9999), with_words=True, now=now)
        self.clients[Role.ANOTHERS] = client

    def _programs(self, mira, now):
        tokens = self.journal.tokens
        lasts = timedelta(days=1)
        for role, scopes in SCOPES.items():
            _, secret = tokens.make(mira, name=role.name, scopes=scopes, lasts=lasts, now=now)
            self.clients[role] = bare_visitor(self.app, {"authorization": f"Bearer {secret}"})
        lenas = Actor(self.lena_id)
        _, secret = tokens.make(lenas, name="All", scopes=set(Scope), lasts=lasts, now=now)
        self.clients[Role.TOKEN_OF_LENA] = bare_visitor(self.app, {"authorization": f"Bearer {secret}"})
        made, secret = tokens.make(mira, name="Old", scopes=set(Scope), lasts=lasts, now=now)
        tokens.revoke(mira, made.id)
        self.clients[Role.TOKEN_REVOKED] = bare_visitor(self.app, {"authorization": f"Bearer {secret}"})
        made, _ = tokens.make(mira, name="Lamp", scopes={Scope.TALK}, lasts=lasts, now=now)
        self.ids["token_id"] = made.id

    def knock(self, role, method, path):
        """What this role is answered there."""
        ids = {**self.ids, **self.ids_of.get(role, {})}
        if path == "/api/account/devices/{device_id}/sign-out":
            ids["device_id"] = self.mira.get("/api/account").json()["devices"][0]["id"]
        ids |= self.made_for(path)
        told = _filled(DOORS[method, path].body, ids)
        if path.endswith("/live"):  # or it would not end
            self.service.live.release_followers()
        if method == "WEBSOCKET":
            return opened(self.clients[role], path.format(**ids))
        return self.clients[role].request(method, path.format(**ids), **told)

    def made_for(self, path):
        """What a path names that is made when it is first named: once Mira has a passkey, she is asked for proofs."""
        if "{passkey_id}" not in path:
            return {}
        mira, passkeys = Actor(self.mira_id), self.journal.passkeys
        if not passkeys.mine(mira):
            new = NewPasskey(b"id", b"key", 0, (), "localhost")
            passkeys.add(mira, new, name="Passkey-canary", now=datetime.now(UTC))
        return {"passkey_id": passkeys.mine(mira)[0].id}


def _filled(body, ids):
    """How a body is sent, with Mira's ids in it."""
    if isinstance(body, str):
        form = {"content-type": "application/x-www-form-urlencoded"}
        return {"content": body.format(**ids), "headers": form}
    return {} if body is None else {"json": json.loads(json.dumps(body).replace("{entry_id}", ids["entry_id"]))}


@contextmanager
def a_world(folder):
    service = build(
        Settings(data_dir=folder),
        clock=ManualClock(),
        source_for=lambda _: None,
        sender=SilentSender(),
        send_to_clinic=nobody_answers,
    )
    with running(service) as app:
        world = World(app)
        for role in Role:  # the day on which each was here last is kept by now
            world.clients[role].get("/api/account")
        yield world


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The one that nobody changes who may not; and the one in which all do what they may."""
    with ExitStack() as stack:
        yield [stack.enter_context(a_world(tmp_path_factory.mktemp("world") / "data")) for _ in range(2)]


def test_every_route_is_in_the_table_and_nothing_else(worlds):
    app = worlds[0].app
    assert routes(app) == set(DOORS)
    documented = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert documented <= set(DOORS)
    sockets = {door for door in DOORS if door[0] == "WEBSOCKET"}  # OpenAPI has no words for them
    assert {(method, path) for method, path in DOORS if path.startswith("/api/")} - {
        ("GET", "/api/openapi.json")
    } - sockets <= documented, "what programs may ask for is documented"


@pytest.mark.parametrize(("method", "path"), DOORS, ids=lambda part: part)
def test_whoever_may_not_is_refused_changes_nothing_and_learns_nothing(worlds, method, path):
    world, door = worlds[0], DOORS[method, path]
    if door.opens_to == EVERYBODY:
        return
    world.made_for(path)
    before = contents(world.service.journal.database)
    for role in EVERYBODY - door.opens_to:
        answer = world.knock(role, method, path)
        assert answer.status_code in REFUSED, (role, answer.status_code, answer.text[:300])
        assert CANARY not in answer.text, role
        assert answer.headers["content-type"] == "application/problem+json", role
    assert contents(world.service.journal.database) == before, "a refusal has changed something"


@pytest.mark.parametrize(("method", "path"), DOORS, ids=lambda part: part)
def test_whoever_may_is_let_in_and_gets_what_is_their_own_or_shown(worlds, tmp_path, method, path):
    door, world = DOORS[method, path], worlds[1]
    with ExitStack() as stack:
        if door.uses_up:
            world = stack.enter_context(a_world(tmp_path / "data"))
        for role in sorted(door.opens_to):
            answer = world.knock(role, method, path)
            if door.uses_up and answer.status_code in REFUSED:  # somebody has used it up
                world = stack.enter_context(a_world(tmp_path / role.name))
                answer = world.knock(role, method, path)
            assert answer.status_code < 500 or answer.status_code == 503, (role, answer.text[:300])
            if not door.by_code:
                assert answer.status_code not in REFUSED, (role, answer.status_code, answer.text[:300])
            if role not in HERS_TO_READ:
                assert CANARY not in answer.text, role
    assert PERSONS | TOKENS | {Role.NOBODY} == EVERYBODY
