"""Askings (logged before they leave), consents withdrawn whole, and numbered sequences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.store.base import upsert, upsert_in
from app.store.tables import asking, consent_withdrawal, sequence

_ADD = asking.insert()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """An asking about to leave, stored before it does."""

    id: str
    verification_id: str
    region: str
    reference: str
    source: str
    persons: tuple[str, ...]
    consent_reference: str
    purpose: str
    asked_at: datetime


class Askings:
    """Every asking, logged before it leaves; and consents withdrawn whole (see withdrawals.py)."""

    def add_many(self, tx: sa.Connection, new: Sequence[Asking]) -> None:
        values = [
            {
                "id": one.id,
                "verification_id": one.verification_id,
                "region": one.region,
                "reference": one.reference,
                "source": one.source,
                "persons": ",".join(one.persons),
                "consent_reference": one.consent_reference,
                "purpose": one.purpose,
                "asked_at": one.asked_at,
            }
            for one in new
        ]
        if values:
            tx.execute(_ADD, values)

    def asked_at(
        self, tx: sa.Connection, verification_id: str, of: tuple[str, str]
    ) -> tuple[datetime, ...]:
        """When the source (`of`: with the person) was asked, in order."""
        source, person = of
        rows = tx.execute(
            sa.select(asking.c.asked_at, asking.c.persons)
            .where(asking.c.verification_id == verification_id, asking.c.source == source)
            .order_by(asking.c.asked_at, asking.c.id)
        )
        return tuple(row.asked_at for row in rows if person in row.persons.split(","))

    def withdraw(
        self, tx: sa.Connection, *, region: str, reference: str, client_id: str, now: datetime
    ) -> None:
        tx.execute(
            upsert(tx, consent_withdrawal)
            .values(region=region, reference=reference, withdrawn_at=now, client_id=client_id)
            .on_conflict_do_nothing()
        )

    def next_sequence(self, tx: sa.Connection, source: str, region: str, day: date) -> int:
        """A number of its own per source, region and day (file names of sources need one)."""
        return next_value(tx, f"{source}/{region}/{day:%Y%m%d}")


def next_value(tx: sa.Connection, name: str) -> int:
    """The next number of a named sequence, from 1 without gaps (rolled back with its use)."""
    value: int = tx.execute(_counting(tx.dialect.name), {"name": name, "value": 1}).scalar_one()
    return value


@cache
def _counting(dialect: str) -> Any:
    insert = upsert_in(dialect, sequence)
    return insert.on_conflict_do_update(
        index_elements=["name"], set_={"value": sequence.c.value + 1}
    ).returning(sequence.c.value)
