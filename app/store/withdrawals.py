"""Consents 授权 that were taken back, whole or in part, as the gate and its followers read them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from app.domain.consent import Withdrawal
from app.store.base import in_region
from app.store.crypto import Cell, FieldCipher
from app.store.scope import Crossing, across_in
from app.store.tables import consent_withdrawal
from app.store.tables_consents import partial_withdrawal

_REFERENCES: Final[sa.BindParameter[Sequence[str]]] = sa.bindparam("references", expanding=True)
_WHOLE: Final = sa.select(
    consent_withdrawal.c.region,
    consent_withdrawal.c.reference,
    consent_withdrawal.c.withdrawn_at,
).where(consent_withdrawal.c.reference.in_(_REFERENCES))
_PARTS: Final = sa.select(
    partial_withdrawal.c.id,
    partial_withdrawal.c.region,
    partial_withdrawal.c.reference,
    partial_withdrawal.c.source,
    partial_withdrawal.c.sealed_number,
    partial_withdrawal.c.withdrawn_at,
).where(partial_withdrawal.c.reference.in_(_REFERENCES))


class Withdrawals:
    """Whole ones are in a table of their own since the first release; parts beside them."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add_part(self, tx: sa.Connection, id_: str, new: Withdrawal, *, client_id: str) -> None:
        """A part taken back; what was taken back before stays."""
        sealed = None
        if new.number is not None:
            sealed = self._cipher.seal(_cell(id_), new.number.encode())
        tx.execute(
            partial_withdrawal.insert().values(
                id=id_,
                region=new.region,
                reference=new.reference,
                source=new.source,
                sealed_number=sealed,
                withdrawn_at=new.at,
                client_id=client_id,
            )
        )

    def of(self, tx: sa.Connection, references: Iterable[str]) -> Mapping[str, list[Withdrawal]]:
        """By consent, those of all regions, the earliest first; where each holds, it says."""
        wanted = {"references": sorted(set(references))}
        with across_in(tx, Crossing.WITHDRAWALS):
            found = [
                Withdrawal(region=row.region, reference=row.reference, at=row.withdrawn_at)
                for row in tx.execute(_WHOLE, wanted)
            ]
            found += [self._part(row) for row in tx.execute(_PARTS, wanted)]
        by_reference: dict[str, list[Withdrawal]] = {}
        for one in sorted(found, key=lambda one: (one.at, one.region)):
            by_reference.setdefault(one.reference, []).append(one)
        return by_reference

    def within(
        self, tx: sa.Connection, region: str, references: Iterable[str]
    ) -> Sequence[Withdrawal]:
        """Those that hold in the region: said there or above it."""
        found = self.of(tx, references)
        return [one for some in found.values() for one in some if region.startswith(one.region)]

    def count(self, tx: sa.Connection, county: str) -> int:
        """How many there are that may concern the county; none is ever taken back."""
        with across_in(tx, Crossing.WITHDRAWALS):
            return sum(
                int(tx.execute(sa.select(sa.func.count()).where(_near(table, county))).scalar_one())
                for table in (consent_withdrawal, partial_withdrawal)
            )

    def _part(self, row: "sa.Row[tuple[object, ...]]") -> Withdrawal:
        number = None
        if row.sealed_number is not None:
            number = self._cipher.open(_cell(row.id), row.sealed_number).decode()
        return Withdrawal(
            region=row.region,
            reference=row.reference,
            at=row.withdrawn_at,
            number=number,
            source=row.source,
        )


def _cell(id_: str) -> Cell:
    return Cell("partial_withdrawal", "sealed_number", id_)


def _near(table: sa.Table, county: str) -> "sa.ColumnElement[bool]":
    """Withdrawals in the county, below it or above it."""
    above = [county[:length] for length in range(2, len(county))]
    return sa.or_(table.c.region.in_(above), in_region(table.c.region, county))
