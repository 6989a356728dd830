"""Asks the tax office 税务: one SOAP call a person."""

from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from connectors.config import mapping_of, texts_of
from connectors.contract import (
    AskedPerson,
    Months,
    Outcome,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
)
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.tax.envelope import question
from connectors.tax.parse import read_reply
from connectors.transport.asking import Asking, ask_each, reply_about
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
PATH: Final = "/tax/services/IncomeQuery"
HEADERS: Final = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"queryIncome"'}

FAULT: Final = 500
"""Under this status a fault says whether the same call may be made again."""


class TaxSource:
    """The tax office; answers at once. Configuration: `url`, `username`, `password`."""

    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 1
    answers_later: bool = False

    def __init__(
        self, config: Mapping[str, Any], gate: Gate, mapping: FieldMap, *, name: str = "tax"
    ) -> None:
        self.name = name
        credentials = b64encode(f"{config['username']}:{config['password']}".encode()).decode()
        headers = {**HEADERS, "Authorization": f"Basic {credentials}"}
        self._wire = Wire(config["url"], gate, headers=headers)
        self._limits = gate.limits
        self._mapping = mapping

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "TaxSource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        texts = texts_of(name, config, ("url", "username", "password"))
        return cls(texts, gate, mapping_of(config, MAPPING), name=name)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """One sending a person; failures come back as `Unknown`."""
        return await ask_each(query, partial(self._about, permit, query.window))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """There is nothing to collect: all is answered at once."""
        return Progress()

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _about(self, permit: Permit, window: Months, person: AskedPerson) -> SourceReply:
        asking = Asking(self._wire, permit, self._limits)
        return await reply_about(person, asking, partial(self._outcome, window, person))

    async def _outcome(self, window: Months, person: AskedPerson, asking: Asking) -> Outcome:
        call = HttpCall(
            "POST",
            PATH,
            body=question(person, window),
            content_types=("text/xml",),
            answers=frozenset({FAULT}),
        )
        return await asking.read(call, partial(self._read, person))

    def _read(self, person: AskedPerson, reply: HttpReply) -> Outcome:
        match reply.status:
            case 200:
                return read_reply(reply.body, person, self._mapping)
            case 500:
                raise _failure(reply.body, person, self._mapping)
            case status:
                raise SourceError.of(FailureKind.REJECTED, f"HTTP {status}")


def _failure(body: bytes, person: AskedPerson, mapping: FieldMap) -> SourceError:
    """What a reply under HTTP 500 says: a fault, or nothing that could be read."""
    try:
        read_reply(body, person, mapping)
    except SourceError as error:
        if error.failure.kind in {FailureKind.REJECTED, FailureKind.UNAVAILABLE}:
            return error
    return SourceError.of(FailureKind.UNAVAILABLE, "HTTP 500 without a fault")
