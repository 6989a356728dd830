"""hedui keys 密钥: which data keys there are, new ones in their place, old ones destroyed."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from app.domain.errors import ConfigurationError, Conflict, NotFound
from app.jobs.rekeying import SETTLED_AFTER
from app.keys import open_keys, wrapping
from app.settings import Settings
from app.store.crypto.suites import suite_of
from app.store.data_keys import KeyPurpose, KeyState, StoredKey, all_keys, destroy_key, hold_keys
from app.store.key_making import MADE_ANEW, Maker
from app.store.rekeying import Progress, progress_of
from app.store.sealed_columns import key_ids
from app.store.stored_keys import clear_remains, opened
from app.store.workers import database_time
from app.wiring_audit import trail_of

keys = typer.Typer(no_args_is_help=True, help="Data keys and their rotation. 密钥")
console = Console(stderr=True)
_OPERATOR: Final = "hedui keys"


@keys.command()
def status(
    count: Annotated[bool, typer.Option("--count", help="Count cells by key (reads all).")] = False,
) -> None:
    """Which keys there are, and how far a rotation has come."""
    settings = Settings()
    stored = open_keys(settings)
    with opened(settings.database) as tx:
        rows, progress = all_keys(tx), progress_of(tx)
        cells = key_ids(tx) if count else {}
    table = Table("key", "for", "suite", "state", "since", "until", "wrapped by")
    for one in rows:
        table.add_row(*_cells(one))
    Console().print(table)
    _print_progress(progress)
    ring = stored.current()
    for place, found in cells.items():
        known = {id_: ring.opening.get(bytes.fromhex(id_)) for id_ in found}
        words = [
            f"{id_}{'' if known[id_] else ' (NOT THERE)'}: {cells_}"
            for id_, cells_ in found.items()
        ]
        console.print(f"{place}: {', '.join(sorted(words)) or 'empty'}")


@keys.command()
def rotate(
    index: Annotated[bool, typer.Option("--index", help="Keys of blind indexes.")] = False,
    service: Annotated[
        bool, typer.Option("--service", help="The secret of tokens and notices.")
    ] = False,
) -> None:
    """A new key in the place of the active one; what is stored follows while the service runs."""
    settings = Settings()

    def change(tx: sa.Connection, maker: Maker) -> Mapping[str, str]:
        if service:
            new = [maker.rotate_service(tx)]
        elif index:
            new = maker.rotate_indexes(tx, MADE_ANEW)
        else:
            new = [maker.rotate_field(tx)]
        return {"keys": ",".join(one.id for one in new), "suite": maker.suite.name}

    if service and settings.audit_key_file is None:
        raise ConfigurationError(
            "the audit trail's key is derived from this secret: with another one no entry would "
            "hold. Set HEDUI_AUDIT_KEY_FILE from the start where the secret is to be rotated"
        )
    done = _changed(settings, "keys_rotated", change)
    console.print(f"from now on: key {done['keys']}, {done['suite']}")
    if service:
        console.print("Restart all processes; clients fetch their notice keys anew.")


@keys.command()
def destroy(key_id: str) -> None:
    """Wipe out a key that nothing is sealed with any more. There is no way back."""
    settings = Settings()

    def change(tx: sa.Connection, maker: Maker) -> Mapping[str, str]:
        hold_keys(tx)
        refuse_unless_unused(tx, key_id, maker.now)
        destroy_key(tx, key_id)
        return {"keys": key_id}

    _changed(settings, "key_destroyed", change)
    _clear(settings.migration_database)
    console.print(f"key {key_id} is destroyed; backups of before hold it, wrapped")


@keys.command()
def rewrap(
    to: Annotated[str, typer.Option("--to", help="file:PATH, env:NAME, command:…, store:…")],
) -> None:
    """Wrap all data keys with another master key; nothing that is stored changes."""
    settings = Settings()
    target = wrapping(settings, to)

    def change(tx: sa.Connection, maker: Maker) -> Mapping[str, str]:
        return {"count": str(maker.rewrap(tx, target.store)), "by": target.store.id}

    done = _changed(settings, "keys_rewrapped", change)
    _clear(settings.migration_database)
    console.print(
        f"{done['count']} keys wrapped by {done['by']}; set HEDUI_KEY_SOURCE to {to}, restart all "
        "processes, keep the old master key for the backups of before"
    )
    if settings.audit_key_file is None:
        console.print(
            "hedui audit verify on another machine: keep the audit key apart (HEDUI_AUDIT_KEY_FILE)"
        )


def refuse_unless_unused(tx: sa.Connection, key_id: str, now: datetime) -> None:
    """Raises `NotFound` or `Conflict`: a key is destroyed once nobody can need it any more."""
    found = [one for one in all_keys(tx) if one.id == key_id]
    if not found:
        raise NotFound(f"{key_id}: no such key (hedui keys status)")
    [key] = found
    if key.purpose is KeyPurpose.SERVICE and key.state is KeyState.RETIRED:
        return
    if key.state is not KeyState.UNUSED:
        raise Conflict(
            f"{key_id} is {key.state}: rotate first, then wait until nothing is left under it "
            "(hedui keys status); who left a receiving household keeps the index that he or she has"
        )
    if key.until_at is None or now < key.until_at + SETTLED_AFTER:
        raise Conflict(f"{key_id} was in use a moment ago: wait a minute")


def _changed(
    settings: Settings,
    action: str,
    change: Callable[[sa.Connection, Maker], Mapping[str, str]],
) -> Mapping[str, str]:
    """In one transaction with its audit entry."""
    stored, wraps = open_keys(settings), wrapping(settings)
    with opened(settings.database, writing=True) as tx:
        now = database_time(tx) or datetime.now(UTC)
        maker = Maker(wraps.store, suite_of(settings.suite), wraps.master, now)
        done = change(tx, maker)
        trail = trail_of(settings, stored.service, lambda: now)
        trail.append(tx, actor=_OPERATOR, action=action, about=("data_key", ""), details=dict(done))
    return done


def _clear(url: str) -> None:
    if not clear_remains(url):
        console.print("the log could not be emptied while others read: it will be within minutes")


def _cells(one: StoredKey) -> tuple[str, ...]:
    until = "" if one.until_at is None else one.until_at.isoformat(timespec="seconds")
    of = f"{one.purpose} {one.column}".strip()
    since = one.from_at.isoformat(timespec="seconds")
    return (one.id, of, one.suite, one.state, since, until, one.wrapped_by)


def _print_progress(progress: Mapping[str, Progress]) -> None:
    table = Table("work", "keys", "changed", "does not open", "done")
    for name, one in sorted(progress.items()):
        done = "" if one.done_at is None else one.done_at.isoformat(timespec="seconds")
        table.add_row(name, one.target, str(one.total), str(one.broken or ""), done)
    if progress:
        Console().print(table)
