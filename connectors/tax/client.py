"""Asks the tax office 税务: one SOAP call a person."""

from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from connectors.config import mapping_of, texts_of
from connectors.contract import AskedPerson, Outcome, SourceQuery
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.tax.envelope import question
from connectors.tax.parse import read_reply
from connectors.transport.asking import Asking, AtOnceSource
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
PATH: Final = "/tax/services/IncomeQuery"
HEADERS: Final = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"queryIncome"'}

FAULT: Final = 500
"""Under this status a fault says whether the same call may be made again."""


class TaxSource(AtOnceSource):
    """The tax office; answers at once. Configuration: `url`, `username`, `password`."""

    def __init__(
        self, config: Mapping[str, Any], gate: Gate, mapping: FieldMap, *, name: str = "tax"
    ) -> None:
        credentials = b64encode(f"{config['username']}:{config['password']}".encode()).decode()
        headers = {**HEADERS, "Authorization": f"Basic {credentials}"}
        super().__init__(name, Wire(config["url"], gate, headers=headers), gate.limits)
        self._mapping = mapping

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "TaxSource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        texts = texts_of(name, config, ("url", "username", "password"))
        return cls(texts, gate, mapping_of(config, MAPPING), name=name)

    async def outcome(self, person: AskedPerson, query: SourceQuery, asking: Asking) -> Outcome:
        call = HttpCall(
            "POST",
            PATH,
            body=question(person, query.window),
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
