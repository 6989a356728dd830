"""Rows that wait for whoever comes: due by their time, and taken for a while by one alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa


def is_any_due(tx: sa.Connection, table: sa.Table, now: datetime) -> bool:
    """`table`: one with `id`, `state`, `next_at`, `attempts`, as the next too."""
    query = sa.select(table.c.id).where(*_due(table, now)).limit(1)
    return tx.execute(query).first() is not None


def take_due(
    tx: sa.Connection, table: sa.Table, *, now: datetime, limit: int, lease: timedelta
) -> Sequence["sa.Row[Any]"]:
    """Those due the longest; nobody else takes them while the lease runs."""
    due = sa.select(table.c.id).where(*_due(table, now)).order_by(table.c.next_at).limit(limit)
    if tx.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    return tx.execute(
        table.update()
        .where(table.c.id.in_(due.scalar_subquery()))
        .values(next_at=now + lease, attempts=table.c.attempts + 1)
        .returning(table)
    ).all()


def _due(table: sa.Table, now: datetime) -> tuple["sa.ColumnElement[bool]", ...]:
    return table.c.state == "waiting", table.c.next_at <= now
