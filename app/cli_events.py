"""hedui events: notices 回调通知 to case systems: which wait, which were given up; send again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Final

import orjson
import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.audit.chain import AuditTrail
from app.cli_saying import console, refuse, write_json
from app.domain.errors import StorageUnavailable
from app.keys import open_keys
from app.settings import Settings
from app.store.crypto import FieldCipher
from app.store.events import STATES, Event, Events, EventState, Wanted
from app.store.migrate import transaction
from app.wiring_audit import trail_of

events = typer.Typer(no_args_is_help=True, help="Notices to case systems. 回调通知")
_OPERATOR: Final = "hedui events"
_COLUMNS: Final = ("event", "type", "about", "client", "state", "tries", "created", "last error")
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
OfClient = Annotated[str | None, typer.Option("--client", help="Of this client alone: cl_…")]


@events.command("list")
def list_events(
    state: Annotated[str | None, typer.Option(help="dead, waiting or delivered.")] = None,
    client: OfClient = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """The latest due first."""
    wanted = Wanted(client_id=client, state=_state(state))
    with _open() as (tx, stored, _):
        page = stored.page(tx, wanted, after=None, limit=limit)
    if as_json:
        write_json([asdict(one) for one in page])
        return
    table = Table(*_COLUMNS)
    for one in page:
        table.add_row(*_cells(one))
    Console().print(table)


@events.command()
def show(event_id: str) -> None:
    """A notice and what it says, as JSON."""
    with _open() as (tx, stored, _):
        event = stored.get(tx, event_id)
        if event is None:
            refuse(f"{event_id}: no such event")
        body = orjson.loads(stored.body(tx, event_id))
    write_json({**asdict(event), "body": body})


@events.command()
def replay(
    event_ids: Annotated[list[str] | None, typer.Argument(help="ev_…")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All that were given up.")] = False,
    client: OfClient = None,
) -> None:
    """Send again, under the same event ids; a running service does the sending."""
    if dead == bool(event_ids):
        refuse("give either event ids or --dead")
    if client is not None and not dead:
        refuse("--client goes with --dead")
    with _open() as (tx, stored, trail):
        now = datetime.now(UTC)
        if dead:
            count = stored.replay_dead(tx, client, now=now)
        else:
            missing = [one for one in event_ids or () if stored.get(tx, one) is None]
            if missing:
                refuse(f"{missing[0]}: no such event; nothing is sent again")
            count = stored.replay(tx, event_ids or (), now=now)
        about = (client or "all", "") if dead else ((event_ids or ("",))[0][:120], "")
        trail.append(
            tx,
            actor=_OPERATOR,
            action="notices_replayed",
            about=about,
            details={"count": str(count)},
        )
    console.print(f"{count} to be sent again")


@contextmanager
def _open() -> Iterator[tuple[sa.Connection, Events, AuditTrail]]:
    """One transaction on the migrated database; committed where nothing went wrong."""
    settings = Settings()
    try:
        keys = open_keys(settings)
    except StorageUnavailable as gone:
        refuse(str(gone))
    cipher = FieldCipher(keys)
    trail = trail_of(settings, keys.service, lambda: datetime.now(UTC))
    try:
        with transaction(settings.database) as tx:
            yield tx, Events(cipher), trail
    except (OperationalError, ProgrammingError) as error:
        # Its text may quote values.
        kind = type(error.orig).__name__
        refuse(f"the database cannot be used ({kind}); hedui migrate, hedui doctor")


def _state(text: str | None) -> EventState | None:
    for state in STATES:
        if text == state:
            return state
    if text is not None:
        refuse(f"--state is one of {', '.join(STATES)}")
    return None


def _cells(one: Event) -> tuple[str, ...]:
    about = one.verification_id or one.batch_id or one.alert_id or ""
    created = one.created_at.isoformat(timespec="seconds")
    tries = str(one.attempts)
    error = one.last_error or ""
    return (one.event_id, one.type, about, one.client_id, one.state, tries, created, error)
