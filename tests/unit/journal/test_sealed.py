import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.recovery import NotACode, code_of, key_of
from journal.sealed import CannotUnseal, Key, Place, key_id_of, new_key, seal, unseal

KEY, PLACE = Key(bytes(range(32))), Place("entry_text", "sealed", "e1")
SEALED = seal(KEY, b"He said fine.", PLACE)


@given(st.binary(max_size=500))
def test_what_is_sealed_comes_back_and_shows_nothing(text):
    sealed = seal(KEY, text, PLACE)
    assert unseal(KEY, sealed, PLACE) == text
    assert len(text) < 4 or text not in sealed
    assert sealed != seal(KEY, text, PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("entry_draft", "sealed", "e1"),
        Place("entry_text", "other", "e1"),
        Place("entry_text", "sealed", "e2"),
        Place("entry_text", "sealede", "1"),
    ],
)
def test_a_sealed_text_opens_only_where_it_was_stored(elsewhere):
    with pytest.raises(CannotUnseal):
        unseal(KEY, SEALED, elsewhere)


@given(st.integers(0, len(SEALED) * 8 - 1))
def test_one_changed_bit_anywhere_is_noticed(bit):
    damaged = bytearray(SEALED)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CannotUnseal):
        unseal(KEY, bytes(damaged), PLACE)


@given(st.integers(0, len(SEALED) - 1))
def test_a_text_cut_short_is_noticed(length):
    with pytest.raises(CannotUnseal):
        unseal(KEY, SEALED[:length], PLACE)


def test_another_key_is_named_by_its_id_and_no_secret_is_told():
    other = new_key()
    assert key_id_of(SEALED) == KEY.id
    with pytest.raises(CannotUnseal, match=f"key {KEY.id.hex()}, not with {other.id.hex()}"):
        unseal(other, SEALED, PLACE)
    assert KEY.secret.hex() not in repr(KEY)
    assert "secret" not in repr(KEY)


@given(st.binary(min_size=32, max_size=32))
def test_a_key_comes_back_from_its_code_as_people_type_it(secret):
    code = code_of(Key(secret))
    assert key_of(code) == Key(secret)
    assert key_of(f"  {code.lower().replace('-', ' ')}\n") == Key(secret)
    assert key_of(code.replace("0", "O").replace("1", "l")) == Key(secret)


@given(st.integers(0, 55), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_sign_is_noticed(place, sign):
    signs = list(code_of(KEY).replace("-", ""))
    if signs[place] != sign:
        signs[place] = sign
        with pytest.raises(NotACode, match="slip"):
            key_of("".join(signs))


@pytest.mark.parametrize(("code", "why"), [("", "0 signs"), ("ABCD-12", "6 signs"), ("U!", "no ! U")])
def test_what_is_no_code_says_why(code, why):
    with pytest.raises(NotACode, match=why):
        key_of(code)
