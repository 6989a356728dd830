"""What the commands of `hedui dci` work on: partners in one transaction, told on the trail."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.access.addresses import AddressRules, NotAnAddress, pattern_of
from app.audit.chain import AuditTrail
from app.cli_saying import refuse
from app.keys import master_key, open_keys
from app.settings import Settings
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.dci_senders import Sender, Senders
from app.store.dci_sending import DciSending, TokenPlace
from app.store.migrate import transaction, upgrade
from app.store.outgoing_addresses import OutgoingAddresses
from app.store.tables_dci import MOST_KEYS
from app.wiring_audit import callback_rules, trail_of
from connectors.dci.keys import BadKeys, key_id, read_keys

_OPERATOR = "hedui dci"
_MOST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Desk:
    """One transaction over partners, with the trail that tells of each change."""

    tx: sa.Connection
    clients: Clients
    senders: Senders
    sending: DciSending
    rules: AddressRules
    trail: AuditTrail
    now: datetime

    def named(self, sender_id: str) -> Sender:
        found = self.senders.named(self.tx, sender_id)
        if found is None:
            refuse(f"{sender_id}: no such sender")
        return found

    def allowed(self, uri: str) -> str:
        """The address, if calls may go there by the rules for all callbacks."""
        try:
            self.rules.place_of(uri.rstrip("*"))
        except NotAnAddress as wrong:
            refuse(f"{uri}: {wrong}")
        return uri

    def place_of_tokens(self, given: Sequence[str]) -> TokenPlace | None:
        """By address, client id, where the secret stands, scope; None: none of them is given."""
        if not any(given):
            return None
        url, client_id, secret, scope = given
        if not (url and client_id and secret):
            refuse("tokens are asked for with --token-url, --token-client and --token-secret")
        if secret.partition(":")[0] not in ("env", "file") or not secret.partition(":")[2]:
            refuse("--token-secret is env:NAME or file:PATH: a secret itself stands in no command")
        if max(map(len, given)) > _MOST_TEXT or not all(one.isprintable() for one in given):
            refuse(f"what tokens are asked for with has at most {_MOST_TEXT} characters each")
        return TokenPlace(self.allowed(url), client_id, secret, scope)

    def with_keys(self, one: Sender, given: tuple[Path | None, str, Path | None]) -> Sender:
        """Pinned keys and an address exclude each other."""
        keys, uri, consent_keys = given
        if keys is not None and uri:
            refuse("either --keys or --keys-uri")
        if keys is not None:
            one = replace(one, jwks=_public(keys), jwks_uri="")
        if uri:
            one = replace(one, jwks="", jwks_uri=self.allowed(uri))
        return one if consent_keys is None else replace(one, consent_jwks=_public(consent_keys))

    def tell(self, action: str, one: Sender, **details: str) -> None:
        about = (one.client_id, one.region)
        told = {"sender": one.sender_id, **details}
        self.trail.append(self.tx, actor=_OPERATOR, action=action, about=about, details=told)


@contextmanager
def opened() -> Iterator[Desk]:
    """On the migrated database; committed where nothing went wrong."""
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.migration_database)
    master, now = master_key(settings), datetime.now(UTC)
    trail = trail_of(settings, master, lambda: now)
    sending = DciSending(FieldCipher(open_keys(settings)))
    with transaction(settings.database) as tx:
        rules = callback_rules(settings)
        agreed = tuple(pattern_of(one) for one in OutgoingAddresses().agreed(tx))
        rules = replace(rules, patterns=(*rules.patterns, *agreed))
        yield Desk(tx, Clients(), Senders(), sending, rules, trail, now)


def _public(path: Path) -> str:
    """The public keys of a file, each under an id."""
    try:
        document = json.loads(path.read_text("utf-8"))
        if any("d" in one for one in document.get("keys", ()) if isinstance(one, dict)):
            refuse(f"{path}: it holds a private key: hand in the public ones alone")
        keys = read_keys(document)
    except OSError as error:
        refuse(f"{path}: {error.strerror}")
    except (BadKeys, ValueError, AttributeError):
        refuse(f"{path}: no JWK set that can be used")
    if not keys:
        refuse(f"{path}: no key of a kind that is used here")
    shown = [{**one.as_dict(private=False), "kid": key_id(one)} for one in keys]
    text = json.dumps({"keys": shown}, sort_keys=True)
    if len(text) > MOST_KEYS:
        refuse(f"{path}: more keys than are kept")
    return text


def told(one: Sender) -> dict[str, Any]:
    return {
        "sender_id": one.sender_id,
        "client_id": one.client_id,
        "region": one.region,
        "receiver_ids": one.receiver_ids,
        "dialects": one.dialects,
        "consent": one.consent,
        "keys": _ids(one.jwks),
        "keys_uri": one.jwks_uri,
        "consent_keys": _ids(one.consent_jwks),
        "sender_uris": one.sender_uris,
        "created_at": one.created_at.isoformat(),
        "changed_at": one.changed_at.isoformat(),
    }


def _ids(jwks: str) -> Sequence[str]:
    return [one["kid"] for one in json.loads(jwks)["keys"]] if jwks else []
