"""What checks of the installation ask the database: schema, durability, key, what lies about."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from app.store.tables import outbox
from app.store.tables_batch import batch

_LITE_WANTED: Final[Mapping[str, tuple[str, ...]]] = {
    "journal_mode": ("wal",),
    "synchronous": ("2", "3"),
    "foreign_keys": ("1",),
}
"""What SQLite must say of a connection of ours; 2 is FULL, 3 is EXTRA."""
_SERVER_WANTED: Final[Mapping[str, tuple[str, ...]]] = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
}
"""What PostgreSQL must say; `synchronous_commit` is set by every connection itself."""
_SYNCHRONOUS: Final = ("on", "remote_apply", "remote_write", "local")


def answers(tx: sa.Connection) -> bool:
    """The database takes a statement."""
    return tx.execute(sa.select(sa.literal(1))).scalar() == 1


@cache
def newest_revision() -> str | None:
    """The revision that this code was written for."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return ScriptDirectory.from_config(config).get_current_head()


def revision_of(tx: sa.Connection) -> str | None:
    """The database's revision; None where nothing was ever migrated."""
    return MigrationContext.configure(tx).get_current_revision()


def not_durable(tx: sa.Connection) -> tuple[str, ...]:
    """Settings under which what was acknowledged may be lost, as `name=value`."""
    if tx.dialect.name == "postgresql":
        found = {name: tx.execute(sa.text(f"SHOW {name}")).scalar() for name in _SERVER_WANTED}
        wanted = dict(_SERVER_WANTED)
        found["synchronous_commit"] = tx.execute(sa.text("SHOW synchronous_commit")).scalar()
        wanted["synchronous_commit"] = _SYNCHRONOUS
    else:
        found = {name: tx.execute(sa.text(f"PRAGMA {name}")).scalar() for name in _LITE_WANTED}
        wanted = dict(_LITE_WANTED)
    return tuple(f"{name}={found[name]}" for name in wanted if str(found[name]) not in wanted[name])


def batches_wait(tx: sa.Connection) -> bool:
    """Whether there is work that only a worker does."""
    waiting = sa.select(batch.c.id).where(batch.c.status.in_(("reading", "running"))).limit(1)
    return tx.execute(waiting).first() is not None


def dead_letters(tx: sa.Connection) -> int:
    """Notices that were given up."""
    dead = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state == "dead")
    return int(tx.execute(dead).scalar_one())
