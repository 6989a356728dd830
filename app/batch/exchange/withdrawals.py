"""Consents withdrawn 撤回授权 after a file has left: the file is taken back, or it is on record."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from app.audit.chain import Entry
from app.batch.exchange.desk import ExchangeDesk
from app.store.exchange_files import ExchangeFile, Withdrawn
from app.store.exchange_persons import Placed
from connectors.contract_bulk import AnswersInBulk
from connectors.failure import Failure, FailureKind

_WITHDRAWN: Final = Failure(
    FailureKind.NOT_PERMITTED, "no_consent: the consent was withdrawn after the question had left"
)
_MARGIN: Final = timedelta(minutes=1)
"""A withdrawal may be committed some time after the moment that it names."""


class Withdrawals:
    """Follows up what was withdrawn since a file was handed over, at every look."""

    def __init__(self, exchange: ExchangeDesk) -> None:
        self._exchange = exchange

    async def took_back(self, file: ExchangeFile, in_bulk: AnswersInBulk) -> bool:
        """Whether the file was taken back, to be handed over again without those concerned.

        Where the institution has it already, their answers are not taken in any more.
        """
        exchange, database = self._exchange, self._exchange.desk.database
        since = (file.consents_seen_at or file.created_at) - _MARGIN
        found = await database.read(lambda tx: exchange.files.withdrawn(tx, file, since))
        gone = {(one.verification_id, ref): one for one in found for ref in one.persons}
        if not gone:
            return False
        states = ("asked", "overdue")
        waiting = await database.read(lambda tx: exchange.persons.of_file(tx, file.id, states))
        concerned = [one for one in waiting if one.key in gone]
        if not concerned:
            return False
        untouched = not file.parts_read and exchange.desk.now() < file.deadline_at
        if untouched and await in_bulk.take_back(file.name, file.lane.institution):
            now = exchange.desk.now()
            await database.write(
                lambda tx: exchange.files.change(
                    tx, file.id, state="written", next_at=now, leased_until=None
                )
            )
            return True
        await database.write(lambda tx: self._record(tx, file, concerned, tuple(gone.values())))
        return False

    def _record(
        self,
        tx: sa.Connection,
        file: ExchangeFile,
        concerned: Sequence[Placed],
        gone: Sequence[Withdrawn],
    ) -> None:
        exchange = self._exchange
        # What is overdue has its unknown reply, and may be concluded from by now.
        asked = [one for one in concerned if one.state == "asked"]
        exchange.unknown(tx, file.lane, asked, _WITHDRAWN)
        exchange.persons.mark(tx, file.lane, concerned, "answered")
        exchange.settle(tx, concerned)
        exchange.files.change(tx, file.id, consents_seen_at=exchange.desk.now())
        consents = {one.verification_id: one.consent for one in gone}
        exchange.desk.audit.append_many(
            tx, [_entry(file, one, consents[one.verification_id]) for one in concerned]
        )


def _entry(file: ExchangeFile, one: Placed, consent: str) -> Entry:
    return Entry(
        actor="service",
        action="withdrawal_not_sent_back",
        object=one.verification_id,
        region=one.region,
        details={
            "source": file.lane.source,
            "file": file.name,
            "persons": one.person,
            "consent": consent,
        },
    )
