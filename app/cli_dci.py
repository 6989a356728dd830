"""hedui dci: partners of the DCI registry interface, how they sign, where their answers go."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from app.access.addresses import AddressRules, NotAnAddress, pattern_of
from app.audit.chain import AuditTrail
from app.cli_saying import refuse, write_json
from app.keys import master_key, open_keys
from app.settings import Settings
from app.store.clients import Clients
from app.store.crypto import FieldCipher
from app.store.dci_senders import ConsentRule, Sender, Senders
from app.store.dci_sending import DciSending
from app.store.migrate import transaction, upgrade
from app.store.outgoing_addresses import OutgoingAddresses
from app.store.tables_dci import MOST_ADDRESSES, MOST_KEYS
from app.wiring_audit import callback_rules, trail_of
from connectors.dci.keys import BadKeys, key_id, read_keys
from connectors.dci.signatures import Dialect

dci = typer.Typer(no_args_is_help=True, help="The DCI registry interface.")
senders = typer.Typer(no_args_is_help=True, help="Its partners.")
dci.add_typer(senders, name="senders")
_OPERATOR: Final = "hedui dci"
_RULES: Final = get_args(ConsentRule)
_SIGNING: Final = tuple(one.value for one in Dialect if one is not Dialect.NONE)
_MOST: Final = 200
_MOST_NAMES: Final = 5
_MOST_TOKEN: Final = 4_000
Keys = Annotated[Path | None, typer.Option(help="Its public keys (JWK set), pinned.")]
KeysUri = Annotated[str, typer.Option(help="Where it publishes them instead.")]
ConsentKeys = Annotated[
    Path | None, typer.Option(help="Public keys (JWK set) of whoever signs consents for it.")
]


@senders.command("add")
def add_sender(
    client_id: Annotated[str, typer.Argument(help="Its API client, with the scope dci.")],
    sender_id: Annotated[str, typer.Option(help="Its name in messages: header.sender_id.")],
    receiver_id: Annotated[list[str], typer.Option(help="A name that it calls us by.")],
    keys: Keys = None,
    keys_uri: KeysUri = "",
    consent: Annotated[str, typer.Option(help=", ".join(_RULES))] = "signed",
    consent_keys: ConsentKeys = None,
    dialect: Annotated[
        list[str] | None, typer.Option(help=f"How it signs: {', '.join(_SIGNING)}; default: any.")
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Stubs in place of signatures are taken, too.")
    ] = False,
    sender_uri: Annotated[
        list[str] | None, typer.Option(help="Where answers may go; with / or * at the end: below.")
    ] = None,
) -> None:
    """Register a partner: from now on its messages are taken."""
    rule, dialects = _rule(consent), tuple(dialect or _SIGNING)
    if not set(dialects) <= set(_SIGNING):
        refuse(f"dialects are {', '.join(_SIGNING)}")
    _check_names(sender_id, *receiver_id)
    with _open() as desk:
        client = desk.clients.get(desk.tx, client_id)
        if client is None or client.revoked_at is not None:
            refuse(f"{client_id}: no such client")
        if desk.senders.of_client(desk.tx, client_id) or desk.senders.named(desk.tx, sender_id):
            refuse(f"{sender_id}: the client or the name is registered already")
        new = Sender(
            client_id=client_id,
            region=client.region,
            sender_id=sender_id,
            receiver_ids=tuple(dict.fromkeys(receiver_id)),
            dialects=(*dialects, Dialect.NONE.value) if unsigned else dialects,
            consent=rule,
            sender_uris=tuple(desk.allowed(one) for one in sender_uri or ()),
            created_at=desk.now,
            changed_at=desk.now,
        )
        new = desk.with_keys(new, (keys, keys_uri, consent_keys))
        if not new.jwks and not new.jwks_uri and not unsigned:
            refuse("keys are missing: --keys or --keys-uri")
        if len("\n".join(new.sender_uris)) > MOST_ADDRESSES or len(receiver_id) > _MOST_NAMES:
            refuse("more addresses or names than are kept")
        desk.senders.put(desk.tx, new)
        desk.tell("dci_sender_added", new, consent=consent, dialects=" ".join(new.dialects))
    write_json(_told(new))


def _rule(text: str) -> ConsentRule:
    found: ConsentRule | None = next((one for one in _RULES if one == text), None)
    if found is None:
        refuse(f"a consent is {', '.join(_RULES)}")
    return found


def _check_names(*names: str) -> None:
    if not all(name and len(name) <= _MOST and not set(name) & set(" \t\n") for name in names):
        refuse(f"a name has 1 to {_MOST} characters and no blank")


@senders.command("list")
def list_senders(
    region: Annotated[str, typer.Option(help="Of this region's subtree.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """All partners."""
    with _open() as desk:
        found = desk.senders.all(desk.tx, region=region)
    if as_json:
        write_json([_told(one) for one in found])
        return
    table = Table("sender", "client", "region", "signs", "consent")
    for one in found:
        row = (one.sender_id, one.client_id, one.region, " ".join(one.dialects), one.consent)
        table.add_row(*row)
    Console().print(table)


@senders.command("show")
def show_sender(sender_id: str) -> None:
    """A partner as JSON, with the ids of its keys."""
    with _open() as desk:
        one = desk.named(sender_id)
    write_json(_told(one))


@senders.command("rotate")
def rotate_keys(
    sender_id: str, keys: Keys = None, keys_uri: KeysUri = "", consent_keys: ConsentKeys = None
) -> None:
    """Other keys take the place of those that were named before; at once, in all processes."""
    if keys is None and not keys_uri and consent_keys is None:
        refuse("say which: --keys, --keys-uri or --consent-keys")
    with _open() as desk:
        one = desk.with_keys(desk.named(sender_id), (keys, keys_uri, consent_keys))
        one = replace(one, changed_at=desk.now)
        desk.senders.put(desk.tx, one)
        kinds = {"keys": keys, "keys_uri": keys_uri, "consent_keys": consent_keys}
        desk.tell("dci_sender_rotated", one, kinds=" ".join(name for name in kinds if kinds[name]))
    write_json(_told(one))


@senders.command("token")
def set_token(
    sender_id: str,
    file: Annotated[Path, typer.Argument(help="Holds the token alone; empty: none is sent.")],
) -> None:
    """The bearer token that the partner asks for where its answers go."""
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        refuse(f"{file}: it cannot be read")
    if len(token) > _MOST_TOKEN or not token.isprintable() or not token.isascii():
        refuse(f"{file}: no token of at most {_MOST_TOKEN} characters on one line")
    with _open() as desk:
        one = desk.named(sender_id)
        desk.sending.set_token(desk.tx, one.client_id, one.region, token)
        desk.tell("dci_sender_token", one, sent="yes" if token else "no")


@senders.command("remove")
def remove_sender(sender_id: str) -> None:
    """Its messages are taken no more, and what it told of enrolments goes. Its client stays."""
    with _open() as desk:
        one = desk.named(sender_id)
        desk.senders.remove(desk.tx, one.client_id)
        desk.tell("dci_sender_removed", one)


@dataclass(frozen=True, slots=True)
class _Desk:
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
        """The address, if answers may go there by the rules for all callbacks."""
        try:
            self.rules.place_of(uri.rstrip("*"))
        except NotAnAddress as wrong:
            refuse(f"{uri}: {wrong}")
        return uri

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
def _open() -> Iterator[_Desk]:
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
        yield _Desk(tx, Clients(), Senders(), sending, rules, trail, now)


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


def _told(one: Sender) -> dict[str, Any]:
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
