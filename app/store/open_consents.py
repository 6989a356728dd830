"""Which open verifications go by a consent 授权."""

import sqlalchemy as sa

from app.store.base import in_region
from app.store.tables import verification
from app.store.verifications import OPEN_STATUSES


def open_under(tx: sa.Connection, region: str, reference: str) -> tuple[str, ...]:
    """Ids of those in the region or below it, in the order in which they were asked for."""
    columns = verification.c
    rows = tx.execute(
        sa.select(columns.id)
        .where(
            columns.consent_reference == reference,
            in_region(columns.region, region),
            columns.status.in_(OPEN_STATUSES),
        )
        .order_by(columns.requested_at, columns.id)
    )
    return tuple(rows.scalars())
