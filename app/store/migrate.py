"""Brings the database to the newest revision, before anything works on it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import migrations
from app.store.session import sqlite_engine


def sync_engine(url: str) -> sa.Engine:
    """An engine for migrations and tools."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite_engine(parsed)
    return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), hide_parameters=True)


def upgrade(url: str, revision: str = "head") -> None:
    """Run what is missing, one process at a time."""
    engine = sync_engine(url)
    try:
        with engine.connect() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(migrations.__file__).parent))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()
    finally:
        engine.dispose()
