"""Who a client is, by which proof, and what it may ask for just now."""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

import sqlalchemy as sa

from app.access.assertions import ASSERTION_TYPE, Assertions, refused
from app.access.certificates import Certificate
from app.access.regions import within
from app.access.tokens import Caller
from app.domain.errors import NotAllowed, NotAuthenticated, TokenRefused
from app.domain.household import Purpose
from app.store.clients import Client, ClientKey, Clients
from app.store.crypto import FieldCipher
from app.store.scope import Crossing, across
from app.store.session import Database

KEPT_FOR: Final = timedelta(seconds=2)
"""A process knows a client's state that long: after it, what was revoked is refused."""
_HASHED: Final = "sha256:"
_NOBODY: Final = _HASHED + "0" * 64
_MOST_KNOWN: Final = 10_000


def new_secret() -> str:
    """A client secret: 256 bits, shown once."""
    return token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is stored of a secret: one round and no key, for the secret itself has 256 bits."""
    return _HASHED + sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def secret_matches(cipher: FieldCipher, stored: Sequence[str], secret: str) -> bool:
    """Whether it is one of them; takes as long where there is none.

    Secrets of the first release were hashed with the key of the blind index.
    """
    given = secret_hash(secret)
    found = False
    for one in (*stored, _NOBODY):
        is_new = one.startswith(_HASHED)
        mine = given if is_new else cipher.blind("client.secret_hash", secret).hex()
        found |= hmac.compare_digest(one, mine)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came to /oauth/token; `methods` are the ways in which it proves a client."""

    client_id: str = ""
    secret: str = field(default="", repr=False)
    assertion_type: str = ""
    assertion: str = field(default="", repr=False)
    certificate: Certificate | None = None


@dataclass(frozen=True, kw_only=True)
class Authentication:
    """Tells clients by a secret, a signed assertion or a certificate."""

    database: Database
    clients: Clients
    cipher: FieldCipher
    assertions: Assertions
    now: Callable[[], datetime]

    async def known(self, proof: Proof) -> Client:
        """Raises `TokenRefused`, alike for an unknown client and for a proof that does not hold."""
        id_ = proof.client_id
        if proof.assertion:
            id_ = self._claimed(proof)

        def load(tx: sa.Connection) -> tuple[Client | None, list[ClientKey]]:
            return self.clients.get(tx, id_), self.clients.keys(tx, id_)

        with across(Crossing.SIGN_IN):
            client, keys = await self.database.read(load)
        now = self.now()
        holding = [key for key in keys if key.holds(now)]
        if proof.assertion:
            await self._check_assertion(proof, id_, holding)
        elif proof.secret or proof.certificate is None:
            secrets = [key.value for key in holding if key.kind == "secret"]
            if not secret_matches(self.cipher, secrets, proof.secret):
                raise refused()
        else:
            _check_certificate(proof.certificate, holding, now)
        if client is None or client.revoked_at is not None:
            raise refused()
        return client

    def _claimed(self, proof: Proof) -> str:
        if proof.secret:
            raise TokenRefused("invalid_request", "a client proves itself in one way at a time")
        if proof.assertion_type != ASSERTION_TYPE:
            raise TokenRefused("invalid_request", "no such client_assertion_type")
        claimed = self.assertions.claimed(proof.assertion)
        if proof.client_id and proof.client_id != claimed:
            raise refused()
        return claimed

    async def _check_assertion(
        self, proof: Proof, client_id: str, keys: Sequence[ClientKey]
    ) -> None:
        """It holds, and gave no token before, in whichever process that was."""
        jwks = [key.value for key in keys if key.kind == "jwk"]
        signed = self.assertions.check(proof.assertion, client_id, jwks, self.now())
        if not jwks:
            raise refused()
        is_first = await self.database.write(
            lambda tx: self.clients.use_assertion(tx, client_id, signed.jti_digest, signed.until)
        )
        if not is_first:
            raise refused()


def _check_certificate(certificate: Certificate, keys: Sequence[ClientKey], now: datetime) -> None:
    """The proxy has checked the chain; here it must be one that was registered, in its time."""
    registered = {key.value for key in keys if key.kind == "certificate"}
    parsed = certificate.parsed
    in_time = parsed.not_valid_before_utc <= now <= parsed.not_valid_after_utc
    if certificate.thumbprint not in registered or not in_time:
        raise refused()


class Standing:
    """What a client may do now, whatever its token says; read anew every two seconds."""

    def __init__(self, database: Database, clients: Clients, now: Callable[[], datetime]) -> None:
        self._database = database
        self._clients = clients
        self._now = now
        self._known: OrderedDict[str, tuple[datetime, Client | None]] = OrderedDict()

    async def of(self, who: Caller) -> tuple[Caller, Client]:
        """The caller with the rights that both the token and the client have.

        Raises `NotAuthenticated` where the client is revoked, unknown or of another region now.
        """
        client = await self._current(who.actor)
        if client is None or client.revoked_at is not None or client.region != who.region:
            raise NotAuthenticated("the client's access has ended")
        scopes = tuple(one for one in who.scopes if one in client.scopes)
        narrowed = replace(
            who, scopes=scopes, programmes=client.programmes, purposes=client.purposes
        )
        return narrowed, client

    async def of_id(self, client_id: str, scopes: tuple[str, ...]) -> tuple[Caller, Client]:
        """The client itself, with those of the scopes that it has, where no token came.

        Raises `NotAuthenticated` where the client is revoked or unknown.
        """
        client = await self._current(client_id)
        if client is None:
            raise NotAuthenticated("the client's access has ended")
        return await self.of(Caller(client_id, client.region, scopes))

    async def _current(self, client_id: str) -> Client | None:
        now = self._now()
        at, client = self._known.get(client_id, (None, None))
        if at is not None and timedelta(0) <= now - at < KEPT_FOR:
            return client
        with across(Crossing.SIGN_IN):
            client = await self._database.read(lambda tx: self._clients.get(tx, client_id))
        self._known[client_id] = (now, client)
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return client


def check_within(
    who: Caller, purpose: Purpose, programmes: Sequence[str], region: str | None = None
) -> None:
    """Raises `NotAllowed` where the caller may not have this asked; wherever something is begun."""
    within(who, region)
    if who.purposes and purpose.value not in who.purposes:
        raise NotAllowed(f"the client may not ask for the purpose {purpose.value}")
    outside = sorted(set(programmes) - set(who.programmes)) if who.programmes else []
    if outside:
        raise NotAllowed(f"the client may not ask for the programme {outside[0]}")
