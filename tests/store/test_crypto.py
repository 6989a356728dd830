"""Sealed fields open where they were sealed, with the key that sealed them, and nowhere else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ConfigurationError, Undecipherable
from app.store.crypto import Cell, FieldCipher, derive
from app.store.crypto.suites import AES_256_GCM, SM4_GCM, Suite
from app.store.sealed_columns import sealed_tables
from tests.service_parts import HEAD
from tests.store.crypto_parts import BOTH, a_cipher, a_field_key

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
CELL = Cell("verification", "sealed_request", "vf_1")
SECRET, OTHER_SECRET = bytes(range(2, 34)), bytes(range(3, 35))
EITHER = pytest.mark.parametrize("suite", BOTH, ids=lambda one: one.name)


def ciphers(suite: Suite) -> Iterator[FieldCipher]:
    """The plain one, and a subject's own."""
    yield a_cipher(suite)
    yield a_cipher(suite).of(SECRET)


@EITHER
@given(st.binary(max_size=200))
def test_what_was_sealed_opens(suite: Suite, value: bytes) -> None:
    for cipher in ciphers(suite):
        sealed = cipher.seal(CELL, value)
        assert cipher.open(CELL, sealed) == value
        assert sealed[:4].hex() == cipher.key_id


@EITHER
@given(st.lists(st.binary(max_size=30), max_size=5))
def test_many_at_once_are_as_one_by_one(suite: Suite, values: list[bytes]) -> None:
    column, rows = ("verification", "sealed_request"), [f"vf_{n}" for n in range(len(values))]
    for cipher in ciphers(suite):
        sealed = cipher.seal_many(column, rows, values)
        assert cipher.open_many(column, rows, sealed) == values
        cells = [Cell(*column, row) for row in rows]
        assert [cipher.open(*pair) for pair in zip(cells, sealed, strict=True)] == values


def _places() -> list[Cell]:
    return [Cell(one.name, name, "1") for one in sealed_tables() for name in one.columns]


@pytest.mark.promise(21)
@EITHER
@pytest.mark.parametrize("place", _places(), ids=lambda one: f"{one.table}.{one.column}")
def test_a_cell_moved_elsewhere_does_not_open(suite: Suite, place: Cell) -> None:
    """From every sealed column of the metadata to every other one, and to another row.

    Planted: `Cell.associated` left out the column: the cells of `reply` and `outbox` opened in each
    other's places. Planted: without the row, all cells opened in another row.
    """
    elsewhere = [one for one in _places() if one != place]
    elsewhere += [replace(place, row="2"), replace(place, row="1/2"), replace(place, row="")]
    for cipher in ciphers(suite):
        sealed = cipher.seal(place, b"secret")
        assert cipher.open(place, sealed) == b"secret"
        for other in elsewhere:
            with pytest.raises(Undecipherable):
                cipher.open(other, sealed)
            with pytest.raises(Undecipherable):
                cipher.open_many((other.table, other.column), [other.row], [sealed])


@EITHER
def test_names_that_run_together_are_not_one_place(suite: Suite) -> None:
    joined, sealed = Cell("verification", "sealed_request\x1fvf_1", ""), b"secret"
    sealed = a_cipher(suite).seal(CELL, sealed)
    with pytest.raises(Undecipherable):
        a_cipher(suite).open(joined, sealed)


@EITHER
def test_another_key_is_refused_by_its_id(suite: Suite) -> None:
    sealed = a_cipher(suite).seal(CELL, b"secret")
    with pytest.raises(Undecipherable, match="sealed with key"):
        a_cipher(suite, b"another").open(CELL, sealed)


@pytest.mark.promise(22)
@pytest.mark.parametrize(("old", "new"), [(a, b) for a in BOTH for b in BOTH])
def test_fields_of_an_older_key_open_beside_new_ones(old: Suite, new: Suite) -> None:
    """Suites mixed, too: the key id says which.

    Planted: `Keyring.of` put the retired keys under the active one's suite: two of four failed.
    """
    before = a_cipher(old, b"old")
    now = a_cipher(new, b"new", a_field_key(old, b"old"))
    for ours, theirs in ((before, now), (before.of(SECRET), now.of(SECRET))):
        sealed = ours.seal(CELL, b"secret")
        assert theirs.open(CELL, sealed) == b"secret"
        assert theirs.seal(CELL, b"secret")[:4] != sealed[:4]


@EITHER
def test_what_is_a_subjects_opens_with_its_secret_alone(suite: Suite) -> None:
    plain = a_cipher(suite)
    sealed = plain.of(SECRET).seal(CELL, b"secret")
    for other in (plain, plain.of(OTHER_SECRET)):
        with pytest.raises(Undecipherable):
            other.open(CELL, sealed)
    assert plain.of(SECRET).open(CELL, plain.seal(CELL, b"of before")) == b"of before"


@EITHER
@given(st.integers(0, 1000), st.integers(1, 255))
def test_every_changed_byte_is_found(suite: Suite, place: int, by: int) -> None:
    cipher = a_cipher(suite)
    sealed = bytearray(cipher.seal(CELL, HEAD.encode()))
    sealed[place % len(sealed)] ^= by
    with pytest.raises(Undecipherable) as refusal:
        cipher.open(CELL, bytes(sealed))
    assert HEAD not in str(refusal.value)


@EITHER
@pytest.mark.parametrize("length", [0, 3, 4, 10, 16, 31])
def test_a_cut_cell_does_not_open(suite: Suite, length: int) -> None:
    cipher = a_cipher(suite)
    with pytest.raises(Undecipherable):
        cipher.open(CELL, cipher.seal(CELL, b"secret")[:length])


@pytest.mark.promise(21)
@EITHER
def test_equal_values_are_sealed_differently(suite: Suite) -> None:
    """Planted: the nonce was made from the row: one value, not 400."""
    cipher = a_cipher(suite)
    sealed = {cipher.seal(CELL, b"the same") for _ in range(200)}
    rows = ["vf_1"] * 200
    sealed |= set(cipher.seal_many(("verification", "sealed_request"), rows, [b"the same"] * 200))
    assert len(sealed) == 400


@EITHER
def test_a_blind_index_is_keyed_and_one_a_column(suite: Suite) -> None:
    cipher, other = a_cipher(suite), a_cipher(suite, b"another")
    index = cipher.blind("verification.household_index", HEAD)
    assert index == cipher.blind("verification.household_index", HEAD)
    assert len(index) == 32
    assert index != cipher.blind("report.code_hash", HEAD)
    assert index != cipher.blind("idempotency.body_index", HEAD)
    assert index != other.blind("verification.household_index", HEAD)


def test_no_repr_shows_a_key() -> None:
    key = a_field_key(SM4_GCM)
    assert key.key.hex() not in repr(key)
    assert repr(key.key) not in repr(key)


def test_keys_of_different_purposes_differ() -> None:
    purposes = ("field encryption", "blind index", "access tokens", "audit trail", "notices cl_1")
    assert len({derive(KEY, purpose) for purpose in purposes}) == len(purposes)


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(ConfigurationError):
        FieldCipher(key)


def hexadecimal(*parts: str) -> bytes:
    return bytes.fromhex("".join(parts))


@pytest.mark.promise(22)
def test_sm4_gcm_is_that_of_rfc_8998() -> None:
    """Appendix A.1; SM4 and SM3 alone as in GB/T 32907 and GB/T 32905.

    Planted: the tag stood before the text: other bytes than the standard's.
    """
    key = hexadecimal("0123456789abcdeffedcba9876543210")
    block = Cipher(SM4(key), ECB()).encryptor()  # noqa: S305 - one block, to be compared
    assert block.update(key).hex() == "681edf34d206965e86b3e94f536e4246"
    digest = Hash(SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    nonce = hexadecimal("00001234567800000000abcd")
    text = hexadecimal("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd")
    text += hexadecimal("eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa")
    about = hexadecimal("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = SM4_GCM.aead(key).encrypt(nonce, text, about)
    assert sealed == hexadecimal(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735",
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
        "83de3541e4c2b58177e065a9bf7b62ec",
    )
    assert SM4_GCM.aead(key).decrypt(nonce, sealed, about) == text


@pytest.mark.promise(22)
def test_hmac_sm3_is_that_of_gm_t_0042() -> None:
    """Planted: HMAC-SHA256 in the SM suite: other bytes than the standard's."""
    key = bytes(range(1, 33))
    words = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2
    assert SM4_GCM.mac(key, words).hex() == (
        "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a"
    )
    assert AES_256_GCM.mac(key, words) != SM4_GCM.mac(key, words)
