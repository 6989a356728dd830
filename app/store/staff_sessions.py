"""Sessions 会话 of people who signed in, found by the hash of the cookie's value."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.store.tables_staff import staff, staff_session

_OF = staff_session.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as it stands; it holds until `until_at` at most, and ends when nobody is there."""

    token_hash: bytes = field(repr=False)
    staff_id: str
    region: str
    created_at: datetime
    seen_at: datetime
    until_at: datetime


class StaffSessions:
    """Queries over sessions."""

    def add(self, tx: sa.Connection, new: Session) -> None:
        tx.execute(
            staff_session.insert().values(
                token_hash=new.token_hash,
                staff_id=new.staff_id,
                region=new.region,
                created_at=new.created_at,
                seen_at=new.seen_at,
                until_at=new.until_at,
            )
        )

    def find(self, tx: sa.Connection, token_hash: bytes) -> tuple[Session, str] | None:
        """The session that was not ended, and the state of the account."""
        columns = (_OF.token_hash, _OF.staff_id, _OF.created_at, _OF.seen_at, _OF.until_at)
        wanted = (
            sa.select(*columns, staff.c.region, staff.c.state)
            .join(staff, staff.c.id == _OF.staff_id)
            .where(_OF.token_hash == token_hash, _OF.ended_at.is_(None))
        )
        row = tx.execute(wanted).one_or_none()
        if row is None:
            return None
        values: dict[str, Any] = dict(row._mapping)
        state = values.pop("state")
        return Session(**values), state

    def seen(self, tx: sa.Connection, token_hash: bytes, now: datetime) -> None:
        tx.execute(staff_session.update().where(_OF.token_hash == token_hash).values(seen_at=now))

    def end(self, tx: sa.Connection, token_hash: bytes, *, why: str, now: datetime) -> None:
        self._end(tx, _OF.token_hash == token_hash, why=why, now=now)

    def end_all(self, tx: sa.Connection, staff_id: str, *, why: str, now: datetime) -> None:
        """All sessions of a member of staff."""
        self._end(tx, _OF.staff_id == staff_id, why=why, now=now)

    def sweep(self, tx: sa.Connection, before: datetime) -> int:
        """Rows that ended, or could not be used any more, before then are deleted; how many."""
        gone = sa.or_(_OF.until_at < before, _OF.ended_at < before)
        return tx.execute(staff_session.delete().where(gone)).rowcount

    def _end(
        self, tx: sa.Connection, which: "sa.ColumnElement[bool]", *, why: str, now: datetime
    ) -> None:
        ending = staff_session.update().where(which, _OF.ended_at.is_(None))
        tx.execute(ending.values(ended_at=now, why_ended=why))
