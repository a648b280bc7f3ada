"""The whole journal in one file: from either database into either, checked, and never over what is there."""

import io
import json
import zipfile
from contextlib import closing
from datetime import UTC, datetime

import pytest

from journal.access_heads import beside_the_keys
from journal.backup import ACCESS, KEYS, MANIFEST, BadBackup, NotEmpty, back_up, check, restore
from journal.content import Content
from journal.database import open_database, open_file
from journal.journal import open_journal
from journal.keys import usual_key_file
from sensing.source import Notification
from tests.fakes import packet
from tests.integration.journal_home import Home, end
from tests.postgres import server
from tests.raw_sql import contents

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
SECRET = "Only in the journal-canary."


@pytest.fixture
def addresses():
    made = [server().migrated() for _ in range(2)]
    yield made
    for address in made:
        server().give_back(address)


def lived(folder):
    """A journal with a talk, words, and a key."""
    home = Home(folder)
    for second in range(1, 40):
        home.journal.recorder.measurement(home.talk.recording_id, Notification(float(second), packet(70, 1), None))
    home.journal.recorder.flush()
    end(home.journal, home.mira, home.talk)
    entry_id = home.journal.recorder.entry(home.mira, home.talk.id)
    home.journal.texts.save(home.mira, entry_id, Content(notes=SECRET), version=0, tab="t", now=NOW)
    return home, entry_id


def backup_of(home, *, with_keys=False):
    file = io.BytesIO()
    made = back_up(home.database, usual_key_file(home.folder), file, now=NOW, with_keys=with_keys)
    file.seek(0)
    return file, made


@pytest.fixture
def source(tmp_path):
    home, entry_id = lived(tmp_path / "from" / "data")
    with home:
        yield home, entry_id


@pytest.mark.parametrize("into", ["file", "postgresql"])
def test_what_was_backed_up_is_back_row_for_row_and_goes_on(tmp_path, source, addresses, into):
    home, entry_id = source
    before = contents(home.database)
    file, made = backup_of(home, with_keys=True)
    place = tmp_path / "into" / "data"
    url = addresses[0] if into == "postgresql" else None
    opened = open_file(place) if url is None else open_database(place, url=url)
    with closing(opened) as database:
        assert restore(database, usual_key_file(place), file) == made
        assert contents(database) == before
    if url is not None:  # (on a file, open_journal goes where the tests say)
        with closing(open_journal(place, url=url)) as journal:
            assert journal.texts.read(home.mira, entry_id).content.notes == SECRET
            again = journal.talks.start(
                home.mira, began_at=NOW, utc_offset_min=0, strap=None, simulated=False, threshold_bpm=100.0
            )
            assert again.id != home.talk.id  # its number is a new one, too: else this would have failed


def test_a_backup_shows_one_moment_while_others_write(tmp_path, source, monkeypatch):
    home, _ = source
    from journal import backup as module

    before, lines = contents(home.database), module._lines

    def with_somebody_writing(connection, table):
        yield from lines(connection, table)
        if table.name == "person":
            home.journal.people.rename(home.mira, "Another name")

    monkeypatch.setattr(module, "_lines", with_somebody_writing)
    file, _ = backup_of(home)
    with closing(open_file(tmp_path / "into")) as database:
        restore(database, tmp_path / "into.key", file)
        assert contents(database) == before


def test_the_keys_are_in_it_only_when_asked_for(source):
    home, _ = source
    for with_keys in (False, True):
        file, made = backup_of(home, with_keys=with_keys)
        assert made.with_keys is with_keys
        with zipfile.ZipFile(file) as archive:
            assert (KEYS in archive.namelist()) is with_keys
            told = b"".join(archive.read(name) for name in archive.namelist())
        assert SECRET.encode() not in told
        assert (b"recovery_code" in told) is with_keys


def test_what_checks_the_access_log_goes_with_it(tmp_path, source):
    home, _ = source
    heads = beside_the_keys(usual_key_file(home.folder))
    home.journal.access_log.broken(home.mira)  # makes the file
    file, _ = backup_of(home)
    place = tmp_path / "into" / "data"
    with closing(open_file(place)) as database:
        restore(database, usual_key_file(place), file)
    assert beside_the_keys(usual_key_file(place)).read_bytes() == heads.read_bytes()
    with zipfile.ZipFile(file) as archive:
        assert ACCESS in archive.namelist()


def test_a_journal_that_is_there_is_never_written_over(tmp_path, source):
    home, _ = source
    file, _ = backup_of(home)
    before = contents(home.database)
    with pytest.raises(NotEmpty, match="empty"):
        restore(home.database, usual_key_file(home.folder), file)
    assert contents(home.database) == before
    place = tmp_path / "into" / "data"
    file, _ = backup_of(home, with_keys=True)
    usual_key_file(place).parent.mkdir(parents=True)
    usual_key_file(place).write_text("another key file")
    with closing(open_file(place)) as database, pytest.raises(NotEmpty, match="move it away"):
        restore(database, usual_key_file(place), file)
    assert usual_key_file(place).read_text() == "another key file"


def damaged(file, **changed):
    """The backup with a member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = changed.get(name.replace("/", "_").replace(".", "_"), lambda told: told)(old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out


def with_one_byte_changed(file):
    with zipfile.ZipFile(file) as archive:
        place = archive.getinfo("tables/measurement.jsonl").header_offset + 100
    content = bytearray(file.getvalue())
    content[place] ^= 1
    return io.BytesIO(content)


def manifest(**changed):
    return lambda told: json.dumps(json.loads(told) | changed).encode()


DAMAGE = {
    "no zip": lambda file: io.BytesIO(b"Dear diary"),
    "cut off": lambda file: io.BytesIO(file.getvalue()[: len(file.getvalue()) // 2]),
    "a byte": with_one_byte_changed,
    "a row less": lambda file: damaged(file, tables_measurement_jsonl=lambda told: told.split(b"\n", 1)[1]),
    "a table less": lambda file: damaged(file, tables_person_jsonl=lambda told: None),
    "no manifest": lambda file: damaged(file, manifest_json=lambda told: None),
    "another format": lambda file: damaged(file, manifest_json=manifest(format="something")),
    "another schema": lambda file: damaged(file, manifest_json=manifest(schema="9999")),
    "no manifest of this kind": lambda file: damaged(file, manifest_json=lambda told: b"[]"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_backup_changes_nothing_and_says_so(tmp_path, source, kind):
    home, _ = source
    file, _ = backup_of(home, with_keys=True)
    place = tmp_path / "into" / "data"
    with closing(open_file(place)) as database:
        before = contents(database)
        with pytest.raises(BadBackup) as caught:
            restore(database, usual_key_file(place), DAMAGE[kind](file))
        assert "\n" not in str(caught.value)
        assert contents(database) == before
    assert not usual_key_file(place).exists()


def test_a_restore_that_fails_halfway_leaves_nothing(tmp_path, source, monkeypatch):
    home, _ = source
    file, _ = backup_of(home, with_keys=True)
    from journal import backup as module

    monkeypatch.setattr(module, "_go_on_counting", lambda _: 1 / 0)
    place = tmp_path / "into" / "data"
    with closing(open_file(place)) as database:
        before = contents(database)
        with pytest.raises(ZeroDivisionError):
            restore(database, usual_key_file(place), file)
        assert contents(database) == before


def test_a_backup_is_checked_by_restoring_it(source):
    home, _ = source
    file, made = backup_of(home)
    assert check(file) == made
    with pytest.raises(BadBackup):
        check(DAMAGE["a row less"](file))
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read(MANIFEST))["rows"]["measurement"] == 39
