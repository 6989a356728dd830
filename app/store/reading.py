"""Looks into a database without any way to change it: for verifiers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.errors import ConfigurationError, StorageUnavailable
from app.store.scope import SERVICE_SETTINGS

_SEES_EVERYTHING: Final = " ".join(f"-c {name}={text}" for name, text in SERVICE_SETTINGS.items())
"""Whoever reads the whole trail is not of one region."""


@contextmanager
def reading(url: str) -> Iterator[sa.Connection]:
    """One transaction that reads; of PostgreSQL any account that may SELECT will do."""
    engine = _engine(sa.make_url(url))
    try:
        with engine.connect() as tx:
            if tx.dialect.name == "sqlite":
                tx.exec_driver_sql("BEGIN")
            yield tx
    except DBAPIError as error:
        kind = type(error.orig).__name__
        raise StorageUnavailable(f"the database cannot be read: {kind}") from None
    finally:
        engine.dispose()


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={"options": f"-c default_transaction_read_only=on {_SEES_EVERYTHING}"},
        )
    path = Path(url.database or "")
    if not path.is_file():
        raise ConfigurationError(f"{path}: no such database")
    address = f"sqlite+pysqlite:///file:{quote(str(path.resolve()))}?mode=ro&uri=true"
    return sa.create_engine(
        address, hide_parameters=True, connect_args={"isolation_level": None, "timeout": 30}
    )
