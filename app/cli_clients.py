"""hedui clients: case-management systems 接入系统, their keys, and what they may ask for."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import sqlalchemy as sa
import typer
from rich.console import Console

from app.access.assertions import read_jwks
from app.access.certificates import read_pem
from app.access.clients import new_secret, secret_hash
from app.access.rates import OF_A_CLIENT, policies
from app.access.tokens import SCOPES
from app.audit.chain import AuditTrail
from app.cli_saying import refuse
from app.domain.errors import ConfigurationError
from app.domain.household import Purpose
from app.keys import master_key
from app.present_clients import table_of_clients, told_client, told_key
from app.programmes.standard import Standards
from app.settings import Settings
from app.store.clients import Client, ClientKey, Clients, KeyKind
from app.store.migrate import transaction, upgrade
from app.wiring_audit import trail_of
from app.wiring_sources import new_id

clients = typer.Typer(no_args_is_help=True, help="API clients. 接入系统")
_OPERATOR: Final = "hedui clients"
_MOST_NAME: Final = 200
_MOST_RATES: Final = 400
Scope = Annotated[str | None, typer.Option(help=",".join(SCOPES))]
Programmes = Annotated[
    list[str] | None, typer.Option("--programme", help="Only these; none: all. '' takes it back.")
]
Purposes = Annotated[
    list[str] | None, typer.Option("--purpose", help="Only these; none: all. '' takes it back.")
]
RateText = Annotated[
    str | None, typer.Option("--rate", help="Its own limits: verify=300/10,read=1000/10.")
]
JwksFile = Annotated[
    Path | None, typer.Option("--key", help="Its public keys (JWK set) for private_key_jwt.")
]
PemFile = Annotated[
    Path | None, typer.Option("--certificate", help="Its TLS certificate (PEM) behind a proxy.")
]


@clients.command("add")
def add_client(
    name: str,
    region: Annotated[str, typer.Option(help="GB/T 2260 code: its subtree is the client's.")],
    scope: Annotated[str, typer.Option(help=",".join(SCOPES))] = "verify,read",
    programme: Programmes = None,
    purpose: Purposes = None,
    rate: RateText = None,
    key: JwksFile = None,
    certificate: PemFile = None,
) -> None:
    """Make a client; its secret is printed once. With a key or certificate it has no secret."""
    if not region.isascii() or not region.isdigit() or not 2 <= len(region) <= 12:
        refuse("a region is 2 to 12 digits (GB/T 2260)")
    if not 1 <= len(name) <= _MOST_NAME:
        refuse(f"a name has 1 to {_MOST_NAME} characters")
    plain = Client(
        client_id=new_id("cl"), name=name, region=region, scopes=(), created_at=datetime.now(UTC)
    )
    new = _limited(plain, scope, (programme, purpose), rate)
    given = _given(key, certificate)
    with _open() as desk:
        desk.clients.add(desk.tx, new)
        secret = None if given else desk.add_secret(new)
        desk.add_keys(new, given)
        desk.tell("client_added", new, scopes=" ".join(new.scopes))
    shown = {"client_id": new.client_id}
    _write(shown if secret is None else {**shown, "client_secret": secret})


@clients.command("list")
def list_clients(
    region: Annotated[str, typer.Option(help="Of this region's subtree.")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """All clients, those whose access has ended too."""
    with _open() as desk:
        found = desk.clients.all(desk.tx, region=region)
    if as_json:
        _write([told_client(one) for one in found])
        return
    Console().print(table_of_clients(found))


@clients.command("show")
def show_client(client_id: str) -> None:
    """A client and its keys as JSON; secrets are not stored, so they are not shown."""
    with _open() as desk:
        one = desk.get(client_id)
        keys = desk.clients.keys(desk.tx, client_id)
    _write({**told_client(one), "keys": [told_key(key) for key in keys]})


@clients.command("rotate")
def rotate_key(
    client_id: str,
    overlap: Annotated[
        float, typer.Option(min=0.0, max=2_160.0, help="Hours that the older ones still hold.")
    ] = 24.0,
    key: JwksFile = None,
    certificate: PemFile = None,
) -> None:
    """A new secret (printed once), key or certificate; the older ones of its kind end."""
    given = _given(key, certificate)
    kinds = {kind for kind, _, _ in given} or {"secret"}
    with _open() as desk:
        one = desk.get(client_id, open_only=True)
        older = [old.id for old in desk.clients.keys(desk.tx, client_id) if old.kind in kinds]
        until = desk.now + timedelta(hours=overlap)
        desk.clients.end_keys(desk.tx, older, until)
        secret = None if given else desk.add_secret(one)
        desk.add_keys(one, given)
        desk.tell("client_key_rotated", one, kinds=" ".join(sorted(kinds)), overlap=f"{overlap:g}")
    if secret is not None:
        _write({"client_id": client_id, "client_secret": secret, "older_until": until.isoformat()})


@clients.command("revoke")
def revoke_client(
    client_id: str,
    key_id: Annotated[
        str | None, typer.Option("--key-id", help="Only this key: ck_… of show.")
    ] = None,
) -> None:
    """End its access for good, its tokens' too, within two seconds; or end one key."""
    with _open() as desk:
        one = desk.get(client_id, open_only=True)
        if key_id is None:
            desk.clients.revoke(desk.tx, client_id, desk.now)
            desk.tell("client_revoked", one)
            return
        if key_id not in {key.id for key in desk.clients.keys(desk.tx, client_id)}:
            refuse(f"{key_id}: the client has no such key")
        desk.clients.end_keys(desk.tx, [key_id], desk.now)
        desk.tell("client_key_revoked", one, key=key_id)


@clients.command("limit")
def limit_client(
    client_id: str,
    scope: Scope = None,
    programme: Programmes = None,
    purpose: Purposes = None,
    rate: RateText = None,
) -> None:
    """Set what it may ask for, and how often; what is not named stays."""
    with _open() as desk:
        changed = _limited(desk.get(client_id, open_only=True), scope, (programme, purpose), rate)
        desk.clients.set_limits(desk.tx, changed)
        desk.tell(
            "client_limited",
            changed,
            scopes=" ".join(changed.scopes),
            programmes=" ".join(changed.programmes),
            purposes=" ".join(changed.purposes),
            rates=changed.rates,
        )
    _write(told_client(changed))


@dataclass(frozen=True, slots=True)
class _Desk:
    """One transaction over clients, with the trail that tells of each change."""

    tx: sa.Connection
    clients: Clients
    trail: AuditTrail
    now: datetime

    def get(self, client_id: str, *, open_only: bool = False) -> Client:
        one = self.clients.get(self.tx, client_id)
        if one is None:
            refuse(f"{client_id}: no such client")
        if open_only and one.revoked_at is not None:
            refuse(f"{client_id}: its access has ended; add a new client")
        return one

    def add_secret(self, one: Client) -> str:
        secret = new_secret()
        self.add_keys(one, [("secret", "", secret_hash(secret))])
        return secret

    def add_keys(self, one: Client, keys: Sequence[tuple[KeyKind, str, str]]) -> None:
        for kind, kid, value in keys:
            new = ClientKey(
                id=new_id("ck"),
                client_id=one.client_id,
                kind=kind,
                kid=kid,
                value=value,
                created_at=self.now,
            )
            self.clients.add_key(self.tx, new)

    def tell(self, action: str, one: Client, **details: str) -> None:
        about = (one.client_id, one.region)
        self.trail.append(self.tx, actor=_OPERATOR, action=action, about=about, details=details)


@contextmanager
def _open() -> Iterator[_Desk]:
    """On the migrated database; committed where nothing went wrong."""
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.migration_database)
    master = master_key(settings)  # the keys are in the database: it is migrated first
    now = datetime.now(UTC)
    trail = trail_of(settings, master, lambda: now)
    with transaction(settings.database) as tx:
        yield _Desk(tx, Clients(), trail, now)


def _limited(
    one: Client,
    scope: str | None,
    lists: tuple[list[str] | None, list[str] | None],
    rate: str | None,
) -> Client:
    """The client with what was named; `lists`: programmes and purposes."""
    programmes, purposes = map(_words, lists)
    if scope is not None:
        one = replace(one, scopes=tuple(_words([scope]) or ()))
        if not one.scopes or not set(one.scopes) <= set(SCOPES):
            refuse(f"scopes are {', '.join(SCOPES)}")
    if programmes is not None:
        known = Standards.load(Settings().programmes).programmes
        if not set(programmes) <= set(known):
            refuse(f"programmes are {', '.join(known)}")
        one = replace(one, programmes=programmes)
    if purposes is not None:
        if not set(purposes) <= set(Purpose):
            refuse(f"purposes are {', '.join(Purpose)}")
        one = replace(one, purposes=purposes)
    return one if rate is None else replace(one, rates=_rates(rate))


def _rates(text: str) -> str:
    try:
        named = policies(text, {})
    except ConfigurationError as error:
        refuse(str(error))
    if not set(named) <= set(OF_A_CLIENT) or len(text) > _MOST_RATES:
        refuse(f"limits of a client are of {', '.join(OF_A_CLIENT)}")
    return text


def _words(lists: list[str] | None) -> tuple[str, ...] | None:
    """Each part once; commas part, too."""
    if lists is None:
        return None
    parts = (part.strip() for one in lists for part in one.split(","))
    return tuple(dict.fromkeys(filter(None, parts)))


def _given(key: Path | None, certificate: Path | None) -> list[tuple[KeyKind, str, str]]:
    """Kind, id and value of the keys in the files."""
    found: list[tuple[KeyKind, str, str]] = []
    try:
        if key is not None:
            found += [("jwk", kid, jwk) for kid, jwk in read_jwks(key.read_text("utf-8"))]
        if certificate is not None:
            thumbprint = read_pem(certificate.read_bytes()).thumbprint
            found.append(("certificate", "", thumbprint))
    except OSError as error:
        refuse(f"{error.filename}: {error.strerror}")
    except ValueError:
        refuse(f"{certificate}: no certificate in PEM")
    return found


def _write(document: Any) -> None:
    sys.stdout.write(orjson.dumps(document).decode() + "\n")
