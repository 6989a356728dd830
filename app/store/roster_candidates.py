"""Which stored cases a roster's row may be about: found by keyed indexes, within a region."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from app.domain.household import Person
from app.domain.recipient import RecipientState
from app.store.base import in_region, storable
from app.store.crypto import FieldCipher
from app.store.indexes import person_keys, receiving
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.recipients import StoredRecipient, stored_recipient
from app.store.relations import CaseHomes
from app.store.tables import verification
from app.store.tables_facts import case_person
from app.store.tables_looks import case_address
from app.store.tables_relief import recipient, recipient_person

_CASE: Final = verification.c
_LISTED: Final = CaseColumns(_CASE.id, _CASE.case_reference, _CASE.region)
_RECEIVING: Final = CaseColumns(None, recipient.c.case_reference, recipient.c.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """By what a row's cases are found: persons by their keys, homes, the case's number."""

    region: str
    persons: Sequence[Person] = field(default=(), repr=False)
    homes: Sequence[str] = field(default=(), repr=False)
    case_reference: str | None = None


class RosterCandidates:
    """Reads; who it is can be told from no index, so cases have to be opened and compared."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._homes = CaseHomes(cipher)

    def key_of(self, person: Person) -> int:
        """The same for the same document, else for the same name and date of birth."""
        return person_keys(self._cipher, person)[0]

    def verifications(
        self, tx: sa.Connection, sought: Sought, reach: Reach | None, most: int
    ) -> list[str]:
        """Ids, the newest first, `most` by each index; none that was cancelled or is out of reach.

        Each index is asked by itself: of a disjunction a planner reads the whole table.
        """
        found: set[str] = set()
        for where in self._indexed(sought):
            query = (
                sa.select(_CASE.id)
                .where(
                    where,
                    in_region(_CASE.region, sought.region),
                    _CASE.status != "cancelled",
                    *within_reach(reach, _LISTED),
                )
                .order_by(_CASE.id.desc())
                .limit(most)
            )
            found.update(tx.execute(query).scalars())
        return sorted(found, reverse=True)

    def recipients(
        self, tx: sa.Connection, sought: Sought, reach: Reach | None, most: int
    ) -> list[StoredRecipient]:
        """Households that receive relief; relatives' are still to be left out by the reader."""
        where: list[sa.ColumnElement[bool]] = []
        indexes = sorted({one for who in sought.persons for one in receiving(self._cipher, who)})
        if indexes:
            member = recipient_person.c
            those = sa.select(member.recipient_id).where(
                member.person_index.in_(indexes), member.until_at.is_(None)
            )
            where.append(recipient.c.id.in_(those))
        if sought.case_reference is not None and storable(sought.case_reference):
            where.append(recipient.c.case_reference == sought.case_reference)
        found: dict[str, StoredRecipient] = {}
        for one in where:
            query = sa.select(recipient).where(
                one,
                in_region(recipient.c.region, sought.region),
                recipient.c.state != RecipientState.ENDED.value,
                *within_reach(reach, _RECEIVING),
            )
            rows = tx.execute(query.order_by(recipient.c.id.desc()).limit(most))
            found |= {row.id: stored_recipient(row) for row in rows}
        return [found[id_] for id_ in sorted(found, reverse=True)]

    def regions(self, tx: sa.Connection, code: str, region: str) -> bool:
        """Whether there is any case in a place, seen from a region."""
        here = (in_region(_CASE.region, code), in_region(_CASE.region, region))
        return tx.execute(sa.select(sa.literal(1)).where(*here).limit(1)).first() is not None

    def _indexed(self, sought: Sought) -> Iterator["sa.ColumnElement[bool]"]:
        keys = _sorted(key for who in sought.persons for key in person_keys(self._cipher, who))
        if keys:
            person = case_person.c
            yield _CASE.id.in_(sa.select(person.verification_id).where(person.person_key.in_(keys)))
        homes = _sorted(map(self._homes.key_of, sought.homes))
        if homes:
            home = case_address.c
            yield _CASE.id.in_(sa.select(home.verification_id).where(home.address_key.in_(homes)))
        if sought.case_reference is not None and storable(sought.case_reference):
            yield _CASE.case_reference == sought.case_reference


def _sorted(keys: Iterable[int]) -> list[int]:
    return sorted(set(keys))
