"""While index keys rotate: what stands under an older index of somebody comes to the newest.

Whoever writes under a person's or household's index moves what is there along, in the same
transaction: rows that are counted or compared with each other stand under one index at every time.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from app.domain.household import VerificationRequest
from app.store.crypto import FieldCipher
from app.store.crypto.keyring import HOUSEHOLD, PERSON
from app.store.indexes import household_indexes, number_of, person_keys
from app.store.scope import Crossing, across_in
from app.store.tables import verification
from app.store.tables_assistance import assistance
from app.store.tables_dci_later import dci_subscription_key
from app.store.tables_facts import case_household, case_person, decision_fact
from app.store.tables_looks import protected_person, staff_relation
from app.store.tables_relief import snapshot


def _move(table: sa.Table, column: str) -> sa.Update:
    of = table.c[column]
    return (
        table.update()
        .where(of == sa.bindparam("old", type_=of.type))
        .values({column: sa.bindparam("new", type_=of.type)})
    )


_HOUSEHOLDS: Final = tuple(
    _move(table, "household_index") for table in (verification, decision_fact, snapshot)
)
_COUNTED: Final = _move(case_household, "household_key")
PERSON_COLUMNS: Final = (
    case_person.c.person_key,
    staff_relation.c.person_key,
    staff_relation.c.other_person_key,
    protected_person.c.person_key,
    protected_person.c.other_person_key,
    assistance.c.person_key,
    dci_subscription_key.c.person_key,
)
"""Wherever a person's keyed number stands: they are compared with each other."""
_PERSONS: Final = tuple(_move(column.table, column.name) for column in PERSON_COLUMNS)


def move_persons(tx: sa.Connection, moves: Mapping[int, int]) -> None:
    """From older keyed numbers to newer ones, wherever they stand."""
    if moves:
        for statement in _PERSONS:
            tx.execute(statement, [{"old": old, "new": moves[old]} for old in sorted(moves)])


def move_along(
    tx: sa.Connection, cipher: FieldCipher, requests: Iterable[VerificationRequest]
) -> None:
    """All rows of these households and persons; nothing to do while no key rotates."""
    some = list(requests) if cipher.is_rotating(HOUSEHOLD) or cipher.is_rotating(PERSON) else []
    households = sorted(
        {
            (old, new)
            for request in some
            for new, *older in [household_indexes(cipher, request)]
            for old in older
        }
    )
    persons = sorted(
        {
            (old, new)
            for request in some
            for person in request.household.persons
            for new, *older in [person_keys(cipher, person)]
            for old in older
        }
    )
    if not households and not persons:
        return
    with across_in(tx, Crossing.KEYS):
        if households:
            for statement in _HOUSEHOLDS:
                tx.execute(statement, [{"old": old, "new": new} for old, new in households])
            counted = [{"old": number_of(old), "new": number_of(new)} for old, new in households]
            tx.execute(_COUNTED, counted)
        if persons:
            move_persons(tx, dict(persons))
