"""While index keys rotate: what stands under an older index of somebody comes to the newest.

Whoever writes under a person's or household's index moves what is there along, in the same
transaction: rows that are counted or compared with each other stand under one index at every time.
"""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from app.domain.household import VerificationRequest
from app.store.crypto import FieldCipher
from app.store.crypto.keyring import HOUSEHOLD, PERSON
from app.store.indexes import household_indexes, number_of, person_keys
from app.store.tables import verification
from app.store.tables_facts import case_household, case_person, decision_fact
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
_PERSONS: Final = _move(case_person, "person_key")


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
    if households:
        for statement in _HOUSEHOLDS:
            tx.execute(statement, [{"old": old, "new": new} for old, new in households])
        counted = [{"old": number_of(old), "new": number_of(new)} for old, new in households]
        tx.execute(_COUNTED, counted)
    if persons:
        tx.execute(_PERSONS, [{"old": old, "new": new} for old, new in persons])
