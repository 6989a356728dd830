"""Is this search covered by a consent, and how much of a record may be told on it?

A consent that an issuer signed (`authorize.consent_jws`, with the claims of OpenG2P) or one that
the sender states (`consent` or `authorize` with a purpose). What the household itself signed here,
or took back, holds besides: see `households`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from joserfc import jws
from joserfc.errors import JoseError

from app.dci.attributes import NATIONAL_ID, UnknownAttribute, comparable, identifier_of
from app.dci.conditions import Compare
from app.dci.envelope import moment_of
from app.dci.keys import KeysUnavailable, pinned
from app.dci.received import Received
from app.dci.refusals import ConsentRefused
from app.store.clients import Clients
from app.store.dci_senders import Sender
from connectors.dci.keys import fits
from connectors.dci.signatures import SKEW_SECONDS
from connectors.transport.jws import SignatureRegistry

_MOST: Final = 16 * 1024
_MOST_PURPOSE: Final = 200
_SKEW: Final = timedelta(seconds=SKEW_SECONDS)
"""Clocks differ so much; a consent that is stated while it is asked is none to come."""
_AGAIN: Final = frozenset({"periodic", "recurring", "continuous", "multiple"})
"""Kinds of fetching on which a consent serves more than once; any other one serves once."""
_REGISTRY: Final = SignatureRegistry(algorithms=["Ed25519", "EdDSA", "ES256", "RS256", "PS256"])
_ALWAYS: Final = frozenset({"@context", "@id", "@type"})
_ATTRIBUTES: Final = "additional_attributes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a search may be told. `scopes`: fields of a record alone; None: all of them.

    `once`: the digest of a consent that serves for one message, until `until`. `purpose`: as it is
    written; `reference`: how the trail names the consent.
    """

    scopes: tuple[str, ...] | None = None
    purpose: str = ""
    reference: str = ""
    once: str = field(default="", repr=False)
    until: datetime | None = None

    def clamped(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record less what the consent does not name, at its first level."""
        if self.scopes is None:
            return dict(record)
        told = {
            name: value for name, value in record.items() if name in _ALWAYS or self._names(name)
        }
        if _ATTRIBUTES in record and _ATTRIBUTES not in told:
            some = [one for one in record[_ATTRIBUTES] if self._covers(one["name"])]
            if some:
                told[_ATTRIBUTES] = some
        return told

    def _names(self, name: str) -> bool:
        return any(one == name or one.endswith(f".{name}") for one in self.scopes or ())

    def _covers(self, name: str) -> bool:
        """An attribute by its name, or by a beginning of it: `verification`."""
        parts = name.split(".")
        return any(self._names(".".join(parts[:end])) for end in range(1, len(parts) + 1))


def granted(
    sender: Sender,
    criteria: Mapping[str, Any],
    asked: Sequence[Compare],
    *,
    us: str,
    now: datetime,
) -> Grant:
    """By the sender's rule. Raises `ConsentRefused`.

    `asked`: what the search needs of a person's identifiers; `us`: our name as the sender has it.
    """
    authorize, consent = _part(criteria, "authorize"), _part(criteria, "consent")
    text = authorize.get("consent_jws") or consent.get("consent_jws")
    if text:
        claims = _signed(sender, text)
        return _of_claims(sender, claims, asked, us=us, now=now)
    match sender.consent:
        case "signed":
            raise ConsentRefused("the search carries no signed consent (authorize.consent_jws)")
        case "stated":
            return _stated(authorize, consent, now)
        case "none":
            return Grant(purpose=_purpose(authorize) or _purpose(consent))


def use_once(
    tx: sa.Connection, clients: Clients, received: Received, grants: Iterable[Grant]
) -> None:
    """A consent that serves once serves one message, however often that is sent.

    Raises `ConsentRefused`.
    """
    if received.repeated:
        return
    once = {one.once: one.until for one in grants if one.once and one.until is not None}
    for digest, until in once.items():
        if not clients.use_assertion(tx, received.look.actor, digest, until):
            raise ConsentRefused("the consent serves once, and has served")


def _part(criteria: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = criteria.get(name)
    return found if isinstance(found, Mapping) else {}


def _purpose(part: Mapping[str, Any]) -> str:
    """Its code, else its text."""
    purpose = part.get("purpose")
    if isinstance(purpose, str):
        return purpose[:_MOST_PURPOSE]
    if not isinstance(purpose, Mapping):
        return ""
    told = purpose.get("code") or purpose.get("text")
    return told[:_MOST_PURPOSE] if isinstance(told, str) else ""


def _stated(authorize: Mapping[str, Any], consent: Mapping[str, Any], now: datetime) -> Grant:
    """The sender says when and for what it was given: it answers for that."""
    for part in (consent, authorize):
        given_at = moment_of(part.get("ts"))
        if _purpose(part) and given_at is not None and given_at <= now + _SKEW:
            return Grant(purpose=_purpose(part), reference="stated")
    raise ConsentRefused("the search states no consent: `ts` and `purpose` of consent or authorize")


def _signed(sender: Sender, text: object) -> Mapping[str, Any]:
    """The claims of a consent whose issuer was registered for this sender."""
    if not isinstance(text, str) or len(text) > _MOST:
        raise ConsentRefused("the consent is no signed text")
    try:
        keys = pinned(sender.consent_jwks)
    except KeysUnavailable:
        keys = ()
    for key in keys:
        try:
            found = jws.deserialize_compact(text.strip(), key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError):
            continue
        kid = found.headers().get("kid")
        if kid is not None and not fits(key, str(kid)):
            continue
        try:
            claims = json.loads(found.payload)
        except (ValueError, RecursionError):
            break
        if isinstance(claims, dict):
            return claims
    raise ConsentRefused("the consent is not signed by an issuer that is registered here")


def _of_claims(
    sender: Sender,
    claims: Mapping[str, Any],
    asked: Sequence[Compare],
    *,
    us: str,
    now: datetime,
) -> Grant:
    audience = claims.get("aud")
    if sender.sender_id not in (audience if isinstance(audience, list) else [audience]):
        raise ConsentRefused("the consent is made out to another one (aud)")
    controller = claims.get("data_controller")
    if controller not in (None, "", us, *sender.receiver_ids):
        raise ConsentRefused("the consent is about data of another registry (data_controller)")
    until = _check_validity(claims, now)
    _check_subject(claims.get("subject_id"), asked)
    purpose, scopes, jti = _purpose(claims), claims.get("data_scopes"), claims.get("jti")
    if not purpose:
        raise ConsentRefused("the consent names no purpose")
    if not isinstance(scopes, list) or not all(isinstance(one, str) for one in scopes):
        raise ConsentRefused("the consent names no data (data_scopes)")
    if not isinstance(jti, str) or not jti:
        raise ConsentRefused("the consent has no id (jti)")
    digest = sha256(f"dci consent\n{jti}".encode("utf-8", "surrogatepass")).hexdigest()
    serves_again = str(claims.get("fetch_type", "")).lower() in _AGAIN
    return Grant(
        scopes=tuple(scopes),
        purpose=purpose,
        reference=f"signed:{digest[:16]}",
        once="" if serves_again else digest,
        until=until,
    )


def _check_validity(claims: Mapping[str, Any], now: datetime) -> datetime:
    """It has begun and is not over. Gives the end."""
    validity = claims.get("validity")
    given = validity if isinstance(validity, Mapping) else {}
    begins, ends = moment_of(given.get("valid_from")), moment_of(given.get("valid_until"))
    issued = moment_of(claims.get("issued_at"))
    if begins is None or ends is None:
        raise ConsentRefused("the consent does not say from when to when it holds")
    if not begins <= now < ends or (issued is not None and issued > now):
        raise ConsentRefused("the consent does not hold now")
    return ends


def _check_subject(given: object, asked: Sequence[Compare]) -> None:
    """The consent is of just the person who is searched for."""
    subject = given if isinstance(given, Mapping) else {}
    value = subject.get("value")
    try:
        kind = identifier_of(subject.get("type")).name
    except UnknownAttribute:
        kind = NATIONAL_ID
    if not isinstance(value, str) or not value:
        raise ConsentRefused("the consent names no subject")
    wanted = (comparable(kind, value.strip()),)
    if [(one.attribute, one.values) for one in asked] != [(kind, wanted)]:
        raise ConsentRefused("the consent's subject is not the person searched for")
