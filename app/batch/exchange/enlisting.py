"""Puts persons on the list of those about whom file sources are to be asked."""

from collections.abc import Iterator

import sqlalchemy as sa

from app.batch.exchange.desk import ExchangeDesk
from app.batch.exchange.windows import opens_at
from app.store.exchange_persons import Enlisted
from app.store.verifications import StoredVerification
from app.verification.query import Due


class Enlisting:
    """In the transaction of the unit of work that found out whom to ask."""

    def __init__(self, exchange: ExchangeDesk) -> None:
        self._exchange = exchange
        self.sources = frozenset(exchange.sources)

    def enlist(self, tx: sa.Connection, verification: StoredVerification, due: Due) -> None:
        """These persons are to be in the next file; repeated, it changes nothing.

        The source's deadline runs from when it may be asked.
        """
        self._exchange.persons.enlist(tx, self._rows(verification, due))

    def _rows(self, verification: StoredVerification, due: Due) -> Iterator[Enlisted]:
        desk = self._exchange.desk
        for (source, institutions), refs in due.items():
            patience = desk.patience[source]
            deadline_at = opens_at(patience.window, desk.now()) + patience.deadline
            for institution in institutions or desk.sources[source].institutions:
                for ref in refs:
                    yield Enlisted(
                        verification_id=verification.id,
                        person=ref,
                        source=source,
                        institution=institution,
                        region=verification.request.region,
                        batch_id=verification.batch_id or "",
                        deadline_at=deadline_at,
                    )
