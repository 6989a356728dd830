"""Our keys as a DCI party, and those of partners: pinned, or fetched where they are published."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.jwk import OKPKey, RSAKey

from app.store.crypto import derive
from app.store.dci_senders import Sender
from connectors.dci.encryption import algorithm_of
from connectors.dci.keys import BadKeys, KeyPair, public_of, read_keys
from connectors.dci.signatures import Dialect

Fetch = Callable[[str], Awaitable[bytes]]
"""Gets the document at an address; raises `KeysUnavailable`. Judges the address itself."""
KEPT_FOR: Final = timedelta(minutes=10)
LEAST_WAIT: Final = timedelta(minutes=1)
"""Between two looks at an address, whether anything came or not."""
_MOST_KEPT: Final = 1_000


class KeysUnavailable(Exception):  # noqa: N818 - what is wrong, in two words
    """The keys that a partner publishes cannot be had just now."""


@dataclass(frozen=True)
class OwnKeys:
    """What we sign with and what partners encrypt for; `rsa` where the operator gave one."""

    edwards: OKPKey
    x25519: OKPKey
    rsa: RSAKey | None = None

    @classmethod
    def derived(cls, master: bytes, rsa_pem: bytes | None = None) -> "OwnKeys":
        """From the master key, so that all processes have the same."""
        signing = Ed25519PrivateKey.from_private_bytes(derive(master, "dci signatures"))
        opening = X25519PrivateKey.from_private_bytes(derive(master, "dci encryption"))
        rsa = None if rsa_pem is None else RSAKey.import_key(rsa_pem)
        return cls(OKPKey.import_key(signing), OKPKey.import_key(opening), rsa)

    def signing(self, dialect: Dialect) -> KeyPair:
        """OpenCRVS reads RS256 alone; where we have no such key it gets our other one."""
        return self.rsa if dialect is Dialect.JWS and self.rsa is not None else self.edwards

    @property
    def opening(self) -> tuple[KeyPair, ...]:
        return (self.x25519,) if self.rsa is None else (self.x25519, self.rsa)

    def public(self) -> list[dict[str, Any]]:
        """As published (RFC 7517): by use, each under its thumbprint."""
        shown = [
            public_of(self.edwards, use="sig", algorithm="EdDSA"),
            public_of(self.x25519, use="enc", algorithm=algorithm_of(self.x25519)),
        ]
        if self.rsa is not None:
            shown.append(public_of(self.rsa, use="sig", algorithm="RS256"))
            shown.append(public_of(self.rsa, use="enc", algorithm=algorithm_of(self.rsa)))
        return shown


@dataclass(slots=True)
class _Kept:
    """`keys`: None where there was nothing to be had yet."""

    at: datetime
    keys: tuple[KeyPair, ...] | None


@dataclass
class PartnerKeys:
    """Keys of partners. An address is asked once in ten minutes, and for an unknown key once in a
    minute: what a partner sends does not make us call anybody oftener."""

    fetch: Fetch
    now: Callable[[], datetime]
    _kept: dict[str, _Kept] = field(default_factory=dict, init=False)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict, init=False)

    async def of(self, sender: Sender, *, anew: bool = False) -> tuple[KeyPair, ...]:
        """Pinned keys alone where there are some. Raises `KeysUnavailable`.

        `anew`: none of the known ones fitted; they are looked at once more if that may be.
        """
        if sender.jwks:
            return pinned(sender.jwks)
        if not sender.jwks_uri:
            return ()
        async with self._turns.setdefault(sender.jwks_uri, asyncio.Lock()):
            kept = self._kept.get(sender.jwks_uri)
            waits = LEAST_WAIT if anew or (kept and kept.keys is None) else KEPT_FOR
            if kept is None or self.now() - kept.at >= waits:
                kept = await self._fetched(sender.jwks_uri, kept)
            if kept.keys is None:
                raise KeysUnavailable("the partner's keys cannot be had just now")
            return kept.keys

    async def _fetched(self, uri: str, before: _Kept | None) -> _Kept:
        """What could not be had leaves what was known, and is not asked for again at once."""
        keys = None if before is None else before.keys
        with contextlib.suppress(KeysUnavailable):
            keys = pinned((await self.fetch(uri)).decode("utf-8", "replace"))
        while len(self._kept) >= _MOST_KEPT:
            oldest = next(iter(self._kept))
            self._kept.pop(oldest)
            self._turns.pop(oldest, None)
        self._kept[uri] = _Kept(self.now(), keys)
        return self._kept[uri]


def pinned(jwks: str) -> tuple[KeyPair, ...]:
    """The keys of a JWK set's text. Raises `KeysUnavailable` where it is none."""
    if not jwks:
        return ()
    try:
        return read_keys(json.loads(jwks))
    except (ValueError, BadKeys, RecursionError):
        raise KeysUnavailable("the partner's keys cannot be read") from None


def encryption_key(keys: tuple[KeyPair, ...]) -> KeyPair | None:
    """Which of a partner's keys its messages are encrypted for."""
    for key in keys:
        fits = not (isinstance(key, OKPKey) and key.curve_name != "X25519")
        if fits and key.as_dict(private=False).get("use") == "enc":
            return key
    return None
