"""Asks banks 银行 by files over SFTP: a request file to each bank, replies in parts, days later."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from connectors.bank.bulk import MOST_PERSONS, SAFE_TO_REPEAT, USELESS, BankInBulk
from connectors.bank.parse import Bank
from connectors.bank.parts import part_names
from connectors.bank.replies import Answers, answers, arrived_of, unknown
from connectors.bank.request import Request, request_of
from connectors.contract import (
    AskAgain,
    AskedPerson,
    Json,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
)
from connectors.failure import Failure, FailureKind, NotPermitted, SourceError
from connectors.mapping import FieldMap
from connectors.transport.limits import Gate
from connectors.transport.retry import repeated
from connectors.transport.sftp import ADDRESS_KEYS, Sftp, SftpAddress

T = TypeVar("T")

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
KEYS: Final = ADDRESS_KEYS | {"banks", "limit_only", "poll_seconds"}
POLL_SECONDS: Final = 60
_BANK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class BankSource:
    """All banks of the configuration, each an institution.

    Configuration: `url` (sftp), `host_key`, `password` or `private_key`, `banks` (their codes), and
    as wanted `limit_only` (what a bank tells nothing below), `poll_seconds`.
    """

    name = "bank"
    persons_a_query = MOST_PERSONS
    answers_later = True

    def __init__(self, config: Mapping[str, Any], gate: Gate, mapping: FieldMap) -> None:
        """Raises `ValueError` naming the configuration key at fault, never its value."""
        if unknown_keys := sorted(config.keys() - KEYS):
            raise ValueError(f"{unknown_keys[0]}: unknown key")
        self.institutions: tuple[str, ...] = _banks(config)
        limits = _limits(config, self.institutions)
        self._banks = {name: Bank(name, limits.get(name), mapping) for name in self.institutions}
        self._pause = timedelta(seconds=float(config.get("poll_seconds", POLL_SECONDS)))
        self._tries = gate.limits.tries
        self._most_bytes = gate.limits.max_bytes
        self._sftp = Sftp(SftpAddress.read(config), gate)
        self.in_bulk = BankInBulk(
            self._sftp, self._banks, self._pause, self._tries, self._most_bytes
        )

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "BankSource":
        """The banks of a configuration with resolved values.

        Raises `ValueError` naming the source and the key at fault.
        """
        rest = {key: value for key, value in config.items() if key != "mapping"}
        try:
            return cls(rest, gate, FieldMap.load(Path(config.get("mapping", MAPPING))))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """Put a request file into each bank's folder; a bank that takes none is unknown."""
        banks = self.institutions if query.institutions is None else query.institutions
        try:
            request = await asyncio.to_thread(request_of, query)
        except SourceError as error:
            return Progress(_unknown_everywhere(query.persons, banks, error.failure))
        nameless = Failure(FailureKind.REJECTED, "no document or name that the file can carry")
        replies = [*_unknown_everywhere(request.left_out, banks, nameless)]
        taken: list[str] = []
        for bank in banks if request.asked else ():
            failure = await self._hand_over(bank, request, permit, may_refuse=not taken)
            if failure is None:
                taken.append(bank)
            else:
                replies += unknown(request.asked, bank, failure)
        return Progress(tuple(replies), self._ticket(query.reference, request, taken))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """Read what the outstanding banks have put out since the last look; asks nothing."""
        persons = {person.ref: person for person in query.persons}
        asked = tuple(persons[ref] for ref in ticket.persons)
        request = str(ticket.payload["request"])
        replies: list[SourceReply] = []
        again: list[AskAgain] = []
        outstanding: dict[str, Json] = {}
        for bank, seen in cast("Mapping[str, list[int]]", ticket.payload["banks"]).items():
            try:
                found, parts = await self._look(bank, request, asked, frozenset(seen))
            except SourceError:
                # Out of reach at the moment; what the bank has put out waits for the next look.
                found, parts = Answers(), frozenset(seen)
            replies += found.replies
            again += found.again
            if not found.complete:
                outstanding[bank] = cast("Json", sorted(parts))
        payload: dict[str, Json] = {"request": request, "banks": outstanding}
        left = replace(ticket, payload=payload) if outstanding else None
        return Progress(tuple(replies), left, tuple(again))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._sftp.aclose()

    def _ticket(self, reference: str, request: Request, banks: Sequence[str]) -> Ticket | None:
        if not banks:
            return None
        persons = tuple(person.ref for person in request.asked)
        payload: dict[str, Json] = {"request": request.name, "banks": {bank: [] for bank in banks}}
        return Ticket(reference, persons, self._pause, payload)

    async def _hand_over(
        self, bank: str, request: Request, permit: Permit, *, may_refuse: bool
    ) -> Failure | None:
        """Why the bank has no request file, or None where it has; raises `NotPermitted`."""
        if bank not in self._banks:
            return Failure(FailureKind.REJECTED, "no such bank in the configuration")
        path = f"/{bank}/in/{request.name}.txt"
        try:
            await repeated(
                lambda: self._sftp.hand_over(path, request.body, permit),
                tries=self._tries,
                on=SAFE_TO_REPEAT,
            )
        except SourceError as error:
            return error.failure
        except NotPermitted as refusal:
            if may_refuse:
                raise
            # Other banks have their file already: the ticket for their answers must not be lost.
            return refusal.failure
        return None

    async def _look(
        self, bank: str, request: str, asked: Sequence[AskedPerson], seen: Set[int]
    ) -> tuple[Answers, Set[int]]:
        """What is new in the bank's folder, and the parts that are there now."""
        if bank not in self._banks:
            gone = Failure(FailureKind.REJECTED, "no such bank in the configuration any more")
            return Answers(unknown(asked, bank, gone), complete=True), seen
        folder = f"/{bank}/out"
        names = await self._repeated(lambda: self._sftp.names(folder))
        parts = part_names(request, names)
        refusal = f"HDREJ_{request.removeprefix('HDREQ_')}.txt"
        if not parts and refusal in names:
            reason = await self._content(f"{folder}/{refusal}")
            raw = reason if isinstance(reason, bytes) else b""
            refused = Failure(FailureKind.REJECTED, "the bank refused the request file")
            return Answers(unknown(asked, bank, refused, raw=raw), complete=True), seen
        if parts.keys() <= seen:
            return Answers(), seen
        # The bytes get no name here: a frame that outlives its call would keep them.
        arrived = await asyncio.to_thread(arrived_of, parts, await self._contents(folder, parts))
        found = await asyncio.to_thread(answers, arrived, asked, self._banks[bank], seen=seen)
        return found, parts.keys()

    async def _contents(self, folder: str, parts: Mapping[int, str]) -> list[bytes | Failure]:
        """The parts one by one; together they are no larger than one file may be."""
        bodies: list[bytes | Failure] = []
        room = self._most_bytes
        for name in parts.values():
            body = await self._content(f"{folder}/{name}", most=room)
            room -= len(body) if isinstance(body, bytes) else 0
            bodies.append(body)
        return bodies

    async def _content(self, path: str, *, most: int | None = None) -> bytes | Failure:
        """A file's bytes or what is wrong with it; raises `SourceError` for the way to it."""
        try:
            return await self._repeated(lambda: self._sftp.read(path, most=most))
        except SourceError as error:
            if error.failure.kind in USELESS:
                return error.failure
            raise

    async def _repeated(self, call: Callable[[], Awaitable[T]]) -> T:
        return await repeated(call, tries=self._tries, on=SAFE_TO_REPEAT)


def _unknown_everywhere(
    persons: Sequence[AskedPerson], banks: Sequence[str], failure: Failure
) -> tuple[SourceReply, ...]:
    return tuple(reply for bank in banks for reply in unknown(persons, bank, failure))


def _banks(config: Mapping[str, Any]) -> tuple[str, ...]:
    banks = config.get("banks")
    if not isinstance(banks, (list, tuple)) or not banks:
        raise ValueError("banks: expected a list of the banks' folder names")
    names = tuple(str(bank) for bank in banks)
    if not all(map(_BANK_NAME.fullmatch, names)) or len(set(names)) != len(names):
        raise ValueError("banks: expected different folder names of small letters and digits")
    return names


def _limits(config: Mapping[str, Any], banks: Sequence[str]) -> Mapping[str, Decimal]:
    limits = config.get("limit_only", {})
    if not isinstance(limits, Mapping) or not limits.keys() <= set(banks):
        raise ValueError("limit_only: expected limits in yuan by the names of some of the banks")
    try:
        found = {str(bank): Decimal(str(limit)) for bank, limit in limits.items()}
    except InvalidOperation:
        raise ValueError("limit_only: expected an amount in yuan for each bank") from None
    if not all(limit.is_finite() and limit > 0 for limit in found.values()):
        raise ValueError("limit_only: expected amounts above zero")
    return found
