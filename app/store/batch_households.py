"""Households of a batch as work: asked about, waited for, ready, done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from app.domain.household import VerificationRequest
from app.store.batch_units import RUNNING
from app.store.crypto import Cell, FieldCipher
from app.store.subject_keys import Ciphers, SubjectKeys
from app.store.tables import ticket
from app.store.tables_batch import batch, batch_household, batch_unit, exchange_person

_REQUEST = TypeAdapter(VerificationRequest)
_household, _unit = batch_household.c, batch_unit.c


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One household of a batch as work."""

    batch_id: str
    position: int
    verification_id: str
    client_id: str
    state: str
    attempts: int
    request: VerificationRequest | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a household: its outcome for the first programme asked for."""

    verification_id: str
    outcome: str | None
    changed: bool | None


def sealed_household(
    cipher: FieldCipher, batch_id: str, position: int, request: VerificationRequest
) -> bytes:
    """A household's request as its row keeps it until the verification is made."""
    return cipher.seal(_cell(batch_id, position), _REQUEST.dump_json(request))


def _opened(row: Any, ciphers: Ciphers) -> VerificationRequest | None:
    if row.sealed_request is None:
        return None
    cell = _cell(row.batch_id, row.position)
    return _REQUEST.validate_json(ciphers[row.verification_id].open(cell, row.sealed_request))


def _cell(batch_id: str, position: int) -> Cell:
    return Cell("batch_household", "sealed_request", f"{batch_id}/{position}")


_ALL_IN = sa.and_(
    ~sa.exists().where(
        exchange_person.c.verification_id == _household.verification_id,
        exchange_person.c.state.in_(("todo", "asked")),
    ),
    ~sa.exists().where(
        ticket.c.verification_id == _household.verification_id, ticket.c.state == "waiting"
    ),
)


_ANY_READY = (
    sa.select(sa.literal(1))
    .where(_household.state == "ready", _household.batch_id.in_(RUNNING))
    .limit(1)
)
_READY = (
    sa.select(_household.verification_id)
    .where(
        _household.verification_id.in_(sa.bindparam("ids", expanding=True)),
        _household.state == "ready",
    )
    .order_by(_household.verification_id)
)
_DONE = (
    batch_household.update()
    .where(_household.verification_id == sa.bindparam("of"), _household.state == "ready")
    .values(
        state="done",
        outcome=sa.bindparam("what"),
        done_at=sa.bindparam("at"),
        leased_by=None,
        leased_until=None,
    )
)


class BatchHouseholds:
    """What becomes of each household; one is ready once nothing of it is outstanding."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def of_unit(
        self, tx: sa.Connection, batch_id: str, places: tuple[int, int]
    ) -> Sequence[BatchRow]:
        """Those that still have to be asked about, from the first place to the last."""
        return self._rows(
            tx,
            _household.batch_id == batch_id,
            _household.position.between(*places),
            _household.state.in_(("todo", "asking")),
        )

    def _rows(self, tx: sa.Connection, *where: "sa.ColumnElement[bool]") -> Sequence[BatchRow]:
        found = tx.execute(
            sa.select(batch_household, batch.c.client_id)
            .join(batch, batch.c.id == _household.batch_id)
            .where(*where)
            .order_by(_household.batch_id, _household.position)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in found})
        return [
            BatchRow(
                batch_id=row.batch_id,
                position=row.position,
                verification_id=row.verification_id,
                client_id=row.client_id,
                state=row.state,
                attempts=row.attempts,
                request=_opened(row, ciphers),
            )
            for row in found
        ]

    def settle(self, tx: sa.Connection, verification_ids: Iterable[str]) -> None:
        """Those of them of whom nothing is outstanding any more are ready to be concluded."""
        ids = sorted(verification_ids)
        if ids:
            tx.execute(
                batch_household.update()
                .where(_household.verification_id.in_(ids), _household.state == "waiting", _ALL_IN)
                .values(state="ready", leased_by=None, leased_until=None)
            )

    def any_ready(self, tx: sa.Connection) -> bool:
        """Whether one may be taken, perhaps."""
        return tx.execute(_ANY_READY).first() is not None

    def claim_ready(
        self, tx: sa.Connection, *, worker: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[BatchRow]:
        """Households of which everything is in, taken by this worker."""
        free = sa.or_(_household.leased_until.is_(None), _household.leased_until < now)
        found = (
            sa.select(_household.verification_id)
            .where(_household.state == "ready", _household.batch_id.in_(RUNNING), free)
            .order_by(_household.batch_id, _household.position)
            .limit(limit)
        )
        if tx.dialect.name == "postgresql":
            found = found.with_for_update(skip_locked=True)
        ids: list[str] = list(tx.execute(found).scalars())
        if not ids:
            return ()
        tx.execute(
            batch_household.update()
            .where(_household.verification_id.in_(ids))
            .values(leased_by=worker, leased_until=until, attempts=_household.attempts + 1)
        )
        return self._rows(tx, _household.verification_id.in_(ids))

    def done(self, tx: sa.Connection, done: Sequence[Done], now: datetime) -> frozenset[str]:
        """Gives those that are done by this; others were done, or taken away, by somebody else."""
        query = _READY if tx.dialect.name != "postgresql" else _READY.with_for_update()
        ids = sorted(one.verification_id for one in done)
        moving: frozenset[str] = frozenset(tx.execute(query, {"ids": ids}).scalars())
        rows = [
            {"of": one.verification_id, "what": one.outcome, "at": now}
            for one in done
            if one.verification_id in moving
        ]
        if rows:
            tx.execute(_DONE, rows)
        return moving

    def outcome(self, tx: sa.Connection, done: Done) -> None:
        """Another one than before: a person has judged, or it was final only later."""
        tx.execute(
            batch_household.update()
            .where(_household.verification_id == done.verification_id)
            .values(outcome=done.outcome, changed=done.changed)
        )

    def again(self, tx: sa.Connection, verification_ids: Iterable[str]) -> None:
        """Something of them is outstanding after all, or came meanwhile: not ready yet."""
        ids = sorted(verification_ids)
        tx.execute(
            batch_household.update()
            .where(_household.verification_id.in_(ids), _household.state == "ready")
            .values(state="waiting", leased_by=None, leased_until=None)
        )
        self.settle(tx, ids)

    def ask_again(self, tx: sa.Connection, rows: Iterable[BatchRow]) -> None:
        """A source is outstanding that nobody is asking: their unit is work again."""
        for row in rows:
            tx.execute(
                batch_household.update()
                .where(_household.verification_id == row.verification_id)
                .values(state="asking", leased_by=None, leased_until=None)
            )
            tx.execute(
                batch_unit.update()
                .where(
                    _unit.batch_id == row.batch_id,
                    _unit.first <= row.position,
                    _unit.last >= row.position,
                    _unit.state == "asked",
                )
                .values(state="todo")
            )

    def failed(self, tx: sa.Connection, failures: Mapping[str, str], now: datetime) -> None:
        """Nothing can be concluded of them, by what kind of fault."""
        for id_, failure in failures.items():
            tx.execute(
                batch_household.update()
                .where(_household.verification_id == id_, _household.state == "ready")
                .values(state="failed", failure=failure, done_at=now, leased_by=None)
            )
