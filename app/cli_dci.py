"""hedui dci: partners of the DCI registry interface, how they sign, where their answers go."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from rich.console import Console
from rich.table import Table

from app.cli_dci_desk import Desk, opened, told
from app.cli_saying import refuse, write_json
from app.store.dci_senders import ConsentRule, Sender
from app.store.tables_dci import MOST_ADDRESSES
from connectors.dci.signatures import Dialect

dci = typer.Typer(no_args_is_help=True, help="The DCI registry interface.")
senders = typer.Typer(no_args_is_help=True, help="Its partners.")
dci.add_typer(senders, name="senders")
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
TokenUrl = Annotated[str, typer.Option(help="Where it gives out tokens to call it with (OAuth).")]
TokenClient = Annotated[str, typer.Option(help="Who we are there.")]
TokenSecret = Annotated[str, typer.Option(help="Where the secret stands: env:NAME or file:PATH.")]
TokenScope = Annotated[str, typer.Option(help="The scope that is asked for there, if any.")]


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
    token_url: TokenUrl = "",
    token_client: TokenClient = "",
    token_secret: TokenSecret = "",
    token_scope: TokenScope = "",
) -> None:
    """Register a partner: from now on its messages are taken."""
    rule, dialects = _rule(consent), tuple(dialect or _SIGNING)
    if not set(dialects) <= set(_SIGNING):
        refuse(f"dialects are {', '.join(_SIGNING)}")
    _check_names(sender_id, *receiver_id)
    with opened() as desk:
        new = Sender(
            client_id=client_id,
            region=_region_of(desk, client_id, sender_id),
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
        place = desk.place_of_tokens((token_url, token_client, token_secret, token_scope))
        desk.sending.set_bearer(desk.tx, client_id, new.region, place or "")
        desk.tell("dci_sender_added", new, consent=consent, dialects=" ".join(new.dialects))
    write_json(told(new))


def _region_of(desk: Desk, client_id: str, sender_id: str) -> str:
    """The client's, if it may become this partner."""
    client = desk.clients.get(desk.tx, client_id)
    if client is None or client.revoked_at is not None:
        refuse(f"{client_id}: no such client")
    if desk.senders.of_client(desk.tx, client_id) or desk.senders.named(desk.tx, sender_id):
        refuse(f"{sender_id}: the client or the name is registered already")
    return client.region


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
    with opened() as desk:
        found = desk.senders.all(desk.tx, region=region)
    if as_json:
        write_json([told(one) for one in found])
        return
    table = Table("sender", "client", "region", "signs", "consent")
    for one in found:
        row = (one.sender_id, one.client_id, one.region, " ".join(one.dialects), one.consent)
        table.add_row(*row)
    Console().print(table)


@senders.command("show")
def show_sender(sender_id: str) -> None:
    """A partner as JSON, with the ids of its keys, and where its tokens come from."""
    with opened() as desk:
        one = desk.named(sender_id)
        bearer = desk.sending.bearer(desk.tx, one.client_id)
    kept = bearer and "kept"
    write_json({**told(one), "token": kept if isinstance(bearer, str) else bearer.url})


@senders.command("rotate")
def rotate_keys(
    sender_id: str, keys: Keys = None, keys_uri: KeysUri = "", consent_keys: ConsentKeys = None
) -> None:
    """Other keys take the place of those that were named before; at once, in all processes."""
    if keys is None and not keys_uri and consent_keys is None:
        refuse("say which: --keys, --keys-uri or --consent-keys")
    with opened() as desk:
        one = desk.with_keys(desk.named(sender_id), (keys, keys_uri, consent_keys))
        one = replace(one, changed_at=desk.now)
        desk.senders.put(desk.tx, one)
        kinds = {"keys": keys, "keys_uri": keys_uri, "consent_keys": consent_keys}
        desk.tell("dci_sender_rotated", one, kinds=" ".join(name for name in kinds if kinds[name]))
    write_json(told(one))


@senders.command("token")
def set_token(
    sender_id: str,
    file: Annotated[
        Path | None, typer.Argument(help="Holds the token alone; empty: none is sent.")
    ] = None,
    token_url: TokenUrl = "",
    token_client: TokenClient = "",
    token_secret: TokenSecret = "",
    token_scope: TokenScope = "",
) -> None:
    """The bearer token that the partner asks for where its answers go, or where to get one."""
    token = "" if file is None else _token_in(file)
    with opened() as desk:
        one = desk.named(sender_id)
        place = desk.place_of_tokens((token_url, token_client, token_secret, token_scope))
        if (file is None) == (place is None):
            refuse("either a file with a token, or --token-url and what belongs to it")
        desk.sending.set_bearer(desk.tx, one.client_id, one.region, place or token)
        how = "asked_for" if place is not None else "yes" if token else "no"
        desk.tell("dci_sender_token", one, sent=how)


def _token_in(file: Path) -> str:
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        refuse(f"{file}: it cannot be read")
    fits = len(token) <= _MOST_TOKEN and token.isprintable() and token.isascii()
    if not fits or token.startswith("{"):
        refuse(f"{file}: no token of at most {_MOST_TOKEN} characters on one line")
    return token


@senders.command("remove")
def remove_sender(sender_id: str) -> None:
    """Its messages are taken no more, and what it told of enrolments goes. Its client stays."""
    with opened() as desk:
        one = desk.named(sender_id)
        desk.senders.remove(desk.tx, one.client_id)
        desk.tell("dci_sender_removed", one)
