"""What all processes together have taken of a bucket, a window of time at a time."""

from datetime import datetime

import sqlalchemy as sa

from app.store.base import upsert
from app.store.tables_clients import rate_count

_PAGE = 5_000


class RateCounts:
    """Counts by bucket; a bucket has one row, whose window moves on."""

    def reserve(self, tx: sa.Connection, bucket: str, count: int, until: datetime) -> int:
        """Take so many in the window that ends then; gives how many were taken before.

        A process whose clock is behind takes in the later window that others have begun: a count
        never goes back.
        """
        statement = upsert(tx, rate_count).values(bucket=bucket, until=until, taken=count)
        new = statement.excluded
        begun_anew = new.until > rate_count.c.until
        taken: int = tx.execute(
            statement.on_conflict_do_update(
                index_elements=["bucket"],
                set_={
                    "taken": sa.case((begun_anew, count), else_=rate_count.c.taken + count),
                    "until": sa.case((begun_anew, new.until), else_=rate_count.c.until),
                },
            ).returning(rate_count.c.taken)
        ).scalar_one()
        return taken - count

    def forget(self, tx: sa.Connection, before: datetime) -> int:
        """A page of windows that ended before then."""
        over = sa.select(rate_count.c.bucket).where(rate_count.c.until < before).limit(_PAGE)
        return tx.execute(rate_count.delete().where(rate_count.c.bucket.in_(over))).rowcount
