"""The exchange of files with sources in bulk, as the rest of the service sees it."""

import asyncio
from typing import cast

import sqlalchemy as sa

from app.batch.exchange.desk import ExchangeDesk
from app.batch.exchange.enlisting import Enlisting
from app.batch.exchange.reader import Concludes, Reader
from app.batch.exchange.writer import Writer
from app.store.verifications import StoredVerification
from app.verification.query import Due
from app.verification.supplement import Supplements
from connectors.contract import Callback, ReceivesCallbacks


class Exchange:
    """Persons are enlisted; files are written, read, and called back about."""

    def __init__(
        self, exchange: ExchangeDesk, supplements: Supplements, concludes: Concludes
    ) -> None:
        self._exchange = exchange
        self._enlisting = Enlisting(exchange)
        self._writer = Writer(exchange)
        self._reader = Reader(exchange, supplements, concludes)
        self.sources = self._enlisting.sources

    def enlist(self, tx: sa.Connection, verification: StoredVerification, due: Due) -> None:
        """These persons are to be in the next file; repeated, it changes nothing."""
        self._enlisting.enlist(tx, verification, due)

    def look_again(self, tx: sa.Connection, region: str) -> None:
        """A consent was taken back there: files that have left are looked at without delay."""
        exchange = self._exchange
        exchange.files.look_again(tx, region, exchange.desk.now())

    async def write_due(self) -> int:
        """One round of the writer; gives how many files were handed over."""
        return await self._writer.write_due()

    async def read_due(self) -> int:
        """One round of the reader; gives how many files it looked at."""
        return await self._reader.read_due()

    async def receive(self, source: str, callback: Callback) -> bool:
        """Keep a source's call where it is about a request in bulk; false where it is not.

        Raises `CallbackRefused` before anything of the body is used. A part that cannot be read
        changes nothing: the next look asks for it.
        """
        in_bulk, desk = self._exchange.sources.get(source), self._exchange.desk
        receiver = desk.sources.get(source)
        if in_bulk is None or not hasattr(receiver, "reference_of"):
            return False
        name = cast("ReceivesCallbacks", receiver).reference_of(callback)
        files = self._exchange.files
        file = await desk.database.read(lambda tx: files.named(tx, source, name))
        if file is None:
            return False
        part = await asyncio.to_thread(in_bulk.part_in, callback.body, file.persons)
        if part is None or file.state == "closed":
            return True

        def keep(tx: sa.Connection) -> None:
            files.keep_part(tx, file, part, callback.body)
            files.change(tx, file.id, next_at=desk.now())

        await desk.database.write(keep)
        return True
