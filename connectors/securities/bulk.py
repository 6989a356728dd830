"""Asks the securities register about thousands by one workbook, and reads its reply by place."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from connectors.contract import AskedPerson, Permit
from connectors.contract_bulk import BulkRequest, Outstanding, Reading
from connectors.failure import Failure, FailureKind, SourceError
from connectors.securities.parse import Form
from connectors.securities.reading import SecuritiesReading
from connectors.securities.request import body_of, can_be_named, name_of
from connectors.securities.workbook import lines_of
from connectors.transport.bulk import SaidOfAll
from connectors.transport.retry import repeated
from connectors.transport.sftp import Sftp, ok_of

T = TypeVar("T")

MOST_PERSONS: Final = 20_000
SAFE_TO_REPEAT: Final = frozenset(
    {FailureKind.UNREACHABLE, FailureKind.TIMED_OUT, FailureKind.UNAVAILABLE}
)
"""A request put again replaces itself; listing and reading change nothing."""

USELESS: Final = frozenset({FailureKind.MALFORMED, FailureKind.TOO_LARGE})
"""What is wrong with the workbook itself, and not with the way to it."""

_OUT: Final = "/securities/out"


@dataclass(frozen=True, slots=True)
class SecuritiesInBulk:
    """The one register; its institution is the empty name."""

    sftp: Sftp
    form: Form
    pause: timedelta
    tries: int
    persons_a_request: int = MOST_PERSONS

    def request_name(self, county: str, sent_on: date, number: int, *, unique: str) -> str | None:
        """As the interface names request workbooks; 9999 a day and county."""
        return name_of(county, sent_on, number)

    def can_be_named(self, person: AskedPerson) -> bool:
        """Not without a document, nor with characters that no cell holds."""
        return can_be_named(person)

    def body_of(self, request: BulkRequest) -> bytes:
        """The workbook's bytes."""
        return body_of(request.persons)

    async def reachable(self, institution: str) -> Failure | None:
        """Whether the folder for requests can be listed."""
        try:
            await self._repeated(lambda: self.sftp.names("/securities/in"))
        except SourceError as error:
            return error.failure
        return None

    async def hand_over(self, request: BulkRequest, body: bytes, permit: Permit) -> Failure | None:
        """Put the workbook and its `.ok`; the same again replaces itself."""
        path = _path(request.name)
        try:
            await self._repeated(lambda: self.sftp.hand_over(path, body, permit))
        except SourceError as error:
            return error.failure
        return None

    async def take_back(self, name: str, institution: str) -> bool:
        """False where the register has taken the workbook, or cannot be reached."""
        try:
            return await self.sftp.take_back(_path(name))
        except SourceError:
            return False

    async def look(self, request: Outstanding) -> Reading | None:
        """The reply workbook once it is there; a damaged one can be had again."""
        name = f"ZQRSP_{request.name.removeprefix('ZQREQ_')}.xlsx"
        names = await self._repeated(lambda: self.sftp.names(_OUT))
        if request.seen or not {name, ok_of(name)} <= names:
            return None
        try:
            lines = await lines_of(await self._repeated(lambda: self.sftp.read(f"{_OUT}/{name}")))
            return await asyncio.to_thread(
                SecuritiesReading.over, self.form, request.last_place, lines
            )
        except SourceError as error:
            if error.failure.kind in USELESS:
                return SaidOfAll(error.failure, again=error.failure.repeatable)
            raise

    def part_in(self, body: bytes, last_place: int) -> int | None:
        """The register does not call."""
        return None

    async def _repeated(self, call: Callable[[], Awaitable[T]]) -> T:
        return await repeated(call, tries=self.tries, on=SAFE_TO_REPEAT)


def _path(name: str) -> str:
    return f"/securities/in/{name}.xlsx"
