"""Runs revisions on a connection that the caller opened; one process at a time."""

import sqlalchemy as sa
from alembic import context

from app.store.schema import metadata

_LOCK = 724_000


def run() -> None:
    connection: sa.Connection = context.config.attributes["connection"]
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET lock_timeout = '10s'"))
        connection.execute(sa.text(f"SELECT pg_advisory_lock({_LOCK})"))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"SELECT pg_advisory_unlock({_LOCK})"))
    else:
        connection.exec_driver_sql("COMMIT")


run()
