"""Refuses to start on a database that is unsafe: lossy, not migrated, another clock, no walls."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from app.domain.errors import ConfigurationError, StorageUnavailable
from app.jobs.checkup import MOST_APART
from app.settings import Settings
from app.store.checks import newest_revision, not_durable, revision_of
from app.store.migrate import sync_engine, upgrade
from app.store.roles import weak_walls
from app.store.workers import database_time


def migrated(settings: Settings) -> None:
    """On one machine the service brings its database up itself; in production `hedui migrate` does.

    There the service's role must not be one that may change tables.
    """
    if settings.production:
        _refuse_unmigrated(settings)
    else:
        upgrade(settings.migration_database)


def _refuse_unmigrated(settings: Settings) -> None:
    engine = sync_engine(settings.database)
    try:
        with engine.connect() as connection:
            found = revision_of(connection)
    except sa.exc.SQLAlchemyError as error:
        raise StorageUnavailable(f"the database cannot be read: {type(error).__name__}") from None
    finally:
        engine.dispose()
    wanted = newest_revision()
    if found != wanted:
        raise ConfigurationError(
            f"the database is at revision {found}, this release needs {wanted}: hedui migrate"
        )


def refuse_unsafe_database(
    tx: sa.Connection, *, machine: Callable[[], datetime], production: bool
) -> None:
    """SQLite has to be durable always, a server in production: there its clock counts, too."""
    if production or tx.dialect.name == "sqlite":
        refuse_lossy(tx)
    if production:
        refuse_other_clock(tx, machine)
        refuse_weak_walls(tx)


def refuse_lossy(tx: sa.Connection) -> None:
    """A database that may lose what it acknowledged."""
    lossy = not_durable(tx)
    if lossy:
        raise ConfigurationError(
            f"the database may lose what it acknowledged: {', '.join(lossy)}; switch it on there"
        )


def refuse_weak_walls(tx: sa.Connection) -> None:
    """A role that could read every region whatever the tables' policies say."""
    weak = weak_walls(tx)
    if weak:
        raise ConfigurationError(
            f"regions are not kept apart in the database: {'; '.join(weak)}; "
            "docs/site/en/how-to/operations.md says how to make the two roles"
        )


def refuse_other_clock(tx: sa.Connection, machine: Callable[[], datetime]) -> None:
    """A machine whose clock is more than a minute off the database's, where that has one."""
    told = database_time(tx)
    if told is not None and abs(told - machine()) > MOST_APART:
        raise ConfigurationError(
            f"this machine's clock is over {MOST_APART.total_seconds():.0f} s off the "
            "database's; synchronise both by NTP"
        )
