"""Brings the database to the newest revision, before anything works on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import migrations
from app.domain.errors import ConfigurationError
from app.store.checks import newest_revision, revision_of
from app.store.scope import SERVICE_SETTINGS
from app.store.session import sqlite_engine

_NO_PRIVILEGE = "42501"


def sync_engine(url: str) -> sa.Engine:
    """An engine for migrations and tools: the operator's, so that it sees all regions."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite_engine(parsed)
    engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg"), hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _sees_everything(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            for name, value in SERVICE_SETTINGS.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.commit()

    return engine


@contextmanager
def transaction(url: str, *, writing: bool = True) -> Iterator[sa.Connection]:
    """One transaction of a command, on an engine of its own; committed where nothing went wrong."""
    engine = sync_engine(url)
    try:
        with engine.connect() as tx:
            if tx.dialect.name == "sqlite":
                tx.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
            yield tx
            if writing:
                tx.commit()
    finally:
        engine.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    """Run what is missing, one process at a time."""
    engine = sync_engine(url)
    try:
        with engine.connect() as connection:
            if revision == "head" and revision_of(connection) == newest_revision():
                return
            connection.rollback()
            config = Config()
            config.set_main_option("script_location", str(Path(migrations.__file__).parent))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_PRIVILEGE:
            raise
        raise ConfigurationError(
            "the database is not at the newest revision, and this role may not change it: hedui "
            "migrate, with HEDUI_MIGRATION_DATABASE_URL as the owner of the tables"
        ) from None
    finally:
        engine.dispose()
