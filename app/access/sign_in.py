"""Signing in 登录 with login, password and code; and taking an account into use.

Whatever is wrong, the answer is the same: unknown login, wrong password, wrong or used code, locked
or disabled account. The same work is done for each.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.access.lock_out import Attempt, LockOut
from app.access.noted import Trail
from app.access.passwords import Passwords, check_password
from app.access.second_factor import address_of, new_secret, step_of
from app.access.sessions import Sessions, Started, token_hash
from app.domain.errors import NotAuthenticated
from app.store.session import Database
from app.store.staff import ACTIVE, INVITED, Account, StaffAccounts

_REFUSED: Final = "login, password or code is wrong, or nobody is heard for a while"
_NOT_TAKEN: Final = "the login or the token is wrong, or the token is used or over"
_NO_HASH: Final = b"\x00" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody signs in with; `address`: where from, for the lock-out."""

    login: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The second factor of an account that was just taken into use; shown this once."""

    staff_id: str
    secret: str = field(repr=False)
    uri: str = field(repr=False)


def plain_login(login: str) -> str:
    """As it is stored: without blanks around, small."""
    return login.strip().lower()


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The ways into a session that need no identity provider."""

    database: Database
    accounts: StaffAccounts
    sessions: Sessions
    lock_out: LockOut
    passwords: Passwords
    trail: Trail
    now: Callable[[], datetime]

    async def begin(self, given: Credentials, *, replaced: str | None = None) -> Started:
        """A new session; `replaced` is the one that the browser had. Raises NotAuthenticated."""
        login = plain_login(given.login)
        attempt = self.lock_out.attempt(login, given.address)
        account, heard = await self.database.write(lambda tx: self._tried(tx, login, attempt))
        hashed = None if account is None else account.password_hash
        same = await self.passwords.matches(hashed, given.password)
        secret = None if account is None else account.totp_secret
        step = step_of(secret, given.code, self.now())
        right = heard and same and step is not None
        if account is None or not right or account.state != ACTIVE:
            await self._refused(account, heard=heard)
        else:
            rehashed = await self._rehashed(hashed or "", given.password)
            started = await self.database.write(
                lambda tx: self._begun(tx, account, (attempt, step or 0), rehashed)
            )
            if started is not None:
                if replaced is not None:
                    await self.sessions.end(replaced)
                return started
        raise NotAuthenticated(_REFUSED)

    async def enrol(self, login: str, token: str, password: str) -> Enrolled:
        """Takes the account into use: password set, a second factor made. Raises InvalidRequest."""
        login = plain_login(login)
        check_password(password, login)
        account = await self.database.read(lambda tx: self.accounts.by_login(tx, login))
        hashed = token_hash(token)
        stored = None if account is None else account.enrolment_hash
        same = hmac.compare_digest(stored or _NO_HASH, hashed)
        if account is None or not same:
            raise NotAuthenticated(_NOT_TAKEN)
        new_hash = await self.passwords.hash(password)
        return await self.database.write(
            lambda tx: self._enrolled(tx, account.id, hashed, new_hash)
        )

    async def change_password(self, staff_id: str, given: Credentials, new: str) -> None:
        """All sessions end, this one too. Raises as signing in does, and InvalidRequest."""
        account = await self.database.read(lambda tx: self.accounts.get(tx, staff_id))
        check_password(new, account.login, "/new_password")
        attempt = self.lock_out.attempt(account.login, given.address)
        _, heard = await self.database.write(lambda tx: self._tried(tx, account.login, attempt))
        same = await self.passwords.matches(account.password_hash, given.password)
        if not (heard and same):
            await self._refused(account, heard=heard)
            raise NotAuthenticated(_REFUSED)
        hashed = await self.passwords.hash(new)

        def work(tx: sa.Connection) -> None:
            self.lock_out.right(tx, attempt)
            self.accounts.change(tx, staff_id, now=self.now(), password_hash=hashed)
            self.sessions.end_all(tx, staff_id, "password_changed")
            self._note(tx, account, "password_changed")

        await self.database.write(work)

    def _tried(
        self, tx: sa.Connection, login: str, attempt: Attempt
    ) -> tuple[Account | None, bool]:
        heard = self.lock_out.begin(tx, attempt)
        return self.accounts.by_login(tx, login), heard

    async def _rehashed(self, hashed: str, password: str) -> str | None:
        """The hash with the parameters of now, where the stored one was made with others."""
        return await self.passwords.hash(password) if self.passwords.is_outdated(hashed) else None

    def _begun(
        self, tx: sa.Connection, account: Account, taken: tuple[Attempt, int], rehashed: str | None
    ) -> Started | None:
        """None where the code was used already, or the account is another one since it was read."""
        attempt, step = taken
        current = self.accounts.get(tx, account.id)
        if (current.state, current.password_hash) != (ACTIVE, account.password_hash):
            return None
        if not self.accounts.take_step(tx, account.id, step):
            self._note(tx, account, "sign_in_refused")
            return None
        self.lock_out.right(tx, attempt)
        if rehashed is not None:
            self.accounts.change(tx, account.id, now=self.now(), password_hash=rehashed)
        started = self.sessions.begin(tx, current)
        self._note(tx, account, "signed_in")
        return started

    async def _refused(self, account: Account | None, *, heard: bool) -> None:
        """In the trail, with whom it was about; a login that is nobody's is not written down.

        What is not heard leaves no entry: whoever tries on and on must not fill the trail.
        """
        if not heard:
            return

        def work(tx: sa.Connection) -> None:
            who = ("unknown", "") if account is None else (account.id, account.region)
            self.trail.append(tx, actor=who[0], action="sign_in_refused", about=who, details={})

        await self.database.write(work)

    def _enrolled(self, tx: sa.Connection, id_: str, hashed: bytes, password_hash: str) -> Enrolled:
        account, now = self.accounts.get(tx, id_), self.now()
        until = account.enrolment_until
        over = until is None or now >= until or account.enrolment_hash != hashed
        if over or account.state != INVITED:
            raise NotAuthenticated(_NOT_TAKEN)
        secret = new_secret()
        values = {"state": ACTIVE, "enrolment_hash": None, "enrolment_until": None}
        self.accounts.change(tx, id_, now=now, password_hash=password_hash, **values)
        self.accounts.set_second_factor(tx, id_, secret, now=now)
        self.lock_out.forgive(tx, account.login)
        self._note(tx, account, "account_taken_into_use")
        return Enrolled(id_, secret, address_of(secret, account.login))

    def _note(self, tx: sa.Connection, account: Account, action: str) -> None:
        about = account.id, account.region
        self.trail.append(tx, actor=account.id, action=action, about=about, details={})
