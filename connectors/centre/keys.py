"""The public keys by which a centre's answers are checked: from a file, or from the centre."""

import time
from collections.abc import Mapping
from typing import Any, Final

from connectors.failure import FailureKind, SourceError
from connectors.transport.http import HttpCall, Wire
from connectors.transport.signatures import keys_in

_KEPT: Final = 3600.0  # seconds
_TYPES: Final = ("application/jwk-set+json", "application/json")

Jwks = tuple[Mapping[str, Any], ...]


class CentreKeys:
    """A file's keys stay; those of an address are looked for again after an hour."""

    def __init__(self, wire: Wire, base_url: str, given: str) -> None:
        """`given`: a JWK set, or an address of the centre's own. Raises `ValueError`."""
        self._wire = wire
        self._path: str | None = None
        self._known: tuple[float, Jwks] | None = None
        if given.startswith(("https://", "http://")):
            if not given.startswith(f"{base_url}/"):
                raise ValueError("keys: another address than the centre's url is not called")
            self._path = given.removeprefix(base_url)
        else:
            self._known = (float("inf"), keys_in(given))

    async def all(self) -> Jwks:
        """Raises `SourceError` where they cannot be had."""
        if self._known is not None and time.monotonic() < self._known[0]:
            return self._known[1]
        reply = await self._wire.send(HttpCall("GET", self._path or "", content_types=_TYPES), None)
        if reply.status != 200:
            raise SourceError.of(FailureKind.REJECTED, f"no keys: HTTP {reply.status}")
        try:
            keys = keys_in(reply.body.decode())
        except ValueError:
            keys = ()
        if not keys:
            raise SourceError.of(FailureKind.MALFORMED, "the centre shows no keys that can be used")
        self._known = (time.monotonic() + _KEPT, keys)
        return keys
