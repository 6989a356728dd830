"""Asks market regulation 工商登记: one call a person, with a token.

The document puts name and identity number into the address; it may stand in no log and no error.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from connectors.business_registration.parse import read_reply
from connectors.config import mapping_of, texts_of
from connectors.contract import AskedPerson, Outcome, SourceQuery
from connectors.failure import FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.transport.asking import Asking, AtOnceSource
from connectors.transport.http import HttpCall, HttpReply, Wire
from connectors.transport.limits import Gate
from connectors.transport.token import TokenKeeper

MAPPING: Final = Path(__file__).with_name("mapping.yaml")
PATH: Final = "/aic/v1/persons/interests"


class BusinessRegistrationSource(AtOnceSource):
    """Market regulation; answers at once. Configuration: `url`, `client_id`, `client_secret`."""

    def __init__(
        self,
        config: Mapping[str, Any],
        gate: Gate,
        mapping: FieldMap,
        *,
        name: str = "business_registration",
    ) -> None:
        wire = Wire(config["url"], gate)
        super().__init__(name, wire, gate.limits)
        self._mapping = mapping
        credentials = (config["client_id"], config["client_secret"])
        self._tokens = TokenKeeper(wire, credentials, tries=gate.limits.tries)

    @classmethod
    def from_config(
        cls, name: str, config: Mapping[str, Any], gate: Gate
    ) -> "BusinessRegistrationSource":
        """Raises `ValueError` naming a key that is missing or unknown."""
        texts = texts_of(name, config, ("url", "client_id", "client_secret"))
        return cls(texts, gate, mapping_of(config, MAPPING), name=name)

    async def outcome(self, person: AskedPerson, query: SourceQuery, asking: Asking) -> Outcome:
        token = await self._tokens.token()
        try:
            return await asking.read(_call(person, token), partial(self._read, person))
        except SourceError as error:
            if error.failure.kind is not FailureKind.REFUSED:
                raise
        # A token can be withdrawn before it ends: a new one, once.
        token = await self._tokens.token(refused=token)
        return await asking.read(_call(person, token), partial(self._read, person))

    def _read(self, person: AskedPerson, reply: HttpReply) -> Outcome:
        if reply.status != 200:
            raise SourceError.of(FailureKind.REJECTED, f"HTTP {reply.status}")
        return read_reply(reply.body, person, self._mapping)


def _call(person: AskedPerson, token: str) -> HttpCall:
    asked = urlencode({"name": person.name, "idNo": person.id_number}, quote_via=quote)
    return HttpCall("GET", f"{PATH}?{asked}", headers={"Authorization": f"Bearer {token}"})
