"""The key file: where it lies, what happens without it, and how it changes."""

import json
import stat
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command

from alerts.agreement import Own, Terms
from journal import database as journal_database
from journal.checks import BodyState, DailyCheck, Helped
from journal.content import Content, content_to_json
from journal.database import open_database
from journal.journal import open_journal
from journal.key_use import keys_in_use, recover, rotate
from journal.keys import BadKeyFile, KeyMissing, Keyring, usual_key_file
from journal.recovery import code_of
from journal.sealed import ID_AT, CannotUnseal, Place, new_key, seal
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, raw_files
from tests.raw_sql import raw

SECRET = "She packed the violin and left without a sound"
CHECK = DailyCheck(BEGAN.date(), BodyState.SHUT_DOWN, frozenset({Helped.CAME_CLOSER}), SECRET)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def write(home, text=SECRET, version=0, actor=None):
    actor = actor or home.mira
    entry_id = home.journal.texts.create(actor, now=BEGAN)
    home.journal.texts.save(actor, entry_id, Content(notes=text), version=version, tab="t", now=BEGAN)
    return entry_id


@pytest.mark.sqlite_only("looks into the bytes of the file and its log")
def test_the_files_of_the_journal_show_no_word_while_open_and_after(folder):
    with Home(folder) as home:
        entry_id = write(home)
        home.journal.texts.save(
            home.mira, entry_id, Content(notes="a second, " + SECRET), version=1, tab="t", now=BEGAN
        )
        with pytest.raises(Exception, match="both texts"):
            home.journal.texts.save(home.mira, entry_id, Content(tags=(SECRET,)), version=1, tab="u", now=BEGAN)
        home.journal.checks.save(home.mira, CHECK, now=BEGAN)
        home.journal.checks.save(home.mira, CHECK, now=BEGAN)
        assert (folder / "journal.db-wal").stat().st_size > 0
        assert entry_id.encode() in raw_files(folder)  # the search below looks into the right bytes
        for word in (*SECRET.split(), *CHECK.helped, CHECK.body):
            if len(word) > 3:
                assert word.encode() not in raw_files(folder)
    assert b"violin" not in raw_files(folder)


def agree(home, word="Lighthouse"):
    """Mira and Jonas are two, and have both said yes to words of theirs."""
    pair = home.journal.pairs.begin(home.mira, other_name="Jonas", now=BEGAN)
    with home.database.write() as connection:
        raw(connection, "UPDATE pair SET second_id = ? WHERE id = ?", (home.jonas.person_id, pair.id))
    terms = Terms(
        word=word,
        gesture="Flat hand",
        emoji="\N{OCTOPUS}",
        returning="Kitchen clock",
        neither=("Rehearsing",),
        first=Own(("Cello",), ("Windowsill",), ("Unharmed",)),
        second=Own(("Bicycle",)),
    )
    version = home.journal.agreements.write(home.jonas, terms, now=BEGAN)
    for who in (home.mira, home.jonas):
        home.journal.agreements.say_yes(who, version.number, now=BEGAN)
    return terms


def words_in(terms):
    own = (
        line
        for one in (terms.first, terms.second)
        for lines in (one.meanwhile, one.opening, one.phrases)
        for line in lines
    )
    return (terms.word, terms.gesture, terms.emoji, terms.returning, *terms.neither, *own)


@pytest.mark.sqlite_only("looks into the bytes of the file and its log")
def test_neither_what_two_agreed_nor_whom_one_turns_to_is_in_the_raw_file_or_its_log(folder):
    with Home(folder) as home:
        terms = agree(home)
        someone = home.journal.turn_to.add(home.jonas, name="Aunt Oluwaseun", how="Sundays, 0171 2345", now=BEGAN)
        assert (folder / "journal.db-wal").stat().st_size > 0
        while_open = raw_files(folder)
        assert someone.id.encode() in while_open
        for word in (*words_in(terms), "Oluwaseun", "0171"):
            assert word.encode() not in while_open, word
        for who in (home.mira, home.jonas):
            assert home.journal.agreements.agreed(who).terms == terms
        assert home.journal.turn_to.everyone(home.jonas) == [someone]
        assert home.journal.turn_to.everyone(home.mira) == []
    for word in (*words_in(terms), "Oluwaseun", "0171"):
        assert word.encode() not in raw_files(folder), word


def test_rotation_seals_what_two_agreed_and_whom_one_turns_to_anew(folder):
    with Home(folder) as home:
        terms = agree(home)
        for who in (home.mira, home.jonas):
            home.journal.turn_to.add(who, name="Ana", how="", now=BEGAN)
        old = {who: home.journal.keyring.current(who.person_id) for who in (home.mira, home.jonas)}
        assert rotate(home.jonas, home.database, home.journal.keyring).texts == 1
        assert (
            rotate(home.mira, home.database, home.journal.keyring).texts == 2
        )  # the first of the two holds what both agreed
        new = {who: home.journal.keyring.current(who.person_id) for who in old}
        assert set(keys_in_use(home.database)) == {(who.person_id, key.id) for who, key in new.items()}
        assert not {key.id for key in old.values()} & {key.id for key in new.values()}
        for who in (home.mira, home.jonas):
            assert home.journal.agreements.agreed(who).terms == terms
            assert [one.name for one in home.journal.turn_to.everyone(who)] == ["Ana"]


def test_a_version_that_was_put_in_anothers_place_is_not_taken_for_what_was_agreed(folder):
    with Home(folder) as home:
        agree(home)
        home.journal.agreements.write(home.mira, Terms(word="Umbrella"), now=BEGAN)
        with home.database.write() as connection:
            raw(
                connection,
                "UPDATE agreement SET sealed = (SELECT sealed FROM agreement WHERE number = 2) WHERE number = 1",
            )
        with pytest.raises(CannotUnseal):
            home.journal.agreements.history(home.jonas)
        assert home.journal.agreements.agreed(home.jonas) is None  # and a talk goes on, with the usual 20 minutes


def test_one_damaged_line_of_the_short_list_closes_neither_the_others_nor_the_list(folder):
    with Home(folder) as home:
        first, second = (home.journal.turn_to.add(home.mira, name=name, how="", now=BEGAN) for name in ("Ana", "Ben"))
        with home.database.write() as connection:
            raw(
                connection,
                "UPDATE turn_to SET sealed = (SELECT sealed FROM turn_to WHERE id = ?) WHERE id = ?",
                (second.id, first.id),
            )
        assert home.journal.turn_to.everyone(home.mira) == [second]


def test_a_text_that_was_moved_to_another_person_opens_for_nobody_and_closes_nothing_else(folder):
    with Home(folder) as home:
        hers, his, also_hers = write(home, "hers"), write(home, "his", actor=home.jonas), write(home, "also hers")
        with home.database.write() as connection:
            raw(
                connection,
                "UPDATE entry_text SET sealed = (SELECT sealed FROM entry_text WHERE entry_id = ?) WHERE entry_id = ?",
                (his, hers),
            )
        mira, jonas = home.mira, home.jonas
    journal = open_journal(folder)
    assert {it: words.notes for it, words in journal.texts.contents(mira).items()} == {also_hers: "also hers"}
    with pytest.raises(CannotUnseal):
        journal.texts.read(mira, hers)
    assert journal.texts.read(jonas, his).content.notes == "his"
    journal.close()


@pytest.mark.parametrize("damaged", [b"", b"no sealed text at all, but long enough to look like one"])
def test_bytes_that_are_no_sealed_text_do_not_keep_the_journal_from_opening(folder, damaged):
    with Home(folder) as home:
        good, bad, mira = write(home, "good"), write(home, "bad"), home.mira
        with home.database.write() as connection:
            raw(connection, "UPDATE entry_text SET sealed = ? WHERE entry_id = ?", (damaged, bad))
    journal = open_journal(folder)
    assert {it: words.notes for it, words in journal.texts.contents(mira).items()} == {good: "good"}
    journal.close()


def test_a_key_file_that_others_could_read_is_its_owners_alone_again(folder):
    with Home(folder) as home:
        write(home)
    path = usual_key_file(folder)
    path.chmod(0o644)
    open_journal(folder).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def of_before(folder):
    """A journal as schema 0010 left it: with an agreement and somebody to turn to in plain words, and a sealed entry."""
    with Home(folder) as home:
        entry_id, mira = write(home), home.mira
    path = folder / "journal.db"
    path.unlink()
    engine = journal_database._engine(path, foreign_keys="OFF")
    with engine.execution_options(begin="IMMEDIATE").begin() as connection:
        command.upgrade(journal_database._config(connection=connection), "0010")
        key = Keyring(usual_key_file(folder)).current(mira.person_id)
        sealed = seal(key, content_to_json(Content(notes=SECRET)).encode(), Place("entry_text", "sealed", entry_id))
        now = "2026-03-12 19:00:00.000000"
        for statement, values in (
            ("INSERT INTO person VALUES (?, 'Mira', ?, NULL)", (mira.person_id, now)),
            ("INSERT INTO person VALUES ('jonas', 'Jonas', ?, NULL)", (now,)),
            (
                "INSERT INTO entry (id, owner_id, created_at, happened_at, utc_offset_min) VALUES (?, ?, ?, ?, 60)",
                (entry_id, mira.person_id, now, now),
            ),
            ("INSERT INTO entry_text VALUES (?, 1, ?, 60, NULL, ?)", (entry_id, now, sealed)),
            ("INSERT INTO pair VALUES ('pair', 'jonas', ?, 'Mira', ?, NULL, NULL, NULL)", (mira.person_id, now)),
            (
                "INSERT INTO agreement VALUES ('pair', 1, ?, 'first', ?, ?, ?, NULL, NULL)",
                ('{"word": "Lighthouse", "neither": ["Rehearsing"]}', now, now, now),
            ),
            ("INSERT INTO turn_to VALUES ('someone', ?, 'Aunt Oluwaseun', 'Sundays', ?)", (mira.person_id, now)),
        ):
            raw(connection, statement, values)
    engine.dispose()
    assert b"Lighthouse" in raw_files(folder)
    return mira, entry_id


@pytest.mark.sqlite_only("a file of before, when there was no other database")
def test_what_an_older_program_left_open_is_sealed_and_nowhere_in_the_files_afterwards(folder):
    mira, _ = of_before(folder)
    journal = open_journal(folder)
    assert journal.agreements.agreed(mira).terms == Terms(word="Lighthouse", neither=("Rehearsing",))
    assert [(one.id, one.name, one.how) for one in journal.turn_to.everyone(mira)] == [
        ("someone", "Aunt Oluwaseun", "Sundays")
    ]
    assert {owner for owner, _ in keys_in_use(journal.database)} == {mira.person_id, "jonas"}
    for word in (b"Lighthouse", b"Rehearsing", b"Oluwaseun", b"Sundays"):
        assert word not in raw_files(folder)
    journal.close()


@pytest.mark.sqlite_only("a file of before, when there was no other database")
def test_while_the_key_is_away_nothing_is_sealed_with_another_and_the_code_brings_it_back(folder):
    mira, entry_id = of_before(folder)
    path = usual_key_file(folder)
    code = code_of(Keyring(path).current(mira.person_id))
    kept, before = path.read_bytes(), (folder / "journal.db").read_bytes()
    path.unlink()
    with pytest.raises(KeyMissing, match="flooding key recover"):
        open_journal(folder)
    assert (folder / "journal.db").read_bytes() == before
    assert not path.exists()
    database = open_database(folder, upgrade=False)
    assert recover(database, Keyring(path), code) == 0
    database.close()
    assert json.loads(path.read_bytes())["keys"] == json.loads(kept)["keys"][:1]
    journal = open_journal(folder)
    assert journal.texts.read(mira, entry_id).content.notes == SECRET
    assert journal.agreements.agreed(mira).terms.word == "Lighthouse"
    journal.close()


def test_the_key_file_is_beside_the_folder_and_its_owners_alone(folder):
    with Home(folder) as home:
        write(home)
        path = home.journal.keyring.path
    assert path == usual_key_file(folder)
    assert path.parent == folder.parent
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_words_no_key_is_needed_nor_made(folder):
    with Home(folder):
        pass
    assert not usual_key_file(folder).exists()


@pytest.mark.sqlite_only("looks into the bytes of the file and its log")
@pytest.mark.parametrize("lost", ["gone", "another"])
def test_without_its_key_the_journal_says_one_clear_thing_and_changes_nothing(folder, lost):
    with Home(folder) as home:
        entry_id, mira = write(home), home.mira
    path = usual_key_file(folder)
    kept, before = path.read_text(), (folder / "journal.db").read_bytes()
    path.unlink()
    if lost == "another":
        Keyring(path).add(mira.person_id, new_key())
    with pytest.raises(KeyMissing, match=r"flooding key recover") as refused:
        open_journal(folder)
    assert "\n" not in str(refused.value)
    assert str(path) in str(refused.value)
    assert (folder / "journal.db").read_bytes() == before
    path.write_text(kept)
    journal = open_journal(folder)
    assert journal.texts.read(mira, entry_id).content == Content(notes=SECRET)
    journal.close()


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"format": "x", "version": 1, "keys": []}', "\0\1", "slip", b"\xff\xfe"]
)
def test_a_damaged_key_file_is_said_and_left_as_it_is(folder, damage):
    with Home(folder) as home:
        write(home)
    path = usual_key_file(folder)
    told = json.loads(path.read_text())
    if damage == "slip":
        code = told["keys"][0]["recovery_code"]
        told["keys"][0]["recovery_code"] = ("A" if code[0] != "A" else "B") + code[1:]
        damage = json.dumps(told)
    path.write_bytes(damage if isinstance(damage, bytes) else damage.encode())
    before = path.read_bytes()
    with pytest.raises(BadKeyFile, match=path.name):
        open_journal(folder)
    assert path.read_bytes() == before


def test_two_programs_with_one_key_file_lose_no_key(tmp_path):
    path = tmp_path / "keys"
    first, second = Keyring(path), Keyring(path)
    threads = [
        threading.Thread(target=ring.current, args=(f"{name}{n}",))
        for name, ring in (("a", first), ("b", second))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Keyring(path).held(f"{name}{n}") for name in "ab" for n in range(8))
    assert first.current("mira") == second.current("mira")


def test_rotation_seals_everything_anew_and_lets_the_old_key_go(folder):
    with Home(folder) as home:
        entries = [write(home, f"text {n}") for n in range(5)]
        jonas = write(home, "his", actor=home.jonas)
        with pytest.raises(Exception, match="both texts"):
            home.journal.texts.save(home.mira, entries[0], Content(notes="late"), version=0, tab="u", now=BEGAN)
        old, his = (home.journal.keyring.current(who.person_id) for who in (home.mira, home.jonas))
        done = rotate(home.mira, home.database, home.journal.keyring)
        assert (done.texts, done.resumed) == (6, False)
        (new,) = home.journal.keyring.held(home.mira.person_id)
        assert new != old
        assert set(keys_in_use(home.database)) == {(home.mira.person_id, new.id), (home.jonas.person_id, his.id)}
        assert [home.journal.texts.read(home.mira, it).content.notes for it in entries] == [
            f"text {n}" for n in range(5)
        ]
        assert home.journal.texts.read(home.mira, entries[0]).drafts[0].content.notes == "late"
        assert home.journal.texts.read(home.jonas, jonas).content.notes == "his"


def test_rotation_seals_the_daily_checks_anew_and_of_nobody_else(folder):
    with Home(folder) as home:
        for who in (home.mira, home.jonas):
            home.journal.checks.save(who, CHECK, now=BEGAN)
        his = home.journal.keyring.current(home.jonas.person_id)
        assert rotate(home.mira, home.database, home.journal.keyring).texts == 1
        (new,) = home.journal.keyring.held(home.mira.person_id)
        assert set(keys_in_use(home.database)) == {(home.mira.person_id, new.id), (home.jonas.person_id, his.id)}
        assert list(home.journal.checks.between(home.mira, CHECK.day, CHECK.day)) == [CHECK]
        assert list(home.journal.checks.between(home.jonas, CHECK.day, CHECK.day)) == [CHECK]


def test_a_check_that_was_moved_to_another_day_does_not_open_and_closes_no_other(folder):
    with Home(folder) as home:
        later = replace(CHECK, day=CHECK.day + timedelta(days=1))
        for check in (CHECK, later):
            home.journal.checks.save(home.mira, check, now=BEGAN)
        with home.database.write() as connection:
            raw(
                connection,
                "UPDATE daily_check SET sealed = (SELECT sealed FROM daily_check WHERE day = ?) WHERE day = ?",
                (CHECK.day.isoformat(), later.day.isoformat()),
            )
        assert list(home.journal.checks.between(home.mira, CHECK.day, later.day)) == [CHECK]


def test_a_rotation_that_was_interrupted_loses_nothing_and_goes_on(folder, monkeypatch):
    monkeypatch.setattr("journal.key_use.AT_A_TIME", 2)

    class PowerCut(Exception):
        pass

    def cut(done):
        if done >= 2:
            raise PowerCut

    with Home(folder) as home:
        entries = [write(home, f"text {n}") for n in range(5)]
        with pytest.raises(PowerCut):
            rotate(home.mira, home.database, home.journal.keyring, progress=cut)
        half = {key_id for _, key_id in keys_in_use(home.database)}
        assert len(half) == 2
        mira = home.mira
    journal = open_journal(folder)  # a new start, with half of the texts under each key
    assert [journal.texts.read(mira, it).content.notes for it in entries] == [f"text {n}" for n in range(5)]
    done = rotate(mira, journal.database, journal.keyring)
    assert (done.texts, done.resumed) == (3, True)
    assert set(keys_in_use(journal.database)) == {(mira.person_id, journal.keyring.current(mira.person_id).id)}
    assert len(journal.keyring.held(mira.person_id)) == 1
    journal.close()


def test_one_damaged_text_closes_neither_the_list_nor_the_others(folder):
    with Home(folder) as home:
        good, bad = write(home, "good"), write(home, "bad")
        with home.database.write() as connection:
            raw(
                connection,
                "UPDATE entry_text SET sealed = (SELECT sealed FROM entry_text WHERE entry_id = ?) WHERE entry_id = ?",
                (good, bad),
            )
        assert {it: content.notes for it, content in home.journal.texts.contents(home.mira).items()} == {good: "good"}
        with pytest.raises(Exception, match="damaged, or was moved"):
            home.journal.texts.read(home.mira, bad)


def test_a_key_typed_from_paper_opens_the_journal_again(folder):
    with Home(folder) as home:
        entry_id, mira = write(home), home.mira
        code = code_of(home.journal.keyring.current(mira.person_id))
    usual_key_file(folder).unlink()
    database = open_database(folder)
    recover(database, Keyring(usual_key_file(folder)), code)
    with pytest.raises(Exception, match="opens nothing here"):
        recover(database, Keyring(usual_key_file(folder)), code_of(new_key()))
    database.close()
    journal = open_journal(folder)
    assert journal.texts.read(mira, entry_id).content.notes == SECRET
    journal.close()


def test_the_address_of_a_channel_is_locked_and_a_new_key_seals_it_too(folder):
    address = "ntfys://a-secret-topic-of-hers"
    with Home(folder) as home:
        channel = home.journal.channels.add(home.mira, kind="ntfy", label="Phone", address=address, now=BEGAN)
        assert b"Phone" in raw_files(folder)
        assert b"a-secret-topic" not in raw_files(folder)
        old = home.journal.keyring.current(home.mira.person_id)
        assert set(keys_in_use(home.database)) == {(home.mira.person_id, old.id)}
        rotate(home.mira, home.database, home.journal.keyring)
        assert old not in home.journal.keyring.held(home.mira.person_id)
        assert home.journal.channels.channel(home.mira, channel.id).address == address


def test_a_damaged_address_keeps_no_alarm_from_the_other_channels(folder):
    with Home(folder) as home:
        first, second = (
            home.journal.channels.add(home.mira, kind="ntfy", label=name, address=f"ntfys://{name}", now=BEGAN)
            for name in ("one", "two")
        )
        with home.database.write() as connection:
            raw(connection, "UPDATE channel SET sealed = ? WHERE id = ?", (b"no sealed text", first.id))
        assert home.journal.channels.channels(home.mira) == [second]
        home.journal.channels.remove(home.mira, first.id)


def flip_a_bit_of_its_key_id(home, entry_id):
    with home.database.write() as connection:
        found = raw(connection, "SELECT sealed FROM entry_text WHERE entry_id = ?", (entry_id,))
        sealed = bytearray(found.scalar_one())
        sealed[ID_AT.start] ^= 1
        raw(connection, "UPDATE entry_text SET sealed = ? WHERE entry_id = ?", (bytes(sealed), entry_id))


def test_a_flipped_bit_in_the_key_id_of_a_text_closes_that_text_and_not_the_journal(folder):
    with Home(folder) as home:
        good, bad = write(home, "good"), write(home, "bad")
        flip_a_bit_of_its_key_id(home, bad)
        mira = home.mira
    journal = open_journal(folder)
    assert {it: words.notes for it, words in journal.texts.contents(mira).items()} == {good: "good"}
    with pytest.raises(CannotUnseal, match="damaged"):
        journal.texts.read(mira, bad)
    journal.close()


def test_two_texts_that_need_one_key_that_is_not_there_are_a_missing_key_also_beside_texts_that_open(folder):
    with Home(folder) as home:
        write(home, "before")
        path = usual_key_file(folder)
        before = path.read_text()
        home.journal.keyring.add(home.mira.person_id, new_key())  # as a rotation does that goes on
        for text in ("after", "and after"):
            write(home, text)
    path.write_text(before)  # the copy of a day before
    with pytest.raises(KeyMissing, match="put the key file back"):
        open_journal(folder)


def test_a_damaged_key_id_does_not_hide_that_another_persons_key_is_missing(folder):
    with Home(folder) as home:
        write(home, "hers")
        flip_a_bit_of_its_key_id(home, write(home, "also hers"))
        write(home, "his", actor=home.jonas)
        home.journal.keyring.forget(home.jonas.person_id)
    with pytest.raises(KeyMissing, match="flooding key recover"):
        open_journal(folder)
