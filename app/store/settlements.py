"""What reviewers settled 核定: rows never changed, of which the newest that holds stands."""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from app.domain.settlement import SettledAs, Settlement
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import SubjectKeys
from app.store.tables_settled import settlement

_c = settlement.c
_ORDER: Final = (_c.decided_at, _c.id)
_MANY = (
    sa.select(settlement)
    .where(_c.verification_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(*_ORDER)
)
_OF_ITEM = sa.select(settlement).where(_c.item_id == sa.bindparam("of")).order_by(*_ORDER)
_NONE: Final[Collection[str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSettlement:
    """A settlement with the decision that it came of. `holds`: it is concluded from."""

    id: str
    verification_id: str
    region: str
    item_id: str
    version: int
    settled: Settlement
    holds: bool
    reviewer: str
    decided_at: datetime
    withdraws: str | None = None


class StoredSettlements:
    """Queries over settlements."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: StoredSettlement) -> None:
        cipher = self._keys.sealer(tx, new.verification_id, new.region)
        tx.execute(
            settlement.insert().values(
                id=new.id,
                verification_id=new.verification_id,
                region=new.region,
                item_id=new.item_id,
                version=new.version,
                sealed_settled=cipher.seal(_cell(new.id), _written(new.settled)),
                holds=new.holds,
                reviewer=new.reviewer,
                decided_at=new.decided_at,
                withdraws=new.withdraws,
            )
        )

    def withdraw(
        self, tx: sa.Connection, taken: StoredSettlement, by: tuple[str, str, datetime]
    ) -> None:
        """A row that takes another back: its id, who says so, and when."""
        id_, reviewer, at = by
        back = replace(taken, id=id_, reviewer=reviewer, decided_at=at, withdraws=taken.id)
        self.add(tx, back)

    def of_item(self, tx: sa.Connection, item_id: str) -> dict[int, StoredSettlement]:
        """What each version of the item's decisions settled."""
        rows = self._opened(tx, tx.execute(_OF_ITEM, {"of": item_id}).all())
        return {one.version: one for one in rows if one.withdraws is None}

    def standing(
        self, tx: sa.Connection, verification_id: str, *, less: Collection[str] = _NONE
    ) -> dict[str, StoredSettlement]:
        """By subject; `less`: ids that are left out, as if they were withdrawn."""
        return self._many(tx, [verification_id], less).get(verification_id, {})

    def of_many(
        self, tx: sa.Connection, ids: Iterable[str]
    ) -> dict[str, dict[str, StoredSettlement]]:
        """What stands, by verification and subject; of those that somebody settled anything of."""
        return self._many(tx, ids, _NONE)

    def carry_over(self, tx: sa.Connection, of: str, to: str, new_id: Callable[[str], str]) -> None:
        """All that stands of one verification holds for the other's records, too."""
        for one in self.standing(tx, of).values():
            self.add(tx, replace(one, id=new_id("se"), verification_id=to))

    def _many(
        self, tx: sa.Connection, ids: Iterable[str], less: Collection[str]
    ) -> dict[str, dict[str, StoredSettlement]]:
        rows = tx.execute(_MANY, {"ids": sorted(ids)}).all()
        gone = {row.withdraws for row in rows} | set(less)
        some = [row for row in rows if row.holds and row.withdraws is None and row.id not in gone]
        found: dict[str, dict[str, StoredSettlement]] = {}
        for one in self._opened(tx, some):
            found.setdefault(one.verification_id, {})[one.settled.subject] = one
        return found

    def _opened(self, tx: sa.Connection, rows: Iterable[Any]) -> list[StoredSettlement]:
        rows = list(rows)
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [_opened(row, ciphers[row.verification_id]) for row in rows]


def _cell(id_: str) -> Cell:
    return Cell("settlement", "sealed_settled", id_)


def _written(one: Settlement) -> bytes:
    document = {
        "subject": one.subject,
        "how": one.how.value,
        "records": sorted(one.records),
        "option": one.option,
        "amount": None if one.amount is None else str(one.amount),
        "explanation": one.explanation,
        "proofs": list(one.proofs),
    }
    return json.dumps(document).encode()


def _opened(row: Any, cipher: FieldCipher) -> StoredSettlement:
    told = json.loads(cipher.open(_cell(row.id), row.sealed_settled))
    return StoredSettlement(
        id=row.id,
        verification_id=row.verification_id,
        region=row.region,
        item_id=row.item_id,
        version=row.version,
        settled=Settlement(
            subject=told["subject"],
            how=SettledAs(told["how"]),
            records=frozenset(told["records"]),
            option=told["option"],
            amount=None if told["amount"] is None else Decimal(told["amount"]),
            explanation=told["explanation"],
            proofs=tuple(told["proofs"]),
        ),
        holds=row.holds,
        reviewer=row.reviewer,
        decided_at=row.decided_at,
        withdraws=row.withdraws,
    )
