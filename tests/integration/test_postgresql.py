"""The journal on a real PostgreSQL: opened, migrated, shared by several, and what it says when it cannot be had."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from alerts.people import Actor
from alerts.ports import NotAllowed
from journal import database as journal_database
from journal.database import CannotOpen, DatabaseBusy, NewerSchema, open_database
from journal.journal import open_journal
from journal.models import Base, PersonRow, SessionRow
from journal.postgresql import url_of
from tests.fakes import BEGAN
from tests.integration.journal_home import Home
from tests.postgres import server


@pytest.fixture
def address():
    address = server().migrated()
    yield address
    server().give_back(address)


@pytest.fixture
def database(tmp_path, address):
    with closing(open_database(tmp_path / "data", url=address)) as opened:
        yield opened


def add_mira(database, name="Mira"):
    with database.write() as connection:
        connection.execute(insert(PersonRow).values(id="mira", name=name, created_at=BEGAN))


def names(database):
    with database.read() as connection:
        return list(connection.scalars(select(PersonRow.name)))


def test_migrations_make_the_tables_of_the_models(database):
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        found = inspect(connection)
        for table in Base.metadata.sorted_tables:
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
            cascades = {key["options"].get("ondelete") for key in found.get_foreign_keys(table.name)}
            assert cascades <= {"CASCADE"}


def test_programs_that_start_together_migrate_once(tmp_path):
    address = server().empty()
    begin = threading.Barrier(4)

    def opened(number):
        begin.wait()
        with closing(open_database(tmp_path / str(number), url=address)) as database:
            return names(database)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [[]] * 4


def test_a_failed_migration_leaves_nothing_half_made(tmp_path, monkeypatch):
    address = server().empty()
    upgrade = command.upgrade

    def fails(*args):
        upgrade(*args)
        raise OSError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", fails)
        with pytest.raises(CannotOpen):
            open_database(tmp_path, url=address)
    engine = sa.create_engine(url_of(address))
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()


def test_several_programs_have_it_open_and_see_what_the_others_wrote(tmp_path, address):
    with (
        closing(open_database(tmp_path, url=address)) as first,
        closing(open_database(tmp_path, url=address)) as second,
    ):
        add_mira(first)
        assert names(second) == ["Mira"]


def test_whoever_writes_first_waits_for_the_one_that_writes_now_and_sees_it(tmp_path, address):
    """What BEGIN IMMEDIATE is on SQLite: two that read before they write are never wrong about each other."""
    with (
        closing(open_database(tmp_path, url=address)) as first,
        closing(open_database(tmp_path, url=address)) as second,
    ):

        def one(database):
            with database.write() as connection:
                count = connection.scalar(select(sa.func.count()).select_from(PersonRow))
                connection.execute(insert(PersonRow).values(id=f"p{count}", name=str(count), created_at=BEGAN))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, [first, second] * 12))
        assert sorted(map(int, names(first))) == list(range(24))


def test_two_first_clicks_on_two_workers_make_one_account(tmp_path, address):
    journals = [open_journal(tmp_path / "data", url=address) for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda j: j.people.first_person(name="You", now=BEGAN).id, journals * 8))
    assert len(set(found)) == 1
    for journal in journals:
        journal.close()


def test_an_invitation_lets_one_of_many_in(tmp_path, address):
    journals = [open_journal(tmp_path / "data", url=address) for _ in range(2)]
    now = datetime.now(UTC)
    mira = journals[0].people.first_person(name="Mira", now=now)
    code = journals[0].pairs.make_code(Actor(mira.id), for_other=True, now=now)

    def come(journal):
        try:
            return journal.pairs.come_in(code, name="Jonas", now=now)
        except NotAllowed:
            return None

    with ThreadPoolExecutor(8) as pool:
        came = [person for person in pool.map(come, journals * 6) if person is not None]
    assert len(came) == 1
    for journal in journals:
        journal.close()


def test_read_sees_one_moment_and_changes_nothing(database):
    with database.read() as reader:
        before = reader.scalars(select(PersonRow.id)).all()
        add_mira(database)
        assert reader.scalars(select(PersonRow.id)).all() == before
    with pytest.raises(sa.exc.InternalError, match="read-only"), database.read() as reader:
        reader.execute(delete(PersonRow))


def test_what_is_acknowledged_is_on_the_disk(database):
    with database.write() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"


def test_error_does_not_repeat_what_people_stored(database):
    add_mira(database, "a secret name")
    with pytest.raises(IntegrityError) as caught:
        add_mira(database, "a secret name")
    assert "secret" not in str(caught.value).replace("mira", "")


def test_row_without_an_owner_is_refused_and_goes_with_its_owner(database):
    session = {"person_id": "mira", "created_at": BEGAN, "expires_at": BEGAN}
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(SessionRow).values(token_sha256="a", **session))
    add_mira(database)
    with database.write() as connection:
        connection.execute(insert(SessionRow).values(token_sha256="a", **session))
        connection.execute(delete(PersonRow))
        assert connection.scalars(select(SessionRow.token_sha256)).all() == []


def test_text_with_a_nul_is_kept_without_it(database):
    add_mira(database, "Mi\0ra")
    assert names(database) == ["Mira"]


def test_whoever_waits_too_long_for_the_others_is_told_that_it_is_busy(tmp_path, address, monkeypatch):
    monkeypatch.setitem(journal_database.postgresql.SESSION, "lock_timeout", "50")
    with (
        closing(open_database(tmp_path, url=address)) as first,
        closing(open_database(tmp_path, url=address)) as second,
        first.write(),
        pytest.raises(DatabaseBusy, match="does not answer"),
        second.write(),
    ):
        pass


def test_a_server_that_threw_everybody_out_is_used_again(database):
    add_mira(database)
    server().execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flooding'")
    assert names(database) == ["Mira"]


def test_a_database_of_a_newer_program_is_outlasted(tmp_path, address):
    with closing(open_database(tmp_path, url=address)) as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="upgrade the program"):
        open_database(tmp_path, url=address)
    engine = sa.create_engine(url_of(address))
    with engine.begin() as connection:  # it is another test's next
        head = journal_database.ScriptDirectory.from_config(journal_database._config()).get_current_head()
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
    engine.dispose()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("postgresql://mira:secret@127.0.0.1:1/flooding", "127.0.0.1:1/flooding cannot be opened"),
        ("mysql://mira:secret@127.0.0.1/flooding", "postgresql://name@host/database"),
        ("postgresql//mira:secret@host", "postgresql://name@host/database"),
    ],
)
def test_an_address_where_nothing_is_says_so_and_not_the_password(tmp_path, wrong, said):
    with pytest.raises(CannotOpen) as caught:
        open_database(tmp_path, url=wrong)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_keys_lie_beside_the_folder_and_one_worker_finds_what_another_made(tmp_path, address, monkeypatch):
    monkeypatch.setattr(journal_database, "address_of", lambda _: address)
    with Home(tmp_path / "data") as home:
        other = open_journal(tmp_path / "data", url=address)
        entry_id = home.journal.recorder.entry(home.mira, home.talk.id)
        from journal.content import Content

        home.journal.texts.save(
            home.mira, entry_id, Content(notes="Only here."), version=0, tab="t", now=datetime.now(UTC)
        )
        assert other.texts.read(home.mira, entry_id).content.notes == "Only here."
        assert not (tmp_path / "data" / journal_database.FILE_NAME).exists()
        other.close()
