"""Reads the replies to files about many persons, some hundred persons a transaction.

Each person's state changes with the storing of the reply. Broken off anywhere, the next look goes
on with those who are still waiting; a part read twice changes nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

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
from app.batch.exchange.gate import asked_person
from app.batch.exchange.withdrawals import Withdrawals
from app.domain.errors import HeduiError, StorageUnavailable
from app.store.exchange_files import ExchangeFile
from app.store.exchange_persons import Placed
from app.store.verifications import StoredVerification
from app.verification.answers import to_stored
from app.verification.supplement import Supplements, TakenIn
from connectors.contract import Unknown
from connectors.contract_bulk import AnswersInBulk, Outstanding, PlacedReply, Reading
from connectors.failure import SourceError

log = structlog.get_logger()
_FILES_AT_ONCE = 50


class Concludes(Protocol):
    """Carries verifications on after late replies."""

    async def begin(self, verification_id: str) -> None:
        """A supplement was made: it is to be run."""
        ...

    async def renew(self, verification_id: str) -> None:
        """More came for a verification that was concluded and is open: conclude it anew."""
        ...


@dataclass(frozen=True, slots=True)
class _Page:
    """Some places of a file with what was said about them."""

    households: Mapping[str, StoredVerification]
    file: ExchangeFile
    placed: Sequence[Placed]
    replies: Sequence[PlacedReply]


class Reader:
    """One round after another over the files handed over; two processes at once do no harm."""

    def __init__(
        self, exchange: ExchangeDesk, supplements: Supplements, concludes: Concludes
    ) -> None:
        self._exchange = exchange
        self._supplements = supplements
        self._concludes = concludes
        self._withdrawals = Withdrawals(exchange)

    async def read_due(self) -> int:
        """Look at every file that is due; gives how many there were.

        Raises an `ExceptionGroup` of what failed, after all the others had their turn.
        """
        exchange, now = self._exchange, self._exchange.desk.now()
        due = await exchange.desk.database.write(
            lambda tx: exchange.files.take_due(
                tx, "handed_over", now=now, lease=LEASE, limit=_FILES_AT_ONCE
            )
        )
        by_source: dict[str, list[ExchangeFile]] = {}
        for file in due:
            by_source.setdefault(file.lane.source, []).append(file)
        failures = await asyncio.gather(*(self._read_all(files) for files in by_source.values()))
        if any(failures):
            raise ExceptionGroup("a round over files", [one for some in failures for one in some])
        return len(due)

    async def _read_all(self, files: Sequence[ExchangeFile]) -> list[Exception]:
        failures: list[Exception] = []
        for file in files:
            try:
                await self._read(file)
            except HeduiError as error:
                failures.append(error)
            except Exception as error:  # noqa: BLE001 - the other files have their turn
                log.error("file_not_read", file=file.name, error=type(error).__name__)
                failures.append(error)
        return failures

    async def _read(self, file: ExchangeFile) -> None:
        exchange = self._exchange
        in_bulk = exchange.sources.get(file.lane.source)
        if in_bulk is None:
            await exchange.fail(file, NOT_CONNECTED)
            await exchange.close(file)
            return
        if await self._withdrawals.took_back(file, in_bulk):
            return
        try:
            reading = await self._look(in_bulk, file)
        except SourceError as error:
            # Out of reach at the moment; what has been put out waits for the next look.
            log.warning("file_out_of_reach", file=file.name, reason=error.failure.kind.value)
            reading = None
        if reading is not None:
            await self._take_in(file, reading)
        await self._after(file, in_bulk, reading)

    async def _look(self, in_bulk: AnswersInBulk, file: ExchangeFile) -> Reading | None:
        exchange = self._exchange
        kept = await exchange.desk.database.read(lambda tx: exchange.files.parts_of(tx, file.id))
        return await in_bulk.look(
            Outstanding(
                name=file.name,
                institution=file.lane.institution,
                last_place=file.persons,
                seen=file.parts_read,
                kept=kept,
            )
        )

    async def _take_in(self, file: ExchangeFile, reading: Reading) -> None:
        """Page after page of the places about which it says all."""
        states: tuple[str, ...] = ("asked", "overdue")
        if reading.complete and not reading.final:
            states = (*states, "answered")
        exchange, after = self._exchange, 0
        while True:
            page = await exchange.desk.database.read(
                partial(
                    exchange.persons.at, file_id=file.id, states=states, after=after, limit=CHUNK
                )
            )
            if not page:
                return
            after = page[-1].place or after
            settled = set(reading.settled([one.place for one in page if one.place]))
            here = [one for one in page if one.place in settled]
            if here:
                await self._store(file, here, reading)

    async def _store(self, file: ExchangeFile, here: Sequence[Placed], reading: Reading) -> None:
        desk = self._exchange.desk
        ids = {one.verification_id for one in here}
        households = await desk.database.read(lambda tx: desk.verifications.get_many(tx, ids))
        asked = {
            one.place: asked_person(households[one.verification_id].request, one.person)
            for one in here
            if one.place is not None
        }
        replies = await asyncio.to_thread(reading.about, asked)
        page = _Page(households, file, here, replies)
        taken = await desk.database.write(lambda tx: self._put(tx, page))
        for id_ in sorted(taken.changed):
            await self._renew(id_)
        if taken.changed:
            # Only now: broken off before, they are concluded again.
            await desk.database.write(lambda tx: self._mark(tx, page))
        for id_ in sorted(taken.begun):
            await self._concludes.begin(id_)

    async def _renew(self, id_: str) -> None:
        try:
            await self._concludes.renew(id_)
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the others in the file have their turn
            log.error("conclusion_failed", verification=id_, error=type(error).__name__)

    def _put(self, tx: sa.Connection, page: _Page) -> TakenIn:
        """Replies and states in one transaction; who is to be asked again waits for a new file."""
        exchange, file = self._exchange, page.file
        now, tries = exchange.desk.now(), exchange.desk.patience[file.lane.source].tries
        by_place = {one.place: one for one in page.placed}
        again = [
            by_place[said.place]
            for said in page.replies
            if said.again and _may_be_asked_again(by_place[said.place], tries, now)
        ]
        waiting = {one.place for one in again}
        rows = [
            to_stored(
                said.reply, where=_where(by_place[said.place]), source=file.lane.source, now=now
            )
            for said in page.replies
            if said.place not in waiting
            # A late failure tells nothing that was not known.
            and not (_is_unknown(said) and by_place[said.place].state != "asked")
        ]
        exchange.persons.again(tx, file.lane, again)
        came = [(page.households[row.verification_id], row) for row in rows]
        admitted = exchange.desk.intake.admission.admitted(tx, came)
        taken = self._supplements.take_in(tx, admitted)
        if not taken.changed:
            self._mark(tx, page)
        return taken

    def _mark(self, tx: sa.Connection, page: _Page) -> None:
        exchange, file = self._exchange, page.file
        exchange.persons.answered(tx, file.id, page.placed)
        exchange.settle(tx, page.placed)
        exchange.renew(tx, file)

    async def _after(
        self, file: ExchangeFile, in_bulk: AnswersInBulk, reading: Reading | None
    ) -> None:
        """When to look again; past the deadline nobody is waited for, but late replies are read."""
        exchange, now = self._exchange, self._exchange.desk.now()
        if now >= file.deadline_at:
            await exchange.fail(file, TIMED_OUT, state="overdue")
        left = await exchange.desk.database.read(lambda tx: exchange.persons.left(tx, file.id))
        if not left or now >= file.deadline_at + exchange.readable:
            await exchange.close(file)
            return
        parts = file.parts_read if reading is None else reading.parts
        next_at = _next_look(file, in_bulk.pause, now)
        await exchange.desk.database.write(
            lambda tx: exchange.files.read_to(tx, file.id, parts, next_at)
        )


def _next_look(file: ExchangeFile, pause: timedelta, now: datetime) -> datetime:
    """Ever later, but for the deadline, at which all who wait must be told."""
    waited = now - (file.handed_over_at or file.created_at)
    following = now + max(pause, min(LONGEST_PAUSE, waited / 10))
    return min(following, file.deadline_at) if now < file.deadline_at else following


def _may_be_asked_again(one: Placed, tries: int, now: datetime) -> bool:
    return one.state == "asked" and one.tries < tries and now < one.deadline_at


def _is_unknown(said: PlacedReply) -> bool:
    return isinstance(said.reply.outcome, Unknown)


def _where(one: Placed) -> tuple[str, str]:
    return one.verification_id, one.region
