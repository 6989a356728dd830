"""Consents that ended 撤回授权 after a file has left: it is taken back, or that is on record.

Taken back is what nobody has picked up yet, whether a consent was withdrawn or ran out. Of what the
institution has, the answers about those who withdrew are not taken in; what was asked while a
consent held that ran out since was lawfully asked.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from app.audit.chain import Entry
from app.batch.exchange.desk import ExchangeDesk
from app.domain.consent import Refusal
from app.domain.evidence import Unasked
from app.domain.instants import china_day
from app.store.exchange_files import ExchangeFile
from app.store.exchange_persons import Placed
from app.store.verifications import StoredVerification
from app.verification.gate import AFTER_WITHDRAWAL
from connectors.contract_bulk import AnswersInBulk

_MARGIN: Final = timedelta(minutes=1)
"""A withdrawal may be committed some time after the moment that it names."""
_Lost = Mapping[tuple[str, str], Refusal]
_Households = Mapping[str, StoredVerification]


class Withdrawals:
    """Follows up what ended since a file was handed over, at every look."""

    def __init__(self, exchange: ExchangeDesk) -> None:
        self._exchange = exchange

    async def took_back(self, file: ExchangeFile, in_bulk: AnswersInBulk) -> bool:
        """Whether the file was taken back, to be handed over again without those concerned."""
        exchange, database = self._exchange, self._exchange.desk.database
        if not await database.read(lambda tx: self._is_due(tx, file)):
            return False
        waiting, households, lost = await self._concerned(file)
        if lost and await self._is_back(file, in_bulk):
            now = exchange.desk.now()
            await database.write(
                lambda tx: exchange.files.change(
                    tx, file.id, state="written", next_at=now, leased_until=None
                )
            )
            return True
        gone = [
            one for one in waiting if one.key in lost and lost[one.key].reason is Unasked.WITHDRAWN
        ]
        await database.write(lambda tx: self._record(tx, file, gone, households))
        return False

    def _is_due(self, tx: sa.Connection, file: ExchangeFile) -> bool:
        """Something was taken back since consents were looked at, or a day has begun."""
        exchange = self._exchange
        seen = file.consents_seen_at or file.created_at
        if china_day(exchange.desk.now()) != china_day(seen):
            return True
        return exchange.files.is_withdrawn_from(tx, file, seen - _MARGIN)

    async def _concerned(self, file: ExchangeFile) -> tuple[Sequence[Placed], _Households, _Lost]:
        desk, persons = self._exchange.desk, self._exchange.persons

        def work(tx: sa.Connection) -> tuple[Sequence[Placed], _Households, _Lost]:
            waiting = persons.of_file(tx, file.id, ("asked", "overdue"))
            households = desk.verifications.get_many(tx, {one.verification_id for one in waiting})
            asked = [(households[one.verification_id], one.person) for one in waiting]
            return waiting, households, desk.gate.lost(tx, asked, file.lane.source, desk.now())

        return await desk.database.read(work)

    async def _is_back(self, file: ExchangeFile, in_bulk: AnswersInBulk) -> bool:
        untouched = not file.parts_read and self._exchange.desk.now() < file.deadline_at
        return untouched and await in_bulk.take_back(file.name, file.lane.institution)

    def _record(
        self,
        tx: sa.Connection,
        file: ExchangeFile,
        gone: Sequence[Placed],
        households: _Households,
    ) -> None:
        exchange = self._exchange
        # What is overdue has its unknown reply, and may be concluded from by now.
        asked = [one for one in gone if one.state == "asked"]
        exchange.unknown(tx, file.lane, asked, AFTER_WITHDRAWAL)
        exchange.persons.mark(tx, file.lane, gone, "answered")
        exchange.settle(tx, gone)
        exchange.files.change(tx, file.id, consents_seen_at=exchange.desk.now())
        exchange.desk.audit.append_many(
            tx, [_entry(file, one, households[one.verification_id]) for one in gone]
        )


def _entry(file: ExchangeFile, one: Placed, household: StoredVerification) -> Entry:
    return Entry(
        actor="service",
        action="withdrawal_not_sent_back",
        object=one.verification_id,
        region=one.region,
        details={
            "source": file.lane.source,
            "file": file.name,
            "persons": one.person,
            "consent": household.request.consent.of(one.person)[0],
        },
    )
