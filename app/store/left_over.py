"""What a process that ended left between two steps: all is in, and nobody went on."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.domain.evidence import SourceState
from app.store.batch_units import RUNNING
from app.store.tables import source_task, ticket, verification
from app.store.tables_batch import batch_household

_WAITED_FOR = sa.exists().where(
    ticket.c.verification_id == verification.c.id, ticket.c.state == "waiting"
)


def waited_for_no_more(tx: sa.Connection, now: datetime, limit: int) -> Sequence[str]:
    """Single verifications that are partial though no ticket of theirs is open.

    Whoever stored the last reply ended before the conclusion, or is about to draw it.
    """
    free = sa.or_(verification.c.leased_until.is_(None), verification.c.leased_until < now)
    return list(
        tx.execute(
            sa.select(verification.c.id)
            .where(
                verification.c.status == "partial",
                verification.c.batch_id.is_(None),
                free,
                ~_WAITED_FOR,
            )
            .order_by(verification.c.changed_at)
            .limit(limit)
        ).scalars()
    )


def waiting_after(
    tx: sa.Connection, place: tuple[str, int], limit: int
) -> Sequence[tuple[str, int, str]]:
    """Waiting households of running batches behind a place: batch, position, verification."""
    household = batch_household.c
    behind = sa.or_(
        household.batch_id > place[0],
        sa.and_(household.batch_id == place[0], household.position > place[1]),
    )
    rows = tx.execute(
        sa.select(household.batch_id, household.position, household.verification_id)
        .where(household.state == "waiting", household.batch_id.in_(RUNNING), behind)
        .order_by(household.batch_id, household.position)
        .limit(limit)
    )
    return [(row.batch_id, row.position, row.verification_id) for row in rows]


def forgotten(since: datetime) -> sa.ColumnElement[bool]:
    """Partial, with a source outstanding for which nothing waits or was asked since then.

    So stands a verification whose process ended between a reply's storing and the next step.
    """
    awaited = sa.exists().where(
        ticket.c.verification_id == source_task.c.verification_id,
        ticket.c.source == source_task.c.source,
        sa.or_(ticket.c.state == "waiting", ticket.c.next_at > since),
    )
    outstanding = sa.exists().where(
        source_task.c.verification_id == verification.c.id,
        source_task.c.state == SourceState.PENDING.value,
        ~awaited,
    )
    return sa.and_(
        verification.c.status == "partial", verification.c.changed_at < since, outstanding
    )
