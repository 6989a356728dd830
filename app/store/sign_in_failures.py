"""Wrong sign-ins, counted in the database: by all processes together, and over restarts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.store.base import upsert
from app.store.tables_staff import sign_in_failure

_OF = sign_in_failure.c


@dataclass(frozen=True, slots=True)
class Tried:
    """What one sign-in counts under: `account` or `address`, and a keyed digest of it."""

    kind: str
    key_hash: bytes


@dataclass(frozen=True, slots=True)
class Failures:
    """How often in a row, when last, and until when nobody is heard."""

    count: int
    last_at: datetime
    locked_until: datetime | None


class SignInFailures:
    """Queries over failures. Whoever reads to write locks: `current` makes the row if need be."""

    def current(self, tx: sa.Connection, tried: Tried, now: datetime) -> Failures:
        """The row, locked until the transaction ends: attempts at once are counted in turn."""
        making = upsert(tx, sign_in_failure).values(
            kind=tried.kind, key_hash=tried.key_hash, count=0, last_at=now
        )
        tx.execute(making.on_conflict_do_nothing())
        wanted = sa.select(_OF.count, _OF.last_at, _OF.locked_until).where(_is(tried))
        row = tx.execute(wanted.with_for_update()).one()
        return Failures(*row)

    def put(self, tx: sa.Connection, tried: Tried, new: Failures) -> None:
        values = {"count": new.count, "last_at": new.last_at, "locked_until": new.locked_until}
        tx.execute(sign_in_failure.update().where(_is(tried)).values(**values))

    def forget(self, tx: sa.Connection, tried: Tried) -> None:
        tx.execute(sign_in_failure.delete().where(_is(tried)))

    def sweep(self, tx: sa.Connection, before: datetime) -> int:
        """Rows of which nothing was heard since then are deleted; how many."""
        return tx.execute(sign_in_failure.delete().where(_OF.last_at < before)).rowcount


def _is(tried: Tried) -> "sa.ColumnElement[bool]":
    return sa.and_(_OF.kind == tried.kind, _OF.key_hash == tried.key_hash)
