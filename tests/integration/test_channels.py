"""The wearer's own channels against real servers: nothing waits for one that hangs, and nothing gives an address away."""

import logging
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest

from alerts.channel_kinds import KINDS, BadAddress, address_of
from alerts.channels import Announcement, AppriseSender, Message, Trouble
from alerts.messenger import MOST_TESTS
from alerts.people import Actor
from alerts.ports import NotAllowed, TooManyChannels
from journal.channels import MOST
from tests.integration.journal_home import Home, wait_until
from tests.integration.visitors import code_of, come_in, is_problem
from tests.raw_sql import raw
from tests.real_channels import RawSocket, Webhook, refusing_port

GARBAGE = b"\x00\xff\x16\x03garbage \r\n\r\n" * 20


def add(mira, label, port, path="/hook", kind="webhook"):
    told = {"url": f"http://127.0.0.1:{port}{path}"}
    answer = mira.post("/api/channels", json={"kind": kind, "label": label, "told": told})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def in_trouble(mira):
    return {one["label"] for one in mira.get("/api/channels").json() if one["trouble"]}


@pytest.fixture
def person(service, mira):
    return Actor(service.journal.people.first_person(name="You", now=datetime.now(UTC)).id)


def test_with_one_that_hangs_one_that_refuses_and_one_of_garbage_the_others_arrive_at_once_and_the_page_names_those_three(
    mira, service, person
):
    with (
        closing(Webhook()) as phone,
        closing(Webhook()) as lamp,
        closing(RawSocket(None)) as hangs,
        closing(RawSocket(GARBAGE)) as garbage,
    ):
        talk = mira.post("/api/talks", json={}).json()["id"]
        ports = {"Stuck": hangs.port, "Garbled": garbage.port, "Gone": refusing_port()}
        for label, port in (ports | {"Phone": phone.port, "Lamp": lamp.port}).items():
            add(mira, label, port)
        # Apprise is loaded with the first address, before any talk needs it.
        began = time.monotonic()
        said = Announcement("key", talk, person.person_id, Message.SUGGESTED, 60.0)
        mira.portal.call(tell, service, said)
        wait_until(lambda: phone.received and lamp.received, within_s=20)
        assert max(phone.received[0][0], lamp.received[0][0]) - began < 1.0
        assert phone.texts == lamp.texts == ["A pause was suggested. Open when you can."]
        # The talk answers meanwhile, and its page names them.
        asked = time.monotonic()
        assert mira.post(f"/api/talks/{talk}/pause").status_code == 200
        assert time.monotonic() - asked < 1.0
        wait_until(lambda: set(mira.get(f"/api/talks/{talk}").json()["failing_channels"]) == set(ports), within_s=20)
        wait_until(lambda: in_trouble(mira) == set(ports), within_s=20)
        began = time.monotonic()
        mira.portal.call(service.messenger.close)
        assert time.monotonic() - began < 2.0


async def tell(service, announcement):
    service.messenger.tell(announcement)


@pytest.mark.parametrize(
    ("server", "arrived", "said"),
    [
        (Webhook, True, "It arrived."),
        (lambda: Webhook(500), False, "It didn’t take the message. Is the address right, and the key?"),
        (lambda: RawSocket(GARBAGE), False, "It didn’t take the message. Is the address right, and the key?"),
    ],
)
def test_the_test_alert_shows_its_outcome(mira, server, arrived, said):
    with closing(server()) as there:
        channel = add(mira, "There", there.port)
        tried = mira.post(f"/api/channels/{channel}/test").json()
        assert tried == {"arrived": arrived, "said": said}
        if arrived:
            assert there.texts == ["A test. This channel works. Nothing has happened."]


def test_a_few_test_alerts_a_minute_are_sent_and_the_next_says_when(app, service, mira, monkeypatch):
    now_s = 1000.0
    monkeypatch.setattr(service.messenger, "_monotonic_s", lambda: now_s)
    with closing(Webhook()) as there:
        channels = [add(mira, name, there.port) for name in ("Phone", "Lamp")]
        for n in range(MOST_TESTS):
            assert mira.post(f"/api/channels/{channels[n % 2]}/test").status_code == 200
            now_s += 5
        refused = mira.post(f"/api/channels/{channels[0]}/test")
        assert "Try again in 35 s" in is_problem(refused, 429)
        assert refused.headers["retry-after"] == "35"
        assert len(there.received) == MOST_TESTS
        jonas, _ = come_in(app, code_of(mira)["code"])  # one's tests are nobody else's
        assert jonas.post(f"/api/channels/{add(jonas, 'His', there.port)}/test").status_code == 200
        now_s += 35
        assert mira.post(f"/api/channels/{channels[0]}/test").status_code == 200


def test_no_address_comes_out_again_into_answers_pages_errors_or_logs(mira, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "s3cr3t-topic-XYZ"
    with closing(RawSocket(GARBAGE)) as garbage:
        channel = add(mira, "Garbled", garbage.port, f"/{secret}?key={secret}")
        said = [mira.post(f"/api/channels/{channel}/test").text]
    said += [mira.get(path).text for path in ("/channels", "/api/channels", "/talk", "/api/openapi.json")]
    bad = {"kind": "webhook", "told": {"url": f"gopher://{secret}"}}
    said += [mira.post("/api/channels", json=bad).text]
    said += [mira.post("/api/channels", json={"kind": "webhook", "told": {"url": [secret]}}).text]
    assert secret not in "".join(said)
    out, err = capfd.readouterr()
    assert secret not in out + err
    assert secret not in caplog.text


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("webhook", {"url": "ftp://127.0.0.1/"}),
        ("webhook", {"url": "http://"}),
        ("webhook", {"url": "http://[::1"}),
        ("webhook", {"url": ""}),
        ("webhook", {}),
        ("ntfy", {"topic": "two/words"}),
        ("ntfy", {"topic": "ftp://host/topic"}),
        ("email", {"to": "nobody", "host": "smtp", "password": "x"}),
        ("other", {"address": "syslog://local"}),
        ("other", {"address": "DBUS://x"}),
        ("other", {"address": "nonsense"}),
        ("other", {"address": "nosuchservice://x"}),
        ("other", {"address": "gio://x"}),
        ("other", {"address": "workflows://127.0.0.1/WORKFLOW/SIGNATURE/?template={file}"}),
        ("other", {"address": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=file://{file}"}),
        ("other", {"address": "fcm://project@device/?keyfile={file}"}),
        ("other", {"address": "vapid://user@example.com/you@example.com?keyfile={file}&subfile={file}"}),
        ("carrier pigeon", {}),
    ],
)
def test_what_is_no_address_is_refused_in_a_sentence_and_no_file_of_this_machine_is_sent(mira, kind, told, tmp_path):
    file = tmp_path / "file.json"
    file.write_text('{"summary": "somebody’s secret", "text": "of this machine"}')
    told = {name: value.replace("{file}", str(file)) for name, value in told.items()}
    answer = mira.post("/api/channels", json={"kind": kind, "told": told})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")
    assert mira.get("/api/channels").json() == []


EXAMPLES = {
    "ntfy": {"topic": "quiet-otter", "token": "tk_abcdefghijklmnopqrstuvwxyz012"},
    "mqtt": {"host": "homeassistant.local:1883", "topic": "pause/now", "user": "ha", "password": "p@ss/w:rd"},
    "pushover": {"user": "u" * 30, "token": "a" * 30},
    "email": {"to": "mira@example.org", "host": "smtp.example.org", "password": "p&s=s"},
    "webhook": {"url": "https://example.org/hook?x=1"},
    "other": {"address": "gotify://example.org/token"},
}


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_kind_makes_an_address_that_is_understood_and_needs_what_it_asks_for(kind):
    sender = AppriseSender()
    assert sender.understands(address_of(kind, EXAMPLES[kind]))
    needed = next(k for k in KINDS if k.name == kind).fields[0].name
    with pytest.raises(BadAddress, match="still empty"):
        address_of(kind, EXAMPLES[kind] | {needed: " "})


def test_a_webhook_gets_its_own_path_and_query():
    with closing(Webhook()) as hook:
        address = address_of("webhook", {"url": f"http://127.0.0.1:{hook.port}/a/b?key=1&to=mira"})
        assert AppriseSender().send(address, Message.SUGGESTED) is None
        ((_, path, body),) = hook.received
        assert path == "/a/b?key=1&to=mira"
        assert "http" not in str(body).replace("https://", ""), body
        assert set(body) <= {"version", "title", "message", "attachments", "type"}


def test_a_broker_that_hangs_or_refuses_is_a_failed_channel_and_nothing_worse():
    with closing(RawSocket(None)) as hangs:
        hanging = address_of("mqtt", {"host": f"127.0.0.1:{hangs.port}", "topic": "t"})
        assert AppriseSender().send(hanging, Message.TEST) is Trouble.NOT_TAKEN
    refused = address_of("mqtt", {"host": f"127.0.0.1:{refusing_port()}", "topic": "t"})
    assert AppriseSender().send(refused, Message.TEST) is Trouble.NOT_TAKEN


def test_an_address_that_an_upgrade_does_not_understand_any_more_is_said_so():
    assert AppriseSender().send("nosuchservice://x", Message.TEST) is Trouble.NOT_UNDERSTOOD


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        home.channel = home.journal.channels.add(
            home.mira, kind="webhook", label="Lamp", address="json://lamp/secret", now=datetime.now(UTC)
        )
        yield home


def test_nobody_but_the_owner_reads_uses_or_removes_a_channel(home):
    channels, now = home.journal.channels, datetime.now(UTC)
    assert channels.channels(home.mira) == [home.channel]
    for other in (home.jonas, home.lena):
        assert channels.channels(other) == []
        for act in (
            lambda actor: channels.channel(actor, home.channel.id),
            lambda actor: channels.remove(actor, home.channel.id),
            lambda actor: channels.claim(actor, home.channel.id, home.talk.id, "key", now),
            lambda actor: channels.settle(actor, home.channel.id, "key", None, now),
            lambda actor: channels.note(actor, home.channel.id, None),
        ):
            with pytest.raises(NotAllowed):
                act(other)
        assert channels.told(other, "key") == frozenset()


def test_a_message_is_claimed_once_until_it_has_failed_for_certain(home):
    channels, now, place = home.journal.channels, datetime.now(UTC), (home.mira, home.channel.id)
    assert channels.claim(*place, home.talk.id, "key", now)
    assert not channels.claim(*place, home.talk.id, "key", now)
    channels.settle(*place, "key", Trouble.NOT_TAKEN, now)
    assert channels.claim(*place, home.talk.id, "key", now)
    channels.settle(*place, "key", None, now)
    assert not channels.claim(*place, home.talk.id, "key", now)
    assert channels.told(home.mira, "key") == {home.channel.id}
    assert channels.claim(*place, home.talk.id, "another", now)


def test_a_removed_channel_leaves_nothing_behind(home):
    channels, now = home.journal.channels, datetime.now(UTC)
    channels.claim(home.mira, home.channel.id, home.talk.id, "key", now)
    channels.remove(home.mira, home.channel.id)
    assert channels.channels(home.mira) == []
    with home.database.read() as connection:
        for table in ("channel", "delivery"):
            assert raw(connection, f"SELECT count(*) FROM {table}").scalar() == 0  # noqa: S608  fixed names
    home.journal.close()
    # secure_delete has overwritten it, and closing has emptied the WAL.
    assert b"json://lamp/secret" not in b"".join(file.read_bytes() for file in home.folder.iterdir())


def test_there_is_a_most_of_them(home):
    add = home.journal.channels.add
    for _ in range(MOST - 1):
        add(home.mira, kind="webhook", label="x", address="json://x", now=datetime.now(UTC))
    with pytest.raises(TooManyChannels, match="remove one first"):
        add(home.mira, kind="webhook", label="x", address="json://x", now=datetime.now(UTC))
