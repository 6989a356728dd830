"""Whose cases are out of whose reach 回避, and at whom every look is told of: keyed numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.domain.household import Person
from app.store.base import in_region, storable, upsert
from app.store.case_persons import CasePersons
from app.store.crypto import Cell, FieldCipher
from app.store.tables_facts import case_person
from app.store.tables_looks import case_address, protected_person, staff_relation

_RELATION: Final = staff_relation.c
_PROTECTED: Final = protected_person.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRelation:
    """A relation of a member of staff; `told` is JSON of whom and which home."""

    id: str
    region: str
    staff_id: str
    kind: str
    told: bytes = field(repr=False)
    registered_by: str
    registered_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Under which keyed numbers persons and homes stand."""

    persons: frozenset[int] = frozenset()
    homes: frozenset[int] = frozenset()


class CaseHomes:
    """Homes of verifications, by keyed number of 64 bits."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def key_of(self, home: str) -> int:
        index = self._cipher.blind("case_address.address_key", home)
        return int.from_bytes(index[:8], signed=True)

    def add(self, tx: sa.Connection, case: tuple[str, str], homes: Iterable[str]) -> None:
        """Of a verification (id and region); again: nothing more."""
        id_, region = case
        rows = [
            {"verification_id": id_, "region": region, "address_key": key}
            for key in sorted({self.key_of(home) for home in homes})
        ]
        if rows:
            tx.execute(upsert(tx, case_address).on_conflict_do_nothing(), rows)


class Relations:
    """Queries over relations; they end, and are never taken away."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._persons = CasePersons(cipher)
        self._homes = CaseHomes(cipher)

    def add(
        self, tx: sa.Connection, new: StoredRelation, persons: Sequence[Person], home: str | None
    ) -> None:
        """`persons`: the one person under each written form of the number (at most two)."""
        keys = [*map(self._persons.key_of, persons), None, None]
        values: dict[str, Any] = {name: getattr(new, name) for name in _PLAIN}
        values |= {
            "person_key": keys[0],
            "other_person_key": keys[1],
            "address_key": None if home is None else self._homes.key_of(home),
            "sealed_relation": self._cipher.seal(_cell(new.id), new.told),
        }
        tx.execute(staff_relation.insert(), values)

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> StoredRelation:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        row = None
        if storable(id_):
            where = (_RELATION.id == id_, in_region(_RELATION.region, region))
            row = tx.execute(sa.select(staff_relation).where(*where)).one_or_none()
        if row is None:
            raise NotFound("no such relation")
        return self._opened(row)

    def of_staff(self, tx: sa.Connection, staff_id: str) -> list[StoredRelation]:
        """Those that hold, the oldest first."""
        query = sa.select(staff_relation).where(
            _RELATION.staff_id == staff_id, _RELATION.ended_at.is_(None)
        )
        return [self._opened(row) for row in tx.execute(query.order_by(_RELATION.id))]

    def keys_of(self, tx: sa.Connection, staff_id: str) -> Keys:
        """Under which numbers those persons and homes stand in cases."""
        rows = tx.execute(
            sa.select(
                _RELATION.person_key, _RELATION.other_person_key, _RELATION.address_key
            ).where(_RELATION.staff_id == staff_id, _RELATION.ended_at.is_(None))
        ).all()
        persons = {key for row in rows for key in (row.person_key, row.other_person_key)}
        return Keys(
            persons=frozenset(persons - {None}),
            homes=frozenset({row.address_key for row in rows} - {None}),
        )

    def end(self, tx: sa.Connection, id_: str, *, by: str, now: datetime) -> bool:
        """False where it has ended already."""
        done = tx.execute(
            staff_relation.update()
            .where(_RELATION.id == id_, _RELATION.ended_at.is_(None))
            .values(ended_at=now, ended_by=by)
        )
        return bool(done.rowcount == 1)

    def _opened(self, row: Any) -> StoredRelation:
        told = self._cipher.open(_cell(row.id), row.sealed_relation)
        return StoredRelation(told=told, **{name: getattr(row, name) for name in _PLAIN})


_PLAIN: Final = tuple(name for name in StoredRelation.__slots__ if name != "told")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedPerson:
    """A person at whom every look is told of; `told` is JSON of who it is and why."""

    id: str
    region: str
    told: bytes = field(repr=False)
    added_by: str
    added_at: datetime


class ProtectedPersons:
    """The list of them, as keyed numbers."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._persons = CasePersons(cipher)

    def add(self, tx: sa.Connection, new: ProtectedPerson, persons: Sequence[Person]) -> None:
        """`persons`: the one person under each written form of the number (one or two)."""
        keys = [*map(self._persons.key_of, persons), None]
        sealed = self._cipher.seal(Cell("protected_person", "sealed_person", new.id), new.told)
        tx.execute(
            protected_person.insert(),
            {
                "id": new.id,
                "region": new.region,
                "person_key": keys[0],
                "other_person_key": keys[1],
                "sealed_person": sealed,
                "added_by": new.added_by,
                "added_at": new.added_at,
            },
        )

    def end(self, tx: sa.Connection, id_: str, *, region: str, now: datetime) -> None:
        """Raises `NotFound` where there is none (any more) in the region."""
        where = (_PROTECTED.id == id_, in_region(_PROTECTED.region, region))
        done = None
        if storable(id_):
            still = (*where, _PROTECTED.ended_at.is_(None))
            done = tx.execute(protected_person.update().where(*still).values(ended_at=now))
        if done is None or done.rowcount != 1:
            raise NotFound("no such protected person")

    def among(self, tx: sa.Connection, verification_ids: Sequence[str]) -> set[str]:
        """Those of the verifications in which a protected person stands."""
        query = (
            sa.select(case_person.c.verification_id)
            .join(
                protected_person,
                sa.or_(
                    case_person.c.person_key == _PROTECTED.person_key,
                    case_person.c.person_key == _PROTECTED.other_person_key,
                ),
            )
            .where(
                case_person.c.verification_id.in_(list(verification_ids)),
                _PROTECTED.ended_at.is_(None),
            )
        )
        return {row.verification_id for row in tx.execute(query)}


def _cell(id_: str) -> Cell:
    return Cell("staff_relation", "sealed_relation", id_)
