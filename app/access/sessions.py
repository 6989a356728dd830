"""Sessions 会话 of people who signed in: begun, checked at each request, ended."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from app.access.roles import OF_ONE_SOURCE, scopes_of
from app.access.tokens import Caller
from app.domain.errors import NotAuthenticated
from app.store.session import Database
from app.store.staff import ACTIVE, Account, StaffRoles
from app.store.staff_sessions import Session, StaffSessions

IDLE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=12)
_NOTED: Final = timedelta(seconds=30)
"""That somebody is there is written at most so often: a session ends by as much earlier."""
_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Started:
    """A session that was just begun; `token` is the cookie's value and is nowhere else."""

    token: str = field(repr=False)
    staff_id: str
    until: datetime


def token_hash(token: str) -> bytes:
    """What is stored of a token of 256 bits: of a session, or to take an account into use."""
    return sha256(token.encode()).digest()


def csrf_token(token: str) -> str:
    """What each changing request of the session must repeat in a header.

    Whoever can make a browser send the cookie, but cannot read it, does not know this.
    """
    return hmac.digest(token.encode(), b"hedui csrf", "sha256").hex()


class Sessions:
    """Fifteen minutes without a request end a session, and twelve hours at any rate."""

    def __init__(
        self,
        database: Database,
        sessions: StaffSessions,
        roles: StaffRoles,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._stored = sessions
        self._roles = roles
        self._now = now

    def begin(self, tx: sa.Connection, account: Account) -> Started:
        """A new one with a new value; whoever signs in never goes on with an old one."""
        now, token = self._now(), secrets.token_urlsafe(32)
        new = Session(
            token_hash=token_hash(token),
            staff_id=account.id,
            region=account.region,
            created_at=now,
            seen_at=now,
            until_at=now + LONGEST,
        )
        self._stored.add(tx, new)
        return Started(token, account.id, new.until_at)

    async def check(self, token: str) -> Caller:
        """Who it is, with the roles that are in force now. Raises `NotAuthenticated`."""
        hashed, now = token_hash(token), self._now()

        def read(tx: sa.Connection) -> tuple[Session, frozenset[str], str | None] | None:
            found = self._stored.find(tx, hashed)
            if found is None:
                return None
            session, state = found
            if state != ACTIVE or now >= session.until_at or now - session.seen_at > IDLE:
                return None
            held = self._roles.in_force(tx, session.staff_id, now)
            of_source = held & OF_ONE_SOURCE
            source = self._roles.source_of(tx, session.staff_id, now) if of_source else None
            return session, held, source

        found = await self._database.read(read)
        if found is None:
            raise NotAuthenticated("the session does not hold")
        session, roles, source = found
        if now - session.seen_at >= _NOTED:
            await self._database.write(lambda tx: self._stored.seen(tx, hashed, now))
        return Caller(
            actor=session.staff_id,
            region=session.region,
            scopes=scopes_of(roles),
            kind="staff",
            roles=roles,
            source=source,
        )

    async def end(self, token: str) -> None:
        """Signed out; a session that is over stays so."""
        hashed, now = token_hash(token), self._now()
        await self._database.write(
            lambda tx: self._stored.end(tx, hashed, why="signed_out", now=now)
        )

    def end_all(self, tx: sa.Connection, staff_id: str, why: str) -> None:
        """All of a member of staff's, in the transaction of what makes them end."""
        self._stored.end_all(tx, staff_id, why=why, now=self._now())

    def sweep(self, tx: sa.Connection) -> int:
        """Forgets sessions that were over a day ago; gives how many."""
        return self._stored.sweep(tx, self._now() - _KEPT)
