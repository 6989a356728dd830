"""One unit of a batch: its households' verifications are made, and all that is due is asked.

Every step can be repeated: a unit that was broken off is taken again and skips what is stored.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

import sqlalchemy as sa

from app.audit.chain import Entry
from app.domain.evidence import SourceStatus
from app.store.batch_households import BatchRow
from app.store.batch_units import Unit
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.elsewhere import is_elsewhere
from app.verification.errands import Desk
from app.verification.persist import Shelf
from app.verification.plan import NOT_CONFIGURED, plan
from app.verification.query import Due, ask, due_of

LEASE: Final = timedelta(seconds=60)
"""Renewed with the worker's heartbeat; the reaper gives back sooner what a dead one held."""


class Bulk(Protocol):
    """Sources that are asked about many persons in one file or inquiry."""

    sources: frozenset[str]

    def enlist(self, tx: sa.Connection, verification: StoredVerification, due: Due) -> None:
        """These persons are to be in the next file; repeated, it changes nothing."""
        ...


class Reuse(Protocol):
    """Answers that are fresh enough to be used again."""

    def copy(
        self,
        tx: sa.Connection,
        verifications: Sequence[StoredVerification],
        statuses: Mapping[str, Sequence[SourceStatus]],
    ) -> object:
        """Puts them with the new verifications, as replies that nobody was asked for."""
        ...


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a unit has still to ask."""

    verification: StoredVerification
    due: Due


class UnitWork:
    """Does one unit after another."""

    def __init__(
        self, shelf: Shelf, desk: Desk, *, bulk: Bulk | None = None, reuse: Reuse | None = None
    ) -> None:
        self._shelf = shelf
        self._desk = desk
        self._bulk = bulk
        self._reuse = reuse

    async def run(self, unit: Unit) -> None:
        """All that is due of the unit's households was asked when this returns."""
        ids = await self._shelf.database.write(lambda tx: self._begin(tx, unit))
        asked = await self._shelf.database.write(lambda tx: self._due(tx, ids))
        async with asyncio.TaskGroup() as group:
            for one in asked:
                group.create_task(ask(self._desk, one.verification, one.due))
        await self._shelf.database.write(lambda tx: self._end(tx, unit, ids))

    def _begin(self, tx: sa.Connection, unit: Unit) -> list[str]:
        """Make the verifications that are not there yet; gives those of all the households."""
        shelf = self._shelf
        rows = shelf.batch_households.of_unit(tx, unit.batch_id, (unit.first, unit.last))
        there = shelf.verifications.statuses_of(tx, [row.verification_id for row in rows])
        new = [self._made(row) for row in rows if row.verification_id not in there]
        planned = {
            (one.id, one.request.region): plan(
                one.request, self._desk.sources, self._desk.gate.needs
            )
            for one in new
        }
        shelf.verifications.add_many(tx, new)
        shelf.tasks.add_many(tx, planned)
        for one in new:
            shelf.facts.begun(tx, one)
        if self._reuse is not None and new:
            statuses = {id_: status for (id_, _), status in planned.items()}
            self._reuse.copy(tx, new, statuses)
        shelf.batch_units.asking(tx, unit)
        self._desk.audit.append_many(tx, [_accepted(one, unit) for one in new])
        return [row.verification_id for row in rows]

    def _made(self, row: BatchRow) -> StoredVerification:
        assert row.request is not None  # noqa: S101 - kept until the verification is made
        now = self._desk.now()
        return StoredVerification(
            id=row.verification_id,
            client_id=row.client_id,
            status="querying",
            request=row.request,
            requested_at=now,
            changed_at=now,
            final_at=None,
            recheck_of=None,
            batch_id=row.batch_id,
        )

    def _due(self, tx: sa.Connection, ids: Sequence[str]) -> list[_Asked]:
        """What is to be asked one by one; what goes in bulk is enlisted."""
        shelf = self._shelf
        verifications = shelf.verifications.get_many(tx, ids)
        statuses = shelf.tasks.of_many(tx, ids)
        waiting = shelf.tickets.waiting_of_many(tx, ids)
        heads = shelf.replies.heads_of_many(tx, ids)
        asked = []
        for id_, verification in verifications.items():
            if verification.status in CLOSED_STATUSES:
                continue
            its = statuses.get(id_, ())
            self._not_configured(tx, id_, its)
            here = [one for one in its if one.source in self._desk.sources]
            there = waiting.get(id_, ()), heads.get(id_, ())
            due = due_of(self._desk, verification, here, there)
            bulk = frozenset() if self._bulk is None else self._bulk.sources
            singly, in_bulk = parted(due, bulk)
            if self._bulk is not None and in_bulk:
                self._bulk.enlist(tx, verification, in_bulk)
            if singly:
                asked.append(_Asked(verification, singly))
        return asked

    def _not_configured(
        self, tx: sa.Connection, id_: str, statuses: Iterable[SourceStatus]
    ) -> None:
        """Sources that were taken out of the configuration since the plan was made."""
        gone: dict[str, set[str]] = {}
        for one in statuses:
            if one.source not in self._desk.sources and one.state.value == "pending":
                gone.setdefault(one.source, set()).add(one.person)
        for source, persons in gone.items():
            self._shelf.tasks.refuse(tx, (id_, source), persons, NOT_CONFIGURED)

    def _end(self, tx: sa.Connection, unit: Unit, ids: Sequence[str]) -> None:
        if self._shelf.batch_units.asked(tx, unit, self._desk.now()):
            self._shelf.batch_households.settle(tx, ids)


def parted(due: Due, bulk: Collection[str]) -> tuple[Due, Due]:
    """One by one, and in bulk (pure): another centre is asked one by one about whatever source."""
    goes = {key: key[0] in bulk and not is_elsewhere(key[1]) for key in due}
    singly = {key: refs for key, refs in due.items() if not goes[key]}
    return singly, {key: refs for key, refs in due.items() if goes[key]}


def _accepted(one: StoredVerification, unit: Unit) -> Entry:
    return Entry(
        actor=one.client_id,
        action="verification_accepted",
        object=one.id,
        region=one.request.region,
        details={
            "case": one.request.case_reference,
            "purpose": one.request.purpose.value,
            "batch": unit.batch_id,
        },
    )
