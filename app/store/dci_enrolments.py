"""Who is enrolled in which programme: those who receive relief here, and those whom partners named.

Persons are found by keyed index alone; of partners' persons nothing else is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from app.domain.household import Person
from app.domain.instants import china_day
from app.store.base import in_region, storable, upsert
from app.store.crypto import FieldCipher
from app.store.indexes import receiving
from app.store.person_forms import person_form
from app.store.tables_dci import dci_enrolment
from app.store.tables_relief import recipient, recipient_person

_INDEX: Final = "dci_enrolment.person_index"
_RECEIVES: Final = ("receiving", "suspended")
"""A household whose relief is suspended is enrolled still."""
Case = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A programme, and since when where that is known."""

    programme: str
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a partner says of one person: enrolled in its programme, or no more."""

    person: Person = field(repr=False)
    programme: str
    since: date | None
    is_active: bool


class Enrolments:
    """Queries over recipients and over what partners told."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def of_cases(self, tx: sa.Connection, cases: Iterable[Case]) -> dict[Case, list[Enrolment]]:
        """Of households that receive relief here."""
        of, wanted = recipient.c, sorted(set(cases))
        if not wanted:
            return {}
        numbers = {case for _, case in wanted}
        query = sa.select(of.region, of.case_reference, of.programmes, of.created_at).where(
            of.case_reference.in_(numbers), of.state.in_(_RECEIVES)
        )
        found: dict[Case, list[Enrolment]] = {}
        for row in tx.execute(query):
            since = china_day(row.created_at)
            programmes = row.programmes.replace(",", " ").split()
            found[(row.region, row.case_reference)] = [Enrolment(one, since) for one in programmes]
        return found

    def of_person(self, tx: sa.Connection, person: Person, *, region: str) -> list[Enrolment]:
        """All programmes in the region that the person is enrolled in, whoever says so."""
        of, its = recipient.c, recipient_person.c
        here = (
            sa.select(of.programmes, of.created_at)
            .join(recipient_person, its.recipient_id == of.id)
            .where(
                in_region(of.region, region),
                of.state.in_(_RECEIVES),
                its.until_at.is_(None),
                its.person_index.in_(receiving(self._cipher, person)),
            )
        )
        found = [
            Enrolment(one, china_day(row.created_at))
            for row in tx.execute(here)
            for one in row.programmes.replace(",", " ").split()
        ]
        told = dci_enrolment.c
        query = sa.select(told.programme_identifier, told.enrolled_on).where(
            in_region(told.region, region), told.person_index.in_(self._indexes(person))
        )
        rows = tx.execute(query)
        return found + [Enrolment(row.programme_identifier, row.enrolled_on) for row in rows]

    def tell(
        self, tx: sa.Connection, client: tuple[str, str], told: Sequence[Told], now: datetime
    ) -> None:
        """`client`: who says so, and its region. What ended is not kept."""
        client_id, region = client
        table = dci_enrolment
        for one in told:
            if not storable(one.programme):
                continue
            index = self._indexes(one.person)
            mine = (
                table.c.client_id == client_id,
                table.c.person_index.in_(index),
                table.c.programme_identifier == one.programme,
            )
            tx.execute(table.delete().where(*mine))
            if one.is_active:
                tx.execute(
                    upsert(tx, table)
                    .values(
                        client_id=client_id,
                        person_index=index[0],
                        programme_identifier=one.programme,
                        region=region,
                        enrolled_on=one.since,
                        received_at=now,
                    )
                    .on_conflict_do_nothing()
                )

    def _indexes(self, person: Person) -> tuple[bytes, ...]:
        return self._cipher.blinds(_INDEX, lambda form: person_form(person, form))
