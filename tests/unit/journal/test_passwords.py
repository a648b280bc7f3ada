"""What a sign-in name and a password may be, and that verifying always does the same work."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.passwords import COMMONEST, LONGEST, SHORTEST, BadSignIn, Passwords, check_password, checked_name, folded
from tests.quick_passwords import GOOD, Counting, quick


@pytest.mark.parametrize(
    "password", ["x" * (SHORTEST - 1), "", "ab" * LONGEST, "1234567890", "PASSWORD123", "aaaaaaaaaaaa"]
)
def test_what_protects_nothing_is_refused_without_being_repeated(password):
    with pytest.raises(BadSignIn) as caught:
        check_password(password, "mira")
    assert not password or password not in str(caught.value)


def test_the_sign_in_name_itself_is_no_password_however_it_is_written():
    with pytest.raises(BadSignIn):
        check_password(" Mira Of The Hill ".strip(), "mira of the hill")


@pytest.mark.parametrize(
    "password",
    ["x" * 9 + "y", "ab" * (LONGEST // 2), "ein stiller Abend", "长夜漫漫不知何时能够天明", " spaces count "],
)
def test_length_alone_is_asked_of_a_password(password):
    check_password(password, "mira")


def test_the_commonest_are_long_enough_to_be_worth_naming():
    assert all(len(word) >= SHORTEST for word in COMMONEST)


def test_half_a_character_is_refused_and_never_right():
    with pytest.raises(BadSignIn):
        check_password("a quiet evening\ud800", "mira")
    passwords = quick()
    assert passwords.verify("a quiet evening\ud800", passwords.hashed(GOOD)) == (False, None)


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a\0b", "\u200f", "x" * 61, "a\ud800"])
def test_a_name_that_cannot_be_seen_or_is_too_long_is_refused(name):
    with pytest.raises(BadSignIn):
        checked_name(name)


@given(st.text())
def test_a_name_is_the_same_however_it_is_typed(name):
    assert folded(folded(name)) == folded(name)
    assert folded(f" {name}\t") == folded(name)
    assert folded(unicodedata.normalize("NFD", name)) == folded(name)


def test_a_password_typed_on_another_keyboard_is_the_same_password():
    passwords = quick()
    kept = passwords.hashed(unicodedata.normalize("NFD", "Übermäßig groß"))
    assert passwords.verify(unicodedata.normalize("NFC", "Übermäßig groß"), kept)[0]


def test_it_is_argon2id_with_a_salt_of_its_own():
    first, second = (Passwords().hashed(GOOD) for _ in range(2))
    assert first != second
    assert first.startswith("$argon2id$")
    memory_kib = int(first.split("$")[3].split(",")[0].removeprefix("m="))
    assert memory_kib >= 19_456, "less than OWASP’s least for argon2id"


def test_a_wrong_password_and_nobodys_cost_the_same_work():
    hasher = Counting()
    passwords = Passwords(hasher)
    kept = passwords.hashed(GOOD)
    passwords.verify("something else", kept)
    passwords.verify("something else", None)
    assert len(hasher.worked) == 2
    assert hasher.worked[0] == hasher.worked[1]


def test_nobodys_hash_opens_nothing_not_even_by_its_own_words():
    assert quick().verify("nobody signs in with this", None) == (False, None)


def test_a_hash_of_other_parameters_is_right_and_is_to_be_renewed():
    kept = quick().hashed(GOOD)
    stronger = quick(time_cost=2)
    right, renewed = stronger.verify(GOOD, kept)
    assert right
    assert stronger.verify(GOOD, renewed) == (True, None)
    assert stronger.verify("something else", kept) == (False, None)
