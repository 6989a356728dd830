"""What work leaves behind and nobody needs any more: deleted some weeks after its end."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.store.outbox import OF_REGISTRY
from app.store.tables import outbox, ticket, verification
from app.store.tables_batch import batch, batch_unit, exchange_file, exchange_person
from app.store.tables_dci import dci_message
from app.store.tables_dci_later import (
    dci_news,
    dci_reference,
    dci_subscription,
    dci_task,
    dci_told,
)
from app.store.tables_erasure import subject_key
from app.store.tables_rosters import roster_pass

_PAGE: Final = 5_000
"""Rows of one transaction: others want to write, too."""
_ENDED: Final = ("done", "cancelled", "failed")
_ENDS: Final = sa.func.coalesce(roster_pass.c.ended_at, roster_pass.c.until_at)
"""When a pass stopped holding: given back, or by its hours."""


def forget_work(tx: sa.Connection, before: datetime) -> int:
    """Delete a page of rows that only told where work stood; gives how many.

    Verifications, replies, results, and what is known of a batch and its households stay. The
    secrets of rosters and of files exchanged go: what older backups have of them opens no more.
    """
    ended = sa.select(batch.c.id).where(batch.c.status.in_(_ENDED), batch.c.ended_at < before)
    closed = sa.select(verification.c.id).where(
        verification.c.status.in_(("final", "cancelled")), verification.c.final_at < before
    )
    over = sa.select(exchange_file.c.id).where(exchange_file.c.closed_at < before)
    return sum(
        (
            _some(tx, subject_key, subject_key.c.subject.in_(ended.union_all(over))),
            _some(tx, batch_unit, batch_unit.c.batch_id.in_(ended)),
            _some(tx, exchange_person, exchange_person.c.batch_id.in_(ended)),
            _some(tx, exchange_file, exchange_file.c.closed_at < before),
            _some(tx, ticket, ticket.c.state != "waiting", ticket.c.verification_id.in_(closed)),
            _some(tx, dci_message, dci_message.c.received_at < before),
            _some(tx, roster_pass, before > _ENDS),
            *_of_partners(tx, before),
        )
    )


def _of_partners(tx: sa.Connection, before: datetime) -> Iterator[int]:
    """What DCI partners asked and were told; no subscription that goes on."""
    old = sa.select(dci_task.c.id).where(dci_task.c.created_at < before)
    sent = sa.select(outbox.c.event_id).where(
        outbox.c.type.startswith(OF_REGISTRY), outbox.c.created_at < before
    )
    yield _some(tx, dci_reference, dci_reference.c.item_id.in_(old))
    yield _some(tx, dci_task, dci_task.c.created_at < before)
    yield _some(tx, dci_news, dci_news.c.created_at < before)
    yield _some(tx, dci_subscription, dci_subscription.c.ended_at < before)
    yield _some(tx, dci_told, dci_told.c.event_id.in_(sent))
    yield _some(tx, outbox, outbox.c.type.startswith(OF_REGISTRY), outbox.c.created_at < before)


def _some(tx: sa.Connection, table: sa.Table, *where: "sa.ColumnElement[bool]") -> int:
    key = list(table.primary_key)
    page = sa.select(*key).where(*where).limit(_PAGE)
    rows = tx.execute(page).all()
    if rows:
        tx.execute(table.delete().where(sa.tuple_(*key).in_([tuple(row) for row in rows])))
    return len(rows)
