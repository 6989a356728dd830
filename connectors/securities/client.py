"""Asks the securities register 证券 by workbooks over SFTP; the reply comes a day later."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from connectors.contract import (
    AskAgain,
    AskedPerson,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, FailureKind, SourceError
from connectors.securities.bulk import MOST_PERSONS, SAFE_TO_REPEAT, USELESS, SecuritiesInBulk
from connectors.securities.parse import Form, replies_of, table_of
from connectors.securities.request import request_of
from connectors.securities.workbook import rows_of
from connectors.transport.limits import Gate
from connectors.transport.retry import repeated
from connectors.transport.sftp import ADDRESS_KEYS, Sftp, SftpAddress, ok_of

T = TypeVar("T")

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
KEYS: Final = ADDRESS_KEYS | {"poll_seconds"}
POLL_SECONDS: Final = 60


class SecuritiesSource:
    """The one securities register.

    Configuration: `url` (sftp), `host_key`, `password` or `private_key`, and as wanted
    `poll_seconds`.
    """

    name = "securities"
    institutions: tuple[str, ...] = ("",)
    persons_a_query = MOST_PERSONS
    answers_later = True

    def __init__(self, config: Mapping[str, Any], gate: Gate, form: Form) -> None:
        """Raises `ValueError` naming the configuration key at fault, never its value."""
        if unknown_keys := sorted(config.keys() - KEYS):
            raise ValueError(f"{unknown_keys[0]}: unknown key")
        self._pause = timedelta(seconds=float(config.get("poll_seconds", POLL_SECONDS)))
        self._tries = gate.limits.tries
        self._form = form
        self._sftp = Sftp(SftpAddress.read(config), gate)
        self.in_bulk = SecuritiesInBulk(self._sftp, form, self._pause, self._tries)

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "SecuritiesSource":
        """The register of a configuration with resolved values.

        Raises `ValueError` naming the source and the key at fault.
        """
        rest = {key: value for key, value in config.items() if key != "mapping"}
        try:
            return cls(rest, gate, Form.load(Path(config.get("mapping", MAPPING))))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """Put a request workbook into the register's folder."""
        try:
            request = await asyncio.to_thread(request_of, query)
        except SourceError as error:
            return Progress(_unknown(query.persons, error.failure))
        nameless = Failure(FailureKind.REJECTED, "no document or name that a workbook can carry")
        replies = _unknown(request.left_out, nameless)
        if not request.asked:
            return Progress(replies)
        path = f"/securities/in/{request.name}.xlsx"
        try:
            await self._repeated(lambda: self._sftp.hand_over(path, request.body, permit))
        except SourceError as error:
            return Progress((*replies, *_unknown(request.asked, error.failure)))
        persons = tuple(person.ref for person in request.asked)
        ticket = Ticket(query.reference, persons, self._pause, {"request": request.name})
        return Progress(replies, ticket)

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """Read the reply workbook if it is there by now; asks nothing."""
        persons = {person.ref: person for person in query.persons}
        asked = tuple(persons[ref] for ref in ticket.persons)
        numbers = str(ticket.payload["request"]).removeprefix("ZQREQ_")
        try:
            return await self._look(f"ZQRSP_{numbers}.xlsx", asked, ticket)
        except SourceError as error:
            if error.failure.kind not in USELESS:
                # Out of reach at the moment; the workbook waits for the next look.
                return Progress(ticket=ticket)
            return _useless(asked, error.failure)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._sftp.aclose()

    async def _look(self, name: str, asked: Sequence[AskedPerson], ticket: Ticket) -> Progress:
        """What the workbook says, or the ticket again where it is not complete yet."""
        folder = "/securities/out"
        names = await self._repeated(lambda: self._sftp.names(folder))
        if not {name, ok_of(name)} <= names:
            return Progress(ticket=ticket)
        body = await self._repeated(lambda: self._sftp.read(f"{folder}/{name}"))
        rows = await rows_of(body)
        table = await asyncio.to_thread(table_of, rows, self._form.layout)
        replies = await asyncio.to_thread(replies_of, table, asked, self._form)
        return Progress(replies)

    async def _repeated(self, call: Callable[[], Awaitable[T]]) -> T:
        return await repeated(call, tries=self._tries, on=SAFE_TO_REPEAT)


def _useless(asked: Sequence[AskedPerson], failure: Failure) -> Progress:
    """Nothing of it is used: a damaged workbook can be had again, one too large cannot."""
    if failure.repeatable:
        return Progress(again=tuple(AskAgain(person.ref, "", failure) for person in asked))
    return Progress(_unknown(asked, failure))


def _unknown(persons: Sequence[AskedPerson], failure: Failure) -> tuple[SourceReply, ...]:
    return tuple(SourceReply(person=person.ref, outcome=Unknown(failure)) for person in persons)
