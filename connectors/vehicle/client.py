"""Asks the register of vehicles and vessels 车船管理: one GET a person."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from connectors.config import mapping_of, texts_of
from connectors.contract import (
    AskedPerson,
    Outcome,
    Permit,
    Progress,
    SourceQuery,
    SourceReply,
    Ticket,
)
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.transport.asking import Asking, ask_each, reply_about
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate
from connectors.vehicle.parse import read_reply
from connectors.vehicle.wire import path_of

MAPPING: Final = Path(__file__).with_name("mapping.yaml")


class VehicleSource:
    """The register of vehicles and vessels; answers at once.

    Configuration: `url`, `licence` (licence code 授权码).
    """

    institutions: tuple[str, ...] = ("",)
    persons_a_query: int = 1
    answers_later: bool = False

    def __init__(
        self, config: Mapping[str, Any], gate: Gate, mapping: FieldMap, *, name: str = "vehicle"
    ) -> None:
        self.name = name
        self._licence: str = config["licence"]
        self._wire = Wire(config["url"], gate)
        self._limits = gate.limits
        self._mapping = mapping

    @classmethod
    def from_config(cls, name: str, config: Mapping[str, Any], gate: Gate) -> "VehicleSource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        texts = texts_of(name, config, ("url", "licence"))
        return cls(texts, gate, mapping_of(config, MAPPING), name=name)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        """One sending a person; failures come back as `Unknown`."""
        return await ask_each(query, partial(self._about, query.reference, permit))

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        """There is nothing to collect: all is answered at once."""
        return Progress()

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _about(self, issue: str, permit: Permit, person: AskedPerson) -> SourceReply:
        asking = Asking(self._wire, permit, self._limits, issue)
        return await reply_about(person, asking, partial(self._outcome, person))

    async def _outcome(self, person: AskedPerson, asking: Asking) -> Outcome:
        path = path_of(name=person.name, id_number=person.id_number, licence=self._licence)
        call = HttpCall("GET", path, content_types=("application/xml", "text/xml"))
        return await asking.read(call, partial(self._read, person))

    def _read(self, person: AskedPerson, reply: HttpReply) -> Outcome:
        if reply.status != 200:
            raise SourceError.of(FailureKind.REJECTED, f"HTTP {reply.status}")
        return read_reply(reply.body, person, self._mapping)
