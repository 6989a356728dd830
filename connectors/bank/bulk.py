"""Asks a bank about thousands by one request file, and reads its reply by place."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from connectors.bank.parse import Bank
from connectors.bank.parts import part_names
from connectors.bank.reading import BankReading
from connectors.bank.request import body_of, can_be_named, name_of
from connectors.contract import AskedPerson, Permit
from connectors.contract_bulk import BulkRequest, Outstanding, Reading
from connectors.failure import Failure, FailureKind, SourceError
from connectors.transport.bulk import SaidOfAll
from connectors.transport.retry import repeated
from connectors.transport.sftp import Sftp

T = TypeVar("T")

MOST_PERSONS: Final = 50_000
SAFE_TO_REPEAT: Final = frozenset(
    {FailureKind.UNREACHABLE, FailureKind.TIMED_OUT, FailureKind.UNAVAILABLE}
)
"""A request file put again replaces itself; listing and reading change nothing."""

USELESS: Final = frozenset({FailureKind.MALFORMED, FailureKind.MISMATCHED, FailureKind.TOO_LARGE})
"""What is wrong with a part itself, and not with the way to it."""

_NO_SUCH_BANK: Final = Failure(FailureKind.REJECTED, "no such bank in the configuration")


@dataclass(frozen=True, slots=True)
class BankInBulk:
    """`most_bytes`: what all parts of a reply may have together."""

    sftp: Sftp
    banks: Mapping[str, Bank]
    pause: timedelta
    tries: int
    most_bytes: int
    persons_a_request: int = MOST_PERSONS

    def request_name(self, county: str, sent_on: date, number: int, *, unique: str) -> str | None:
        """As the interface names request files; 9999 a day and county."""
        return name_of(county, sent_on, number)

    def can_be_named(self, person: AskedPerson) -> bool:
        """Not without a document, nor with characters that end fields or lines."""
        return can_be_named(person)

    def body_of(self, request: BulkRequest) -> bytes:
        """The file's bytes."""
        return body_of(request.name, request.sent_on, request.persons)

    async def reachable(self, institution: str) -> Failure | None:
        """Whether the bank's folder for requests can be listed."""
        if institution not in self.banks:
            return _NO_SUCH_BANK
        try:
            await self._repeated(lambda: self.sftp.names(f"/{institution}/in"))
        except SourceError as error:
            return error.failure
        return None

    async def hand_over(self, request: BulkRequest, body: bytes, permit: Permit) -> Failure | None:
        """Put the file and its `.ok`; the same again replaces itself."""
        path = _path(request.name, request.institution)
        try:
            await self._repeated(lambda: self.sftp.hand_over(path, body, permit))
        except SourceError as error:
            return error.failure
        return None

    async def take_back(self, name: str, institution: str) -> bool:
        """False where the bank has taken the file, or cannot be reached."""
        try:
            return await self.sftp.take_back(_path(name, institution))
        except SourceError:
            return False

    async def look(self, request: Outstanding) -> Reading | None:
        """All parts that are there, once there are more than were seen."""
        bank = self.banks.get(request.institution)
        if bank is None:
            return SaidOfAll(_NO_SUCH_BANK, request.institution)
        folder = f"/{bank.name}/out"
        names = await self._repeated(lambda: self.sftp.names(folder))
        parts = part_names(request.name, names)
        refusal = f"HDREJ_{request.name.removeprefix('HDREQ_')}.txt"
        if not parts and refusal in names:
            reason = await self._content(f"{folder}/{refusal}", self.most_bytes)
            refused = Failure(FailureKind.REJECTED, "the bank refused the request file")
            raw = reason if isinstance(reason, bytes) else b""
            return SaidOfAll(refused, bank.name, raw)
        if parts.keys() <= request.seen:
            return None
        # The bytes get no name here: a frame that outlives its call would keep them.
        return await asyncio.to_thread(
            BankReading.over, bank, request.last_place, parts, await self._contents(folder, parts)
        )

    def part_in(self, body: bytes, last_place: int) -> int | None:
        """Banks do not call."""
        return None

    async def _contents(self, folder: str, parts: Mapping[int, str]) -> list[bytes | Failure]:
        bodies: list[bytes | Failure] = []
        room = self.most_bytes
        for name in parts.values():
            body = await self._content(f"{folder}/{name}", room)
            room -= len(body) if isinstance(body, bytes) else 0
            bodies.append(body)
        return bodies

    async def _content(self, path: str, most: int) -> bytes | Failure:
        """A file's bytes or what is wrong with it; raises `SourceError` for the way to it."""
        try:
            return await self._repeated(lambda: self.sftp.read(path, most=most))
        except SourceError as error:
            if error.failure.kind in USELESS:
                return error.failure
            raise

    async def _repeated(self, call: Callable[[], Awaitable[T]]) -> T:
        return await repeated(call, tries=self.tries, on=SAFE_TO_REPEAT)


def _path(name: str, institution: str) -> str:
    return f"/{institution}/in/{name}.txt"
