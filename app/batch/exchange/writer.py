"""Writes request files about many persons and hands them over, each as often as it takes.

A file is on record with its persons before anything of it leaves. Broken off between any two
lines, the same file with the same persons is built again, or nothing had left.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256

import sqlalchemy as sa
import structlog

from app.batch.exchange.desk import (
    CHUNK,
    LEASE,
    LONGEST_PAUSE,
    NOT_CONNECTED,
    TIMED_OUT,
    ExchangeDesk,
)
from app.batch.exchange.gate import Admitted, Gate
from app.batch.exchange.windows import opens_at
from app.domain.instants import china_day
from app.store.exchange_files import ExchangeFile
from app.store.exchange_persons import Lane
from connectors.contract import Permit
from connectors.contract_bulk import AnswersInBulk, BulkRequest
from connectors.failure import Failure, NotPermitted

log = structlog.get_logger()
_FILES_AT_ONCE = 50


class NoNameLeft(Exception):  # noqa: N818 - the day's numbers are used up, no fault
    """The source's names for files have no room for another one today."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file as it is about to leave."""

    file: ExchangeFile
    request: BulkRequest
    admitted: Admitted


class Writer:
    """One round after another over those who wait; two processes at once do no harm."""

    def __init__(self, exchange: ExchangeDesk) -> None:
        self._exchange = exchange
        self._gate = Gate(exchange)

    async def write_due(self) -> int:
        """Open the files that are due and hand over all that are open; gives how many went."""
        for name, in_bulk in self._exchange.sources.items():
            for institution in self._exchange.desk.sources[name].institutions:
                await self._open_due(name, institution, in_bulk)
        due = await self._exchange.desk.database.write(
            lambda tx: self._exchange.files.take_due(
                tx, "written", now=self._exchange.desk.now(), lease=LEASE, limit=_FILES_AT_ONCE
            )
        )
        by_source: dict[str, list[ExchangeFile]] = {}
        for file in due:
            by_source.setdefault(file.lane.source, []).append(file)
        done = await asyncio.gather(*(self._send_all(files) for files in by_source.values()))
        return sum(done)

    async def _open_due(self, source: str, institution: str, in_bulk: AnswersInBulk) -> None:
        exchange, database = self._exchange, self._exchange.desk.database
        lanes = await database.read(
            lambda tx: tuple(exchange.persons.lanes(tx, source, institution))
        )
        limit = in_bulk.persons_a_request
        for lane in lanes:
            while await self._is_due(lane, limit):
                try:
                    await database.write(partial(self._open, lane=lane))
                except NoNameLeft:
                    log.warning("no_file_name_left", source=source, reason="9999 today")
                    break

    async def _is_due(self, lane: Lane, limit: int) -> bool:
        """Whether a file may be written now and is full, or its first person has waited enough."""
        exchange, now = self._exchange, self._exchange.desk.now()
        patience = exchange.desk.patience[lane.source]
        count, earliest = await exchange.desk.database.read(
            lambda tx: exchange.persons.waiting(tx, lane, limit)
        )
        if earliest is not None and earliest <= now:
            await exchange.desk.database.write(lambda tx: self._expire(tx, lane))
            return await self._is_due(lane, limit)
        if earliest is None or opens_at(patience.window, now) > now:
            return False
        waited = now - (earliest - patience.deadline)
        return count >= limit or waited >= exchange.gathering

    def _expire(self, tx: sa.Connection, lane: Lane) -> None:
        """Those who could not be asked about within the deadline have no answer."""
        exchange = self._exchange
        late = exchange.persons.expired(tx, lane, exchange.desk.now(), CHUNK)
        exchange.unknown(tx, lane, late, TIMED_OUT)
        exchange.persons.mark(tx, lane, late, "answered")
        exchange.settle(tx, late)

    def _open(self, tx: sa.Connection, lane: Lane) -> None:
        """A file and its persons on record; raises `NoNameLeft`, and then nothing is."""
        exchange, desk = self._exchange, self._exchange.desk
        now, id_ = desk.now(), desk.new_id("xf")
        in_bulk, today = exchange.sources[lane.source], china_day(now)
        number = desk.askings.next_sequence(tx, lane.source, lane.county, today)
        name = in_bulk.request_name(lane.county, today, number, unique=id_)
        if name is None:
            raise NoNameLeft
        limit = in_bulk.persons_a_request
        deadline_at = exchange.persons.assign(tx, lane, id_, limit)
        exchange.files.add(
            tx,
            ExchangeFile(
                id=id_,
                lane=lane,
                name=name,
                sent_on=today,
                sequence=number,
                persons=0,
                state="written",
                digest=None,
                parts_read=frozenset(),
                created_at=now,
                handed_over_at=None,
                consents_seen_at=None,
                next_at=now,
                deadline_at=deadline_at or now,
            ),
        )

    async def _send_all(self, files: Sequence[ExchangeFile]) -> int:
        return sum([await self._send(file) for file in files])

    async def _send(self, file: ExchangeFile) -> int:
        exchange = self._exchange
        in_bulk = exchange.sources.get(file.lane.source)
        if in_bulk is None or exchange.desk.now() >= file.deadline_at:
            await self._give_up(file, NOT_CONNECTED if in_bulk is None else TIMED_OUT)
            return 0
        # Before the gate: an intent for each person is not to be written at every vain try.
        failure = await in_bulk.reachable(file.lane.institution)
        if failure is not None:
            await self._not_handed_over(file, failure)
            return 0
        admitted = await self._gate.admit(file)
        if not admitted.persons:
            await exchange.close(file)
            return 0
        return await self._hand_over(in_bulk, _Ready(file, _request(file, admitted), admitted))

    async def _hand_over(self, in_bulk: AnswersInBulk, ready: _Ready) -> int:
        exchange, file, database = self._exchange, ready.file, self._exchange.desk.database
        body = await asyncio.to_thread(in_bulk.body_of, ready.request)
        digest = f"sha256:{sha256(body).hexdigest()}"
        await database.write(lambda tx: exchange.files.change(tx, file.id, digest=digest))
        try:
            failure = await in_bulk.hand_over(ready.request, body, self._permit(ready))
        except NotPermitted:
            # Somebody withdrew since the gate was passed: it is passed again, at once.
            now = exchange.desk.now()
            await database.write(lambda tx: exchange.files.postpone(tx, file.id, now))
            return 0
        if failure is not None:
            await self._not_handed_over(file, failure)
            return 0
        now = exchange.desk.now()
        next_at = now + in_bulk.pause
        await database.write(lambda tx: exchange.files.handed_over(tx, file.id, now, next_at))
        persons = len(ready.request.persons)
        log.info("file_handed_over", source=file.lane.source, file=file.name, count=persons)
        return 1

    def _permit(self, ready: _Ready) -> Permit:
        exchange = self._exchange

        async def permit() -> None:
            """No consent was withdrawn, or ran out, since all were checked."""
            withdrawals, county = exchange.desk.gate.withdrawals, ready.file.lane.county
            now = await exchange.desk.database.read(lambda tx: withdrawals.count(tx, county))
            is_of_today = china_day(exchange.desk.now()) == ready.admitted.day
            if now != ready.admitted.withdrawals or not is_of_today:
                raise NotPermitted("a consent was withdrawn, or may have run out, meanwhile")

        return permit

    async def _not_handed_over(self, file: ExchangeFile, failure: Failure) -> None:
        """Another try where that can help, else nobody of the file has an answer."""
        exchange, now = self._exchange, self._exchange.desk.now()
        if not failure.repeatable:
            await self._give_up(file, failure)
            return
        pause = min(LONGEST_PAUSE, max(timedelta(seconds=5), (now - file.created_at) / 4))
        next_at = min(now + max(pause, failure.retry_after or pause), file.deadline_at)
        await exchange.desk.database.write(lambda tx: exchange.files.postpone(tx, file.id, next_at))
        log.warning(
            "file_not_handed_over",
            source=file.lane.source,
            file=file.name,
            reason=failure.kind.value,
        )

    async def _give_up(self, file: ExchangeFile, failure: Failure) -> None:
        await self._exchange.fail(file, failure)
        await self._exchange.close(file)


def _request(file: ExchangeFile, admitted: Admitted) -> BulkRequest:
    return BulkRequest(
        name=file.name,
        institution=file.lane.institution,
        sent_on=file.sent_on,
        persons=admitted.persons,
    )
