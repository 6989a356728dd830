"""Which open verifications go by a consent 授权, and what of them waits for sources."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.store.base import in_region
from app.store.tables import asking, ticket, verification
from app.store.verifications import OPEN_STATUSES


def open_under(tx: sa.Connection, region: str, reference: str) -> tuple[str, ...]:
    """Ids of those in the region or below it, in the order in which they were asked for.

    By the household's consent, and by those of single persons of whom sources were asked.
    """
    columns = verification.c
    of_persons = sa.select(asking.c.verification_id).where(
        asking.c.consent_reference == reference, in_region(asking.c.region, region)
    )
    rows = tx.execute(
        sa.select(columns.id)
        .where(
            sa.or_(columns.consent_reference == reference, columns.id.in_(of_persons)),
            in_region(columns.region, region),
            columns.status.in_(OPEN_STATUSES),
        )
        .order_by(columns.requested_at, columns.id)
    )
    return tuple(rows.scalars())


def look_now(tx: sa.Connection, ids: Sequence[str], now: datetime) -> None:
    """What waits for sources is looked after at once: the gate tells who may not be any more."""
    tx.execute(
        ticket.update()
        .where(
            ticket.c.verification_id.in_(ids),
            ticket.c.state == "waiting",
            ticket.c.next_at > now,
        )
        .values(next_at=now)
    )
