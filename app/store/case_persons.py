"""Who was asked about in which verification, so that persons and households are counted once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.domain.household import Member, Person, VerificationRequest
from app.store.crypto import FieldCipher
from app.store.index_moves import move_along
from app.store.indexes import number_of, person_keys
from app.store.tables_facts import case_household, case_person

_ADD_HOUSEHOLD: Final = case_household.insert()
_ADD_PERSON: Final = case_person.insert()
_IS_THERE: Final = sa.select(sa.literal(1)).where(
    case_household.c.verification_id == sa.bindparam("of", type_=sa.String())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCase:
    """A verification as it is begun."""

    verification_id: str
    request: VerificationRequest = field(repr=False)
    household_index: bytes = field(repr=False)
    requested_at: datetime


class CasePersons:
    """One row a verification, and one a person in it; nobody can be told from them."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, case: AskedCase) -> None:
        request = case.request
        common = {
            "verification_id": case.verification_id,
            "region": request.region,
            "city": request.region[:4],
            "county": request.region[:6],
            "requested_at": case.requested_at,
        }
        self.renew(tx, [request])
        tx.execute(_ADD_HOUSEHOLD, common | {"household_key": number_of(case.household_index)})
        persons: Sequence[Person] = request.household.persons
        rows = [
            common
            | {
                "ref": person.ref,
                "person_key": self.key_of(person),
                "is_member": isinstance(person, Member),
            }
            for person in persons
        ]
        tx.execute(_ADD_PERSON, rows)

    def has(self, tx: sa.Connection, verification_id: str) -> bool:
        """Whether the verification was begun."""
        return tx.execute(_IS_THERE, {"of": verification_id}).first() is not None

    def key_of(self, person: Person) -> int:
        """The same for the same document, else for the same name and date of birth."""
        return person_keys(self._cipher, person)[0]

    def keys_of(self, person: Person) -> tuple[int, ...]:
        """By every key that rows may stand under."""
        return person_keys(self._cipher, person)

    def renew(self, tx: sa.Connection, requests: Iterable[VerificationRequest]) -> None:
        """While keys rotate: all that is known of these persons stands under the newest index."""
        move_along(tx, self._cipher, requests)
