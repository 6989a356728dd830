"""Concludes households of batches of which everything is in, several in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import sqlalchemy as sa
import structlog

from app.batch.units import LEASE
from app.domain.errors import StorageUnavailable
from app.domain.evidence import SourceState
from app.store.batch_households import BatchRow, Done
from app.store.batch_progress import BatchProgress, SourceCounts, counted
from app.store.verifications import CLOSED_STATUSES, StoredVerification
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.errands import Desk
from app.verification.persist import Basis, Keeper, Keeping, Shelf
from app.verification.reading import read_cases

log = structlog.get_logger()
AT_ONCE: Final = 20
"""Households in one transaction: more would hold up a single verification's writes."""
_TRIES: Final = 3
"""After so many attempts a household is failed, and the batch goes on."""

_Read: TypeAlias = tuple[BatchRow, StoredVerification, tuple[Case, Basis]]


@dataclass(frozen=True, slots=True)
class _Judged:
    row: BatchRow
    verification: StoredVerification
    read: tuple[Case, Basis]
    conclusion: Conclusion


class Concluding:
    """Takes ready households and concludes them."""

    def __init__(
        self, shelf: Shelf, desk: Desk, keeper: Keeper, knowledge: Knowledge, *, worker: str
    ) -> None:
        self._shelf = shelf
        self._desk = desk
        self._keeper = keeper
        self._knowledge = knowledge
        self._worker = worker
        self._progress = BatchProgress()

    async def run(self) -> int:
        """One round; gives how many households it took."""
        if not await self._shelf.database.read(self._shelf.batch_households.any_ready):
            return 0  # without a write, while nothing is to be done
        now = self._desk.now()
        rows = await self._shelf.database.write(
            lambda tx: self._shelf.batch_households.claim_ready(
                tx, worker=self._worker, now=now, until=now + LEASE, limit=AT_ONCE
            )
        )
        if not rows:
            return 0
        read = await self._shelf.database.read(lambda tx: self._read(tx, rows))
        judged, failures = await asyncio.to_thread(self._judge, read)
        try:
            await self._write(judged, failures)
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one household's fault is not the others'
            log.error("conclusion_not_kept", error=type(error).__name__, households=len(rows))
            await self._one_by_one(judged)
        return len(rows)

    def _read(self, tx: sa.Connection, rows: Sequence[BatchRow]) -> list[_Read]:
        there = self._shelf.verifications.get_many(tx, [row.verification_id for row in rows])
        verifications = [there[row.verification_id] for row in rows]
        cases = read_cases(self._shelf, self._desk.sources, tx, verifications)
        return list(zip(rows, verifications, cases, strict=True))

    def _judge(self, read: Sequence[_Read]) -> tuple[list[_Judged], dict[str, str]]:
        judged, failures = [], {}
        for row, verification, case in read:
            try:
                conclusion = conclude(case[0], self._knowledge)
            except Exception as error:  # noqa: BLE001 - its household fails, the batch goes on
                log.error("conclusion_failed", verification=row.verification_id, error=_kind(error))
                if row.attempts >= _TRIES:
                    failures[row.verification_id] = _kind(error)
            else:
                judged.append(_Judged(row, verification, case, conclusion))
        return judged, failures

    def _keep(self, tx: sa.Connection, judged: Sequence[_Judged], failures: dict[str, str]) -> None:
        households, now = self._shelf.batch_households, self._desk.now()
        stale = self._keeper.keep_many(
            tx,
            [Keeping(one.verification, *one.read, one.conclusion) for one in judged],
        )
        fresh = [one for one in judged if one.row.verification_id not in stale]
        left = [one.row for one in fresh if _outstanding(one)]
        failures |= {
            row.verification_id: "source_outstanding" for row in left if row.attempts >= _TRIES
        }
        households.again(tx, stale)
        households.ask_again(tx, [row for row in left if row.attempts < _TRIES])
        households.failed(tx, failures, now)
        ended = [one for one in fresh if not _outstanding(one)]
        moved = households.done(
            tx,
            [Done(one.row.verification_id, _outcome(one.conclusion), None) for one in ended],
            now,
        )
        self._count(tx, [one for one in ended if one.row.verification_id in moved])

    def _count(self, tx: sa.Connection, ended: Sequence[_Judged]) -> None:
        """What sources said of households that are done, so that nobody need count them again."""
        said: dict[str, dict[str, SourceCounts]] = {}
        for one in ended:
            by_source = said.setdefault(one.row.batch_id, {})
            for status in one.read[0].statuses:
                before = by_source.get(status.source, SourceCounts())
                by_source[status.source] = before + counted(status.state)
        for batch_id, by_source in sorted(said.items()):
            self._progress.count_done(tx, batch_id, self._worker, by_source)

    async def _one_by_one(self, judged: Sequence[_Judged]) -> None:
        for one in judged:
            try:
                await self._write([one], {})
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - as above, now for this one alone
                log.error("conclusion_not_kept", verification=one.row.verification_id)
                if one.row.attempts >= _TRIES:
                    await self._write([], {one.row.verification_id: _kind(error)})

    async def _write(self, judged: Sequence[_Judged], failures: dict[str, str]) -> None:
        await self._shelf.database.write(lambda tx: self._keep(tx, judged, failures))


def _outcome(conclusion: Conclusion) -> str:
    """For the first programme asked for."""
    return conclusion.decisions[0].outcome.value


def _outstanding(one: _Judged) -> bool:
    """Something of an open verification is still to come, though nothing waits for it."""
    return one.verification.status not in CLOSED_STATUSES and any(
        status.state is SourceState.PENDING for status in one.read[0].statuses
    )


def _kind(error: Exception) -> str:
    return type(error).__name__
