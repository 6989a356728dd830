"""One row of a roster to one member: what is written in its cells, or why it cannot be taken."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.batch.roster.columns import COLUMNS
from app.batch.roster.values import (
    day_of,
    id_type_of,
    relationship_of,
    words_of,
    yes_or_no,
    yuan_of,
)
from app.domain.household import IdType, Member, Relationship
from matching.idnumber import NumberKind, parse_number

_REF: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_SOURCE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REGION: Final = re.compile(r"[0-9]{4,12}")
_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")
_LIMITS: Final = (
    ("case_reference", 100),
    ("name", 100),
    ("id_number", 40),
    ("consent_reference", 100),
    ("address", 300),
)
_PLACE: Final = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row is rejected; `detail` holds no value of the row."""

    row: int
    column: str
    code: str
    detail: str = ""


@dataclass(slots=True)
class Row:
    """A row as the child hands it on: its number, its cells in the order of COLUMNS."""

    number: int
    cells: list[str]
    errors: list[RowError]

    def __getitem__(self, column: str) -> str:
        """Blank where the row was read before there was such a column."""
        place = _PLACE[column]
        return self.cells[place] if place < len(self.cells) else ""

    def reject(self, column: str, code: str) -> None:
        self.errors.append(RowError(self.number, column, code))


@dataclass(frozen=True, slots=True)
class Person:
    """What a row says of one person, checked."""

    row: Row
    ref: str
    id_type: IdType
    id_number: str
    relationship: Relationship
    birth_date: date | None
    in_school: bool
    valid_until: date | None
    sources: tuple[str, ...] | None
    monthly_income: Decimal | None
    registered_region: str | None

    def member(self, household_address: str) -> Member:
        own = self.row["address"]
        return Member(
            ref=self.ref,
            name=self.row["name"],
            id_type=self.id_type,
            id_number=self.id_number,
            relationship=self.relationship,
            birth_date=self.birth_date,
            address=own if own and own != household_address else None,
            in_school=self.in_school,
            registered_region=self.registered_region,
        )


def read_person(row: Row, index: int) -> Person:
    """The `index`-th person of a household, from 0; what is wrong stands in the row's errors."""
    for column, most in _LIMITS:
        if len(row[column]) > most:
            row.reject(column, f"{column}.too_long")
    if not row["name"]:
        row.reject("name", "name.missing")
    ref = row["ref"] or f"m{index + 1}"
    if _REF.fullmatch(ref) is None:
        row.reject("ref", "ref.invalid")
    id_type, id_number = _document(row)
    in_school = yes_or_no(row["in_school"])
    if in_school is None:
        row.reject("in_school", "in_school.invalid")
    return Person(
        row=row,
        ref=ref,
        id_type=id_type,
        id_number=id_number,
        relationship=_relationship(row, index),
        birth_date=_day(row, "birth_date"),
        in_school=bool(in_school),
        valid_until=_valid_until(row),
        sources=_sources(row),
        monthly_income=_income(row),
        registered_region=_registered_region(row),
    )


def _document(row: Row) -> tuple[IdType, str]:
    """Without a kind, a number that is a resident's says it; anything else must be told."""
    written, number = row["id_type"], row["id_number"].replace(" ", "").upper()
    kind = id_type_of(written) if written else None
    if written and kind is None:
        row.reject("id_type", "id_type.unknown")
        return IdType.NONE, ""
    if kind is None and _is_resident_number(number):
        return IdType.RESIDENT_ID, number
    if kind is None:
        row.reject("id_type", "id_type.missing")
        return IdType.NONE, ""
    if kind is IdType.NONE and number:
        row.reject("id_number", "id_number.not_expected")
    elif kind is not IdType.NONE and not number:
        row.reject("id_number", "id_number.missing")
    elif kind is IdType.RESIDENT_ID and not _is_resident_number(number):
        row.reject("id_number", _why_not(number))
    elif not number.isascii():
        row.reject("id_number", "id_number.invalid")
    return kind, number


def _is_resident_number(number: str) -> bool:
    return _NUMBER.fullmatch(number) is not None and parse_number(number).is_valid


def _why_not(number: str) -> str:
    """18 digits that end in zeros and do not check have been a number in a spreadsheet."""
    rounded = number.isdigit() and parse_number(number).kind is NumberKind.MASKED
    return "id_number.lost_digits" if rounded else "id_number.invalid"


def _relationship(row: Row, index: int) -> Relationship:
    written = row["relationship"]
    known = relationship_of(written)
    if known is not None:
        return known
    if not written and index == 0:
        return Relationship.HEAD
    row.reject("relationship", "relationship.unknown" if written else "relationship.missing")
    return Relationship.OTHER


def _day(row: Row, column: str) -> date | None:
    written = row[column]
    day = day_of(written) if written else None
    if written and day is None:
        row.reject(column, f"{column}.invalid")
    return day


def _valid_until(row: Row) -> date | None:
    """Only of those who signed: without a reference there is no consent."""
    if not row["consent_reference"]:
        return None
    if not row["consent_valid_until"]:
        row.reject("consent_valid_until", "consent_valid_until.missing")
    return _day(row, "consent_valid_until")


def _registered_region(row: Row) -> str | None:
    """A city at least; None: in the household's own."""
    written = row["registered_region"]
    if written and _REGION.fullmatch(written) is None:
        row.reject("registered_region", "registered_region.invalid")
        return None
    return written or None


def _sources(row: Row) -> tuple[str, ...] | None:
    """Those that the consent covers; None: all."""
    written = words_of(row["consent_sources"])
    if any(_SOURCE.fullmatch(one) is None for one in written):
        row.reject("consent_sources", "consent_sources.unknown")
    return tuple(dict.fromkeys(written)) or None


def _income(row: Row) -> Decimal | None:
    written = row["declared_monthly_income"]
    amount = yuan_of(written) if written else None
    if written and amount is None:
        row.reject("declared_monthly_income", "declared_monthly_income.invalid")
    return amount
