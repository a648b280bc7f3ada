"""The OpenAPI document is true: schemathesis makes requests of it, right and wrong ones, and everybody sends them.

No answer may be a failure of the server, or other than the document says: not its status, not its type, not its body. The
requests are the same in each run.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

from alerts.people import Actor
from api.app import build, create_app
from api.settings import Settings
from journal.api_tokens import Scope
from sensing.no_radio import NoAdapter
from tests.integration.practice import AtTheDoors
from tests.integration.visitors import ORIGIN, bare_visitor, running, visitor
from tests.quick_passwords import quick

EXAMPLES = 4
schemathesis.checks.load_all_checks()
CHECKS = schemathesis.checks.CHECKS.get_by_names(
    [
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
ROLES = ("nobody", "wearer", "clinician", *(f"program, {scope}" for scope in Scope))
SENT_HEADERS = {"content-type", "accept"}
SAID = {501, 503}
"""Of a server's own statuses those that say what is missing, in words: an extra, a radio."""


def document(folder):
    """The document, and what it has to be asked for: it is the same for every journal."""
    service = build(Settings(data_dir=folder), source_for=lambda _: None)
    try:
        return create_app(service).openapi()
    finally:
        service.journal.close()


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:

        async def no_radio(*_, **__):
            raise NoAdapter("no radio in a test")

        patch.setattr("api.routes.straps.scan", no_radio)
        service = build(Settings(data_dir=tmp_path_factory.mktemp("schema") / "data"), source_for=lambda _: None)
        with running(service) as app:
            yield Doors(app)


class Doors(AtTheDoors):
    """Mira's journal and her clinician; whoever comes is signed in anew, so that nobody who signs out or closes is missed."""

    def __init__(self, app):
        super().__init__(app)
        self.service.live.release_followers()  # or a stream would not end
        self.journal.ways_in._passwords = quick()
        self.admission_id = self.admit()
        self.show(self.admission_id, with_words=True)

    def come(self, role):
        now = datetime.now(UTC)
        mira = Actor(self.mira_id)
        if role == "nobody":
            return visitor(self.app)
        if role == "wearer":
            return self.signed_in(mira)
        if role == "clinician":
            return self.clinician("Dr. Grau")[0]
        scope = Scope(role.removeprefix("program, "))
        tokens = self.journal.tokens
        for one in tokens.mine(mira, now=now):
            if one.name == scope:  # there may be so many and no more
                tokens.revoke(mira, one.id)
        _, secret = tokens.make(mira, name=scope, scopes={scope}, lasts=timedelta(days=1), now=now)
        return bare_visitor(self.app, {"authorization": f"Bearer {secret}"})

    def known(self):
        """What a path may name, so that some requests reach what there is."""
        open_talk = self.journal.talks.open_talk(Actor(self.mira_id))
        return {
            "entry_id": self.entry_id,
            "wearer_id": self.mira_id,
            "admission_id": self.admission_id,
            "talk_id": open_talk.id if open_talk else "none",
        }


with tempfile.TemporaryDirectory() as made:
    SCHEMA = schemathesis.openapi.from_dict(document(Path(made) / "data"))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


def cases(operation, known):
    """Right requests and wrong ones, of things that are there and of others."""
    names = {parameter.name for parameter in operation.path_parameters}
    there = {name: value for name, value in known.items() if name in names}
    ways = [operation.as_strategy(generation_mode=GenerationMode.POSITIVE)]
    if there.keys() == names and names:
        ways.append(operation.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=there))
    if operation.body or operation.query:
        ways.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    return st.one_of(ways)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_one_that_the_document_tells(doors, operation):
    clients = {role: doors.come(role) for role in ROLES}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation, doors.known()))
    def holds(case):
        for role, client in clients.items():
            told = case.as_transport_kwargs(base_url=ORIGIN)
            # Whose cookies and tokens they are is the client's to say.
            told["headers"] = {name: value for name, value in told["headers"].items() if name.lower() in SENT_HEADERS}
            told.pop("cookies", None)
            if "data" in told:
                told["content"] = told.pop("data")
            answer = client.request(**told)
            assert answer.status_code < 500 or answer.status_code in SAID, f"{role}: {answer.text[:300]}"
            case.validate_response(answer, checks=CHECKS)

    holds()
