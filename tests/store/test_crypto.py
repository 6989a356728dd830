"""Sealed fields open where they were sealed, with the key that sealed them, and nowhere else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import ConfigurationError, Undecipherable
from app.store.crypto import Cell, FieldCipher, derive
from tests.service_parts import HEAD

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
CELL = Cell("verification", "sealed_request", "vf_1")


@given(st.binary(max_size=200))
def test_what_was_sealed_opens(value: bytes) -> None:
    cipher = FieldCipher(KEY)
    assert cipher.open(CELL, cipher.seal(CELL, value)) == value


@pytest.mark.parametrize(
    "place",
    [
        replace(CELL, table="outbox"),
        replace(CELL, column="sealed_body"),
        replace(CELL, row="vf_2"),
        Cell("verification", "sealed_request\x1fvf_1", ""),
    ],
)
def test_a_cell_moved_elsewhere_does_not_open(place: Cell) -> None:
    cipher = FieldCipher(KEY)
    with pytest.raises(Undecipherable):
        cipher.open(place, cipher.seal(CELL, b"secret"))


def test_another_key_is_refused_by_its_id() -> None:
    sealed = FieldCipher(KEY).seal(CELL, b"secret")
    with pytest.raises(Undecipherable, match="sealed with key"):
        FieldCipher(OTHER_KEY).open(CELL, sealed)


@given(st.integers(0, 1000), st.integers(1, 255))
def test_every_changed_byte_is_found(place: int, by: int) -> None:
    cipher = FieldCipher(KEY)
    sealed = bytearray(cipher.seal(CELL, HEAD.encode()))
    sealed[place % len(sealed)] ^= by
    with pytest.raises(Undecipherable) as refusal:
        cipher.open(CELL, bytes(sealed))
    assert HEAD not in str(refusal.value)


@pytest.mark.parametrize("length", [0, 3, 4, 10, 16, 31])
def test_a_cut_cell_does_not_open(length: int) -> None:
    cipher = FieldCipher(KEY)
    with pytest.raises(Undecipherable):
        cipher.open(CELL, cipher.seal(CELL, b"secret")[:length])


def test_equal_values_are_sealed_differently() -> None:
    cipher = FieldCipher(KEY)
    assert len({cipher.seal(CELL, b"the same") for _ in range(200)}) == 200


def test_a_blind_index_is_keyed_and_one_a_column() -> None:
    cipher, other = FieldCipher(KEY), FieldCipher(OTHER_KEY)
    index = cipher.blind("verification.household_index", HEAD)
    assert index == cipher.blind("verification.household_index", HEAD)
    assert index != cipher.blind("report.code_hash", HEAD)
    assert index != other.blind("verification.household_index", HEAD)


def test_keys_of_different_purposes_differ() -> None:
    purposes = ("field encryption", "blind index", "access tokens", "audit trail", "notices cl_1")
    assert len({derive(KEY, purpose) for purpose in purposes}) == len(purposes)


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(ConfigurationError):
        FieldCipher(key)
