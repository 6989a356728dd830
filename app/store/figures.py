"""Counts and ages for the operators: each query looks into an index, or at what is open alone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

import sqlalchemy as sa

from app.observe.figures import Figures
from app.store.audit_entries import AuditEntries
from app.store.tables import audit_entry, outbox, ticket, verification
from app.store.tables_batch import batch, batch_unit, exchange_file, exchange_person
from app.store.tables_running import worker
from app.store.verifications import OPEN_STATUSES

STUCK_OVER: Final = 10
"""A unit is stuck where it is under way for over so many times the median."""

AT_LEAST_SECONDS: Final = 60.0
"""But not before this: where units take milliseconds, a slow disk is no stuck unit."""

_SAMPLE: Final = 500
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNDER_WAY: Final = ("reading", "running", "paused")
_NOTICE_STATES: Final = ("waiting", "dead")
_UNIT_STATES: Final = ("todo", "running")


def read_figures(tx: sa.Connection, now: datetime) -> Figures:
    """All of them, as they stand in this transaction."""
    middle = unit_seconds_median(tx)
    return Figures(
        verifications=_counts(tx, verification.c.status, OPEN_STATUSES),
        **_tickets(tx, now),
        **_exchange(tx, now),
        batches=_counts(tx, batch.c.status, _UNDER_WAY),
        units=_counts(tx, batch_unit.c.state, _UNIT_STATES),
        unit_seconds_median=middle,
        units_stuck=len(stuck_units(tx, now, middle)),
        notices=_counts(tx, outbox.c.state, _NOTICE_STATES),
        notice_age=_oldest(tx, outbox.c.created_at, outbox.c.state == "waiting", now),
        workers=_beats(tx, now),
        audit_entries=tx.execute(sa.select(sa.func.max(audit_entry.c.position))).scalar() or 0,
        audit_waiting=_audit_waiting(tx, now),
    )


def _audit_waiting(tx: sa.Connection, now: datetime) -> float:
    since = AuditEntries().waiting_since(tx)
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def unit_seconds_median(tx: sa.Connection) -> float | None:
    """Of the units that ended last in batches under way; None where none has ended."""
    took = tx.execute(
        sa.select(batch_unit.c.began_at, batch_unit.c.ended_at)
        .join(batch, batch.c.id == batch_unit.c.batch_id)
        .where(
            batch.c.status == "running",
            batch_unit.c.began_at.is_not(None),
            batch_unit.c.ended_at.is_not(None),
        )
        .order_by(batch_unit.c.batch_id.desc(), batch_unit.c.number.desc())
        .limit(_SAMPLE)
    )
    seconds = [(row.ended_at - row.began_at).total_seconds() for row in took]
    return median(seconds) if seconds else None


def stuck_units(
    tx: sa.Connection, now: datetime, middle: float | None
) -> tuple[tuple[str, int], ...]:
    """Batch and number of the units that are under way far longer than others took."""
    if middle is None:
        return ()
    longest = max(STUCK_OVER * middle, AT_LEAST_SECONDS)
    began = tx.execute(
        sa.select(batch_unit.c.batch_id, batch_unit.c.number, batch_unit.c.began_at).where(
            batch_unit.c.state == "running", batch_unit.c.began_at.is_not(None)
        )
    )
    return tuple(
        (row.batch_id, row.number)
        for row in began
        if (now - row.began_at).total_seconds() > longest
    )


def _tickets(tx: sa.Connection, now: datetime) -> dict[str, Any]:
    waiting = tx.execute(
        sa.select(ticket.c.source, sa.func.count())
        .where(ticket.c.state == "waiting")
        .group_by(ticket.c.source)
    )
    oldest = tx.execute(
        sa.select(ticket.c.source, sa.func.min(ticket.c.next_at))
        .where(ticket.c.state == "waiting", ticket.c.next_at <= now)
        .group_by(ticket.c.source)
    )
    return {
        "tickets_waiting": {row[0]: row[1] for row in waiting},
        "ticket_age": {row[0]: _age(row[1], now) for row in oldest},
    }


def _exchange(tx: sa.Connection, now: datetime) -> dict[str, Any]:
    files = tx.execute(
        sa.select(
            exchange_file.c.source,
            exchange_file.c.state,
            sa.func.count(),
            sa.func.min(exchange_file.c.created_at),
        )
        .where(exchange_file.c.state.in_(("written", "handed_over")))
        .group_by(exchange_file.c.source, exchange_file.c.state)
    ).all()
    ages: dict[str, float] = {}
    for source, _, _, created_at in files:
        ages[source] = max(ages.get(source, 0.0), _age(created_at, now))
    return {
        "exchange_persons": _to_be_enlisted(tx),
        "exchange_files": {(row[0], row[1]): row[2] for row in files},
        "exchange_file_age": ages,
    }


def _to_be_enlisted(tx: sa.Connection) -> Mapping[str, int]:
    """Steps from pair to pair of source and institution: of the others no row is looked at."""
    columns = exchange_person.c
    pair = sa.tuple_(columns.source, columns.institution)
    first = sa.select(columns.source, columns.institution).order_by(
        columns.source, columns.institution
    )
    found: dict[str, int] = {}
    at = tx.execute(first.limit(1)).one_or_none()
    while at is not None:
        todo = tx.execute(
            sa.select(sa.func.count()).where(
                columns.source == at.source,
                columns.institution == at.institution,
                columns.state == "todo",
            )
        ).scalar_one()
        found[at.source] = found.get(at.source, 0) + todo
        past = pair > sa.tuple_(sa.literal(at.source), sa.literal(at.institution))
        at = tx.execute(first.where(past).limit(1)).one_or_none()
    return found


def _beats(tx: sa.Connection, now: datetime) -> Mapping[tuple[str, str], float]:
    rows = tx.execute(sa.select(worker.c.name, worker.c.kind, worker.c.beat_at))
    return {(row.name, row.kind): _age(row.beat_at, now) for row in rows}


def _counts(
    tx: sa.Connection, column: "sa.Column[str]", values: tuple[str, ...]
) -> Mapping[str, int]:
    """Of these values alone, 0 included: what is closed grows without end."""
    rows = tx.execute(sa.select(column, sa.func.count()).where(column.in_(values)).group_by(column))
    return dict.fromkeys(values, 0) | {row[0]: row[1] for row in rows}


def _oldest(
    tx: sa.Connection,
    column: "sa.Column[datetime]",
    where: "sa.ColumnElement[bool]",
    now: datetime,
) -> float | None:
    at = tx.execute(sa.select(sa.func.min(column)).where(where)).scalar()
    return None if at is None else _age(at, now)


def _age(at: datetime, now: datetime) -> float:
    """Seconds; not below zero where another machine's clock is ahead."""
    return max(0.0, (now - at).total_seconds())
