"""Many verifications that move on to another status in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.store.base import Instant
from app.store.tables import verification
from app.store.verifications import CLOSED_STATUSES

_MOVE: Final = (
    verification.update()
    .where(verification.c.id == sa.bindparam("of"))
    .values(
        status=sa.bindparam("to"),
        changed_at=sa.bindparam("now"),
        final_at=sa.func.coalesce(sa.bindparam("ended", type_=Instant), verification.c.final_at),
    )
)


def move_many(tx: sa.Connection, to: Mapping[str, str], *, now: datetime) -> None:
    """The status that each moves on to; of those that `Verifications.statuses_of` holds here."""
    rows = [
        {
            "of": id_,
            "to": status,
            "now": now,
            "ended": now if status in CLOSED_STATUSES else None,
        }
        for id_, status in to.items()
    ]
    if rows:
        tx.execute(_MOVE, rows)
