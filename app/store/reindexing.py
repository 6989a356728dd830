"""Pages of a rotation: blind indexes made anew, from what they are of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.domain.errors import Undecipherable
from app.domain.household import IdType, Person, Relationship, VerificationRequest
from app.store.crypto import Cell, FieldCipher
from app.store.crypto.keyring import HOUSEHOLD, PERSON, RECIPIENT, RECIPIENT_PERSON, REPORT_CODE
from app.store.index_moves import move_persons
from app.store.indexes import (
    household_indexes,
    number_of,
    person_keys,
    receiving,
    receiving_households,
)
from app.store.rekeying import CipherOf, Page, page_of, wait_briefly
from app.store.reports import Reports
from app.store.tables import report, verification
from app.store.tables_facts import case_household, case_person, decision_fact
from app.store.tables_looks import protected_person, staff_relation
from app.store.tables_relief import recipient, recipient_person, snapshot

_REQUEST: Final = TypeAdapter(VerificationRequest)
_TOGETHER: Final = 1_000
"""Verifications of one household that come to its new index in one transaction, at most."""


@dataclass(frozen=True, slots=True)
class Indexing:
    """With what indexes are made, and what opens the rows that they are of."""

    cipher: FieldCipher
    cipher_of: CipherOf


@dataclass(frozen=True, slots=True)
class _Named:
    """Of whom a row tells: the document alone."""

    id_type: IdType
    id_number: str = field(repr=False)

    @property
    def person(self) -> Person:
        return Person(
            ref="",
            name="",
            id_type=self.id_type,
            id_number=self.id_number,
            relationship=Relationship.OTHER,
        )


_NAMED: Final = TypeAdapter(_Named)


@dataclass(frozen=True, slots=True)
class IndexWork:
    """Indexes that are made anew together, table by table."""

    name: str
    columns: tuple[str, ...]
    page: Callable[[sa.Connection, str, Indexing, int], Page]


def households(tx: sa.Connection, after: str, given: Indexing, limit: int) -> Page:
    """Of verifications: whatever stands under their household's and their persons' indexes."""
    wait_briefly(tx)
    rows, position = page_of(tx, verification, after, limit)
    rows = _with_their_like(tx, rows)
    requests, broken = _requests(tx, verification, rows, given)
    wanted = {id_: household_indexes(given.cipher, one)[0] for id_, one in requests.items()}
    changed = _put_right(tx, verification, "id", "household_index", wanted)
    for table in (decision_fact, snapshot):
        changed += _put_right(tx, table, "verification_id", "household_index", wanted)
    numbers = {id_: number_of(index) for id_, index in wanted.items()}
    changed += _put_right(tx, case_household, "verification_id", "household_key", numbers)
    return Page(position, changed + _persons(tx, requests, given), broken)


def _with_their_like(
    tx: sa.Connection, rows: Sequence["sa.RowMapping"]
) -> Sequence["sa.RowMapping"]:
    """With all of the same index: those of one household change at once."""
    here = {bytes(row["household_index"]) for row in rows}
    query = sa.select(verification).where(verification.c.household_index.in_(here))
    more = tx.execute(query.limit(_TOGETHER)).mappings().all()
    return list({row["id"]: row for row in (*rows, *more)}.values())


def _put_right(
    tx: sa.Connection, table: sa.Table, key: str, column: str, wanted: Mapping[str, Any]
) -> int:
    """Rows of these keys with another value; gives how many keys there were of such."""
    of, where = table.c[column], table.c[key]
    found = tx.execute(sa.select(where, of).where(where.in_(sorted(wanted))).distinct())
    changes = [
        {"of": id_, "new": wanted[id_]} for id_, value in found if _plain(value) != wanted[id_]
    ]
    if changes:
        here = where == sa.bindparam("of", type_=where.type)
        new = sa.bindparam("new", type_=of.type)
        tx.execute(table.update().where(here).values({column: new}), changes)
    return len(changes)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else bytes(value)


def _persons(
    tx: sa.Connection, requests: Mapping[str, VerificationRequest], given: Indexing
) -> int:
    """By what stands there: one person's rows in all cases change at once."""
    of = case_person.c
    wanted = {
        (id_, person.ref): person_keys(given.cipher, person)[0]
        for id_, request in requests.items()
        for person in request.household.persons
    }
    rows = tx.execute(
        sa.select(of.verification_id, of.ref, of.person_key).where(
            of.verification_id.in_(sorted(requests))
        )
    )
    moves = {key: wanted[id_, ref] for id_, ref, key in rows if wanted.get((id_, ref), key) != key}
    move_persons(tx, moves)
    return len(moves)


def _move(tx: sa.Connection, column: "sa.Column[Any]", moves: Mapping[Any, Any]) -> None:
    if moves:
        old = column == sa.bindparam("old", type_=column.type)
        new = sa.bindparam("new", type_=column.type)
        statement = sa.update(column.table).where(old).values({column.name: new})
        tx.execute(statement, [{"old": one, "new": moves[one]} for one in sorted(moves)])


def recipients(tx: sa.Connection, after: str, given: Indexing, limit: int) -> Page:
    """Of households that receive relief: their own, and those of all their members.

    Who left before the household's last roster stands in no request any more: the index that he or
    she has stays, and the key that made it.
    """
    wait_briefly(tx)
    rows, position = page_of(tx, recipient, after, limit)
    requests, broken = _requests(tx, recipient, rows, given)
    cipher = given.cipher
    wanted = {id_: receiving_households(cipher, one)[0] for id_, one in requests.items()}
    changed = _put_right(tx, recipient, "id", "household_index", wanted)
    moves = {
        old: new
        for one in requests.values()
        for member in one.household.members
        for new, *older in (receiving(cipher, member),)
        for old in older
    }
    there = sa.select(recipient_person.c.person_index).where(
        recipient_person.c.person_index.in_(sorted(moves))
    )
    found: set[bytes] = set(map(bytes, tx.execute(there).scalars()))
    _move(tx, recipient_person.c.person_index, {old: moves[old] for old in found})
    return Page(position, changed + len(found), broken)


def relations(tx: sa.Connection, after: str, given: Indexing, limit: int) -> Page:
    """Of those whose cases are out of a member of staff's reach."""
    return _named(tx, (staff_relation, "sealed_relation"), after, (given, limit))


def protected(tx: sa.Connection, after: str, given: Indexing, limit: int) -> Page:
    """Of those at whom every look is told of."""
    return _named(tx, (protected_person, "sealed_person"), after, (given, limit))


def _named(
    tx: sa.Connection, of: tuple[sa.Table, str], after: str, how: tuple[Indexing, int]
) -> Page:
    """Rows that tell one person's number, and key it under each form in which it may be written."""
    wait_briefly(tx)
    (table, column), (given, limit) = of, how
    rows, position = page_of(tx, table, after, limit)
    changed = broken = 0
    for row, cipher in zip(rows, given.cipher_of(tx, table.name, rows), strict=True):
        if cipher is None or not row[column] or row["person_key"] is None:
            continue
        try:
            told = _NAMED.validate_json(
                cipher.open(Cell(table.name, column, row["id"]), row[column])
            )
        except Undecipherable:
            broken += 1
            continue
        new = person_keys(given.cipher, told.person)[0]
        other = None if row["other_person_key"] is None else new
        if (row["person_key"], row["other_person_key"]) != (new, other):
            values = {"person_key": new, "other_person_key": other}
            tx.execute(table.update().where(table.c.id == row["id"]).values(values))
            changed += 1
    return Page(position, changed, broken)


def reports(tx: sa.Connection, after: str, given: Indexing, limit: int) -> Page:
    """Of the codes that reports are checked with."""
    wait_briefly(tx)
    rows, position = page_of(tx, report, after, limit)
    stored, changed, broken = Reports(given.cipher), 0, 0
    for row, cipher in zip(rows, given.cipher_of(tx, report.name, rows), strict=True):
        if cipher is None or not row["sealed_code"]:
            continue
        cell = Cell(report.name, "sealed_code", f"{row['number']}/{row['version']}")
        try:
            new = stored.code_index(cipher.open(cell, bytes(row["sealed_code"])).decode())
        except Undecipherable:
            broken += 1
            continue
        if bytes(row["code_hash"]) != new:
            here = (report.c.number == row["number"], report.c.version == row["version"])
            tx.execute(report.update().where(*here).values(code_hash=new))
            changed += 1
    return Page(position, changed, broken)


def _requests(
    tx: sa.Connection, table: sa.Table, rows: Sequence["sa.RowMapping"], given: Indexing
) -> tuple[dict[str, VerificationRequest], int]:
    """By id, and how many did not open; those that nothing opens any more are in neither."""
    opened, broken = {}, 0
    for row, cipher in zip(rows, given.cipher_of(tx, table.name, rows), strict=True):
        if cipher is None or not row["sealed_request"]:
            continue
        cell = Cell(table.name, "sealed_request", row["id"])
        try:
            text = cipher.open(cell, bytes(row["sealed_request"]))
        except Undecipherable:
            broken += 1
            continue
        opened[row["id"]] = _REQUEST.validate_json(text)
    return opened, broken


WORKS: Final = (
    IndexWork("index:households", (HOUSEHOLD, PERSON), households),
    IndexWork("index:relations", (PERSON,), relations),
    IndexWork("index:protected", (PERSON,), protected),
    IndexWork("index:recipients", (RECIPIENT, RECIPIENT_PERSON), recipients),
    IndexWork("index:reports", (REPORT_CODE,), reports),
)


def stands_still(tx: sa.Connection, column: str, until: Any) -> bool:
    """Whether rows stay under the column's older keys: of those who left a household by then."""
    if column != RECIPIENT_PERSON:
        return False
    of = recipient_person.c
    query = sa.select(of.recipient_id).where(of.until_at.is_not(None), of.from_at <= until)
    return tx.execute(query.limit(1)).first() is not None
