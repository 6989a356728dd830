"""Lock-out 登录锁定: after wrong sign-ins nobody is heard for a while, for longer each time.

Counted in the database by account and by address, before the password is looked at: attempts that
come at once cannot slip past the count, other processes count on, and a restart resets nothing.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.store.sign_in_failures import Failures, SignInFailures, Tried

FREE: Final = 5
"""So many wrong ones in a row before there is a delay."""
_FIRST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=1)
_FORGOTTEN: Final = {"account": timedelta(days=1), "address": timedelta(hours=1)}
"""After so long without an attempt the count begins anew: an address may be a whole office's."""


def delay(count: int, free: int = FREE) -> timedelta:
    """How long nobody is heard after so many wrong ones: 1, 2, 4, … minutes, an hour at most."""
    if count < free:
        return timedelta(0)
    return min(_LONGEST, _FIRST * (1 << min(count - free, 10)))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in counts under."""

    account: Tried
    address: Tried

    @property
    def both(self) -> tuple[Tried, Tried]:
        """Always in this order: two processes never wait for each other."""
        return self.account, self.address


class LockOut:
    """Takes attempts as wrong ones, and takes them back where they were right."""

    def __init__(
        self,
        stored: SignInFailures,
        key: bytes,
        now: Callable[[], datetime],
        *,
        free_per_address: int = FREE,
    ) -> None:
        self._stored = stored
        self._key = key
        self._now = now
        self._free = {"account": FREE, "address": free_per_address}

    def attempt(self, login: str, address: str) -> Attempt:
        return Attempt(self._tried("account", login), self._tried("address", address))

    def begin(self, tx: sa.Connection, attempt: Attempt) -> bool:
        """Whether it is heard. It counts as wrong from now on, under what is not locked."""
        now = self._now()
        heard = True
        for tried in attempt.both:
            found = self._stored.current(tx, tried, now)
            if found.locked_until is not None and now < found.locked_until:
                heard = False
                continue
            self._stored.put(tx, tried, self._one_more(tried.kind, found, now))
        return heard

    def right(self, tx: sa.Connection, attempt: Attempt) -> None:
        """It was right: the account begins anew, the address is as it was before.

        The address's earlier wrong ones stay: who has one account must not try others for ever.
        """
        self._stored.forget(tx, attempt.account)
        found = self._stored.current(tx, attempt.address, self._now())
        before = Failures(max(0, found.count - 1), found.last_at, None)
        self._stored.put(tx, attempt.address, before)

    def forgive(self, tx: sa.Connection, login: str) -> None:
        """The account begins anew: after a reset by two persons."""
        self._stored.forget(tx, self._tried("account", login))

    def sweep(self, tx: sa.Connection) -> int:
        """Rows that count no more are deleted; gives how many."""
        return self._stored.sweep(tx, self._now() - max(_FORGOTTEN.values()))

    def _one_more(self, kind: str, found: Failures, now: datetime) -> Failures:
        old = now - found.last_at > _FORGOTTEN[kind]
        count = 1 if old else found.count + 1
        wait = delay(count, self._free[kind])
        return Failures(count, now, now + wait if wait else None)

    def _tried(self, kind: str, value: str) -> Tried:
        return Tried(kind, hmac.digest(self._key, f"{kind}\x1f{value}".encode(), "sha256"))
