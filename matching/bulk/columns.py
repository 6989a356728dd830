"""A file of people in columns, every field in the form it is compared in; no object a row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Final

import numpy as np

from matching.addresses import Address, parse_address, place_names
from matching.bulk.codes import CODES
from matching.bulk.encode_names import Names, encode_names
from matching.bulk.encode_numbers import (
    BOOL,
    I32,
    Numbers,
    day_code,
    encode_numbers,
    hashed_signs,
    is_day,
)
from matching.bulk.texts import U8, U64, Texts, code_points, hashes
from matching.compare import in_one_place
from matching.identity import Identity
from matching.people import FIELDS, SEXES, date_of
from matching.prepared import prepare

MOBILE: Final = 11
# What needs no reading: a mobile number that is no filler such as 13800000000.
MOBILE_NUMBER: Final = re.compile(r"(?!.*(\d)\1{7})1[3-9][0-9]{9}")
PARTS_OF: Final = attrgetter(*(one.name for one in fields(Address)))
RawColumns = Mapping[str, Sequence[str | None]]
"""Field → what each row writes; all of `matching.people.FIELDS`, equally long."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Places:
    """n addresses: hashes of all parts and of the names of the place; 0 where there is none.

    A road may stand for its estate: `place` and `also` are the names it can be found under.

    `itself` is the level (its place in `LEVELS`) of an address beside one with the same parts.
    """

    key: U64
    place: U64
    also: U64
    itself: U8


COMPARED: Final = (
    "name",
    "id_number",
    "birth_date",
    "sex",
    "address",
    "household_number",
    "phone",
    "employer",
)
# What `Columns.keys` holds in its columns, 0 where missing: the compared fields, and parts of them.
KEYS: Final = (*COMPARED, "place", "also", "year", "month_and_day")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Columns:
    """n people. Dates are yyyymmdd, 0 where missing; `sex` 0 unknown, 1 male, 2 female.

    The other texts are hashes, 0 where missing; `shown` holds the signs of numbers and phones.
    """

    texts: Mapping[str, Texts]
    names: Names
    numbers: Numbers
    born: I32
    born_in_number: BOOL
    born_written: BOOL
    sex: U8
    sex_in_number: BOOL
    sex_written: BOOL
    places: Places
    household: U64
    phone: U64
    shown: U64  # n × 3 × 2: signs to be compared byte by byte, and which of them are shown
    employer: U64
    keys: U64  # n × len(KEYS), to be compared all at once
    last_signs: U64  # order and check of a number, with the area: what masks usually show
    serial: U64  # birthday and order: what a slip in area or year leaves

    def __len__(self) -> int:
        return len(self.born)

    def raw(self, field: str, row: int) -> str | None:
        """What the row writes in a field."""
        return self.texts[field][row]


def _days(values: Sequence[str | None]) -> I32:
    """Dates as yyyymmdd; the ISO form at once, others one by one; 0 where none can be read."""
    points, lengths = code_points(values, 10)
    digits = points.astype(np.int64) - ord("0")
    iso = (lengths == 10) & (points[:, 4] == ord("-")) & (points[:, 7] == ord("-"))
    numeric = digits[:, [0, 1, 2, 3, 5, 6, 8, 9]]
    iso &= ((numeric >= 0) & (numeric <= 9)).all(axis=1)
    codes = np.where(iso, numeric @ 10 ** np.arange(7, -1, -1), 0).astype(np.int32)
    iso &= is_day(codes)
    codes[~iso] = 0
    for row in np.flatnonzero(~iso & (lengths > 0)).tolist():
        day = date_of(values[row] or "")
        if day is not None:
            codes[row] = day_code(day.year, day.month, day.day)
    return codes


def _sexes(values: Sequence[str | None]) -> U8:
    codes = {text: 1 if sex == "male" else 2 for text, sex in SEXES.items()}
    return np.array([codes.get((one or "").strip().lower(), 0) for one in values], dtype=np.uint8)


@dataclass(frozen=True, slots=True, repr=False)
class _Forms:
    """One address: all its parts as one text, the names of its place, its level beside itself."""

    parts: str
    names: tuple[str, ...]
    itself: int


@lru_cache(maxsize=1 << 16)
def _address_forms(raw: str) -> _Forms | None:
    """None: it names no place."""
    address = parse_address(raw)
    if address is None or address.place is None:
        return None
    names = sorted(f"{name}|{address.is_village}" for name in place_names(address))
    return _Forms(_parts(address), tuple(names), CODES[in_one_place(address, address)])


def _parts(address: Address) -> str:
    return "|".join("" if value is None else str(value) for value in PARTS_OF(address))


def _places(values: Sequence[str | None]) -> Places:
    forms = [_address_forms(one) if one else None for one in values]
    return Places(
        key=hashes([None if one is None else one.parts for one in forms]),
        place=hashes([one.names[0] if one and one.names else None for one in forms]),
        also=hashes([one.names[-1] if one and one.names else None for one in forms]),
        itself=np.array([0 if one is None else one.itself for one in forms], dtype=np.uint8),
    )


def _each_once(values: Sequence[str | None], form: Callable[[str], str | None]) -> list[str | None]:
    """The form of every value, worked out once a different value."""
    known: dict[str, str | None] = {}
    for value in values:
        if value and value not in known:
            known[value] = form(value)
    return [known[value] if value else None for value in values]


def _phone_form(raw: str) -> str | None:
    return raw if MOBILE_NUMBER.fullmatch(raw) else prepare(Identity(phone=raw)).phone


def _employer_form(raw: str) -> str | None:
    return prepare(Identity(employer=raw)).employer


def _household_form(raw: str) -> str | None:
    if raw.isdecimal() and raw.isascii():
        return raw
    return prepare(Identity(household_number=raw)).household_number


def _phones(values: Sequence[str | None]) -> tuple[U64, U8]:
    phones = _each_once(values, _phone_form)
    points, lengths = code_points(phones, MOBILE)
    plain = (lengths == MOBILE) & ((points >= ord("0")) & (points <= ord("9"))).all(axis=1)
    plain &= points[:, 0] == ord("1")  # 010-85612345 has as many digits and is no mobile number
    digits = np.where(plain[:, None], points, 0).astype(np.uint8)
    return hashes(phones), digits


def _shown(signs: U8, digits: U8) -> U64:
    """Eight bytes a word: birth block; order and check; the last digits of a mobile number.

    Beside each word one with all bits set where the byte is written and not hidden.
    """
    bytes_ = np.zeros((len(signs), 3, 8), dtype=np.uint8)
    bytes_[:, 0] = signs[:, 6:14]
    bytes_[:, 1, :4] = signs[:, 14:]
    bytes_[:, 2] = digits[:, -8:]
    masks = np.where((bytes_ == 0) | (bytes_ == ord("*")), 0, 0xFF).astype(np.uint8)
    return np.stack([bytes_.view(np.uint64)[:, :, 0], masks.view(np.uint64)[:, :, 0]], axis=2)


def encode(raw: RawColumns) -> Columns:
    """What the rows write, in columns; what cannot be read is missing, and nothing raises."""
    numbers = encode_numbers(raw["id_number"], raw["id_type"])
    born, sex = _days(raw["birth_date"]), _sexes(raw["sex"])
    phone, phone_digits = _phones(raw["phone"])
    signs = numbers.signs
    names, places = encode_names(raw["name"], raw["former_name"]), _places(raw["address"])
    household = hashes(_each_once(raw["household_number"], _household_form))
    employer = hashes(_each_once(raw["employer"], _employer_form))
    every_born = np.where(born != 0, born, numbers.born).astype(np.int32)
    every_sex = np.where(sex != 0, sex, numbers.sex).astype(np.uint8)
    hashed = (names.key, numbers.key, every_born, every_sex, places.key)
    days = (every_born // 10_000, every_born % 10_000)
    rest = (household, phone, employer, places.place, places.also, *days)
    return Columns(
        texts={field: Texts.of(raw[field]) for field in FIELDS},
        names=names,
        numbers=numbers,
        born=every_born,
        born_in_number=(numbers.born != 0) & ((born == 0) | (born == numbers.born)),
        born_written=born != 0,
        sex=every_sex,
        sex_written=sex != 0,
        sex_in_number=(numbers.sex != 0) & ((sex == 0) | (sex == numbers.sex)),
        places=places,
        household=household,
        phone=phone,
        shown=_shown(signs, phone_digits),
        employer=employer,
        keys=np.stack([one.astype(np.uint64) for one in (*hashed, *rest)], axis=1),
        last_signs=hashed_signs(np.concatenate([signs[:, :6], signs[:, 14:18]], axis=1)),
        serial=hashed_signs(signs[:, 10:17]),
    )
