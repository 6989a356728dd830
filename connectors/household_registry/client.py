"""Asks the household registry 户籍管理: for a person, then for the household of their record."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from connectors.config import mapping_of, texts_of
from connectors.contract import AskedPerson, Outcome, SourceQuery
from connectors.failure import FailureKind, SourceError
from connectors.household_registry.parse import (
    Page,
    household,
    households_of,
    outcome_of,
    read_reply,
)
from connectors.mapping import FieldMap
from connectors.transport.asking import Asking, AtOnceSource
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
PERSON: Final = "/hukou/v1/person-query"
HOUSEHOLD: Final = "/hukou/v1/household-query"

MOST_HOUSEHOLDS: Final = 3
"""Lists fetched for one person: a second household is one moved out of, a third a mistake."""


class HouseholdRegistrySource(AtOnceSource):
    """The household registry; answers at once. Configuration: `url`, `token`."""

    def __init__(
        self,
        config: Mapping[str, Any],
        gate: Gate,
        mapping: FieldMap,
        *,
        name: str = "household_registry",
    ) -> None:
        wire = Wire(config["url"], gate, headers={"X-Auth-Token": config["token"]})
        super().__init__(name, wire, gate.limits)
        self._mapping = mapping

    @classmethod
    def from_config(
        cls, name: str, config: Mapping[str, Any], gate: Gate
    ) -> "HouseholdRegistrySource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        texts = texts_of(name, config, ("url", "token"))
        return cls(texts, gate, mapping_of(config, MAPPING), name=name)

    async def outcome(self, person: AskedPerson, query: SourceQuery, asking: Asking) -> Outcome:
        asked = {"xm": person.name, "gmsfhm": person.id_number}
        page = await asking.read(_call(PERSON, asked), self._read)
        numbers = households_of(person, page)[:MOST_HOUSEHOLDS]
        lists = [await self._household(number, asking) for number in numbers]
        return outcome_of(person, page, lists)

    async def _household(self, number: str, asking: Asking) -> Page:
        read = partial(self._read, in_household=True)
        try:
            return household(number, await asking.read(_call(HOUSEHOLD, {"hh": number}), read))
        except SourceError as error:
            return Page((), error.failure)

    def _read(self, reply: HttpReply, *, in_household: bool = False) -> Page:
        if reply.status != 200:
            raise SourceError.of(FailureKind.REJECTED, f"HTTP {reply.status}")
        return read_reply(reply.body, self._mapping, in_household=in_household)


def _call(path: str, asked: Mapping[str, str]) -> HttpCall:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    return HttpCall("POST", path, headers=headers, body=orjson.dumps(asked))
