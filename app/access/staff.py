"""Accounts of staff 账户: made, disabled, reset, linked to an identity provider, given roles.

Making and disabling takes one system administrator. What gives anybody a right or a way in takes
two: a role, a reset, a link to the identity provider.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from app.access.approvals import Approvals, Kind, Proposal
from app.access.lock_out import LockOut
from app.access.noted import Trail
from app.access.roles import OF_ONE_SOURCE, ROLES, conflict
from app.access.sessions import Sessions, token_hash
from app.access.sign_in import plain_login
from app.access.tokens import Caller
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotAllowed
from app.store.approvals import Approval
from app.store.session import Database
from app.store.staff import ACTIVE, DISABLED, INVITED, Account, RoleHeld, StaffAccounts, StaffRoles

ENROLMENT_HOLDS: Final = timedelta(days=3)
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{2,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account is made of; `region` is the subtree that the person works for."""

    login: str
    region: str
    name: str = field(repr=False)
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Invited:
    """A new account; with the token its owner takes it into use. Shown once."""

    account: Account
    token: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """What administrators do with accounts; `who` is the administrator."""

    database: Database
    accounts: StaffAccounts
    roles: StaffRoles
    sessions: Sessions
    approvals: Approvals
    lock_out: LockOut
    trail: Trail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    def register(self) -> None:
        """The kinds of change that take two persons."""
        self.approvals.register(
            Kind("role_grant", "roles", self._grant),
            Kind("role_end", "roles", self._end),
            Kind("account_reset", "accounts", self._reset),
            Kind("account_link", "accounts", self._link),
        )

    async def invite(self, who: Caller, new: NewAccount) -> Invited:
        """Raises InvalidRequest, NotAllowed outside the region, Conflict."""
        login = plain_login(new.login)
        if _LOGIN.fullmatch(login) is None:
            detail = (
                "a login has 3 to 63 letters, digits, dots, dashes; it begins with one of the first"
            )
            raise InvalidRequest((FieldError("/login", "login.invalid", detail),))
        if not new.region.startswith(who.region):
            raise NotAllowed("the region is outside your own")
        now, token = self.now(), secrets.token_urlsafe(32)
        account = Account(
            id=self.new_id("st"),
            login=login,
            region=new.region,
            name=new.name,
            address=new.address,
            state=INVITED,
            enrolment_hash=token_hash(token),
            enrolment_until=now + ENROLMENT_HOLDS,
            created_at=now,
            changed_at=now,
        )

        def work(tx: sa.Connection) -> None:
            self.accounts.add(tx, account)
            self._note(tx, who.actor, "account_made", account)

        await self.database.write(work)
        return Invited(account, token, now + ENROLMENT_HOLDS)

    async def disable(self, who: Caller, id_: str) -> Account:
        """All its sessions end at once; its roles stay, for when it is reset. Raises NotFound."""

        def work(tx: sa.Connection) -> Account:
            account = self.accounts.get(tx, id_, region=who.region)
            if account.id == who.actor:
                raise NotAllowed("nobody disables his or her own account")
            values: dict[str, Any] = {"state": DISABLED, "enrolment_hash": None}
            self.accounts.change(tx, id_, now=self.now(), **values)
            self.sessions.end_all(tx, id_, "disabled")
            self._note(tx, who.actor, "account_disabled", account)
            return self.accounts.get(tx, id_)

        return await self.database.write(work)

    async def propose(
        self, who: Caller, kind: str, id_: str, content: Mapping[str, Any]
    ) -> Approval:
        """A change of a member of staff that takes two. Raises NotFound, NotAllowed, Conflict."""

        def work(tx: sa.Connection) -> Approval:
            account = self.accounts.get(tx, id_, region=who.region)
            new = Proposal(kind=kind, region=account.region, content=content, subject=id_)
            proposed = self.approvals.propose(tx, who, new)
            if kind == "role_grant":
                self._check_role(tx, id_, content["role"], content.get("source"))
            return proposed

        return await self.database.write(work)

    def _check_role(self, tx: sa.Connection, id_: str, role: str, source: str | None) -> None:
        """Raises Conflict where it is held already, or does not go with another; InvalidRequest."""
        if role not in ROLES:
            raise InvalidRequest((FieldError("/role", "role.unknown", "no such role"),))
        if (source is not None) != (role in OF_ONE_SOURCE):
            words = "a source's clerk answers for one source, and nobody else for any"
            raise InvalidRequest((FieldError("/source", "role.source", words),))
        held = self.roles.in_force(tx, id_, self.now())
        if role in held:
            raise Conflict("the role is held already")
        two = conflict({*held, role})
        if two is not None:
            raise Conflict(f"nobody is both {two[0]} and {two[1]}")

    def give_role(self, tx: sa.Connection, new: RoleHeld) -> None:
        """In force from now on; all sessions end, so that nobody goes on with other rights."""
        self._check_role(tx, new.staff_id, new.role, new.source)
        self.roles.grant(tx, new)
        self.sessions.end_all(tx, new.staff_id, "roles_changed")

    def end_role(self, tx: sa.Connection, staff_id: str, role: str) -> None:
        """From now on it is not held. Raises Conflict where it was not."""
        if not self.roles.end(tx, staff_id, role, self.now()):
            raise Conflict("the role is not held")
        self.sessions.end_all(tx, staff_id, "roles_changed")

    def reset(self, tx: sa.Connection, staff_id: str) -> tuple[str, datetime]:
        """No password and no second factor any more: a token to take it into use anew."""
        now, token = self.now(), secrets.token_urlsafe(32)
        until = now + ENROLMENT_HOLDS
        values = {"state": INVITED, "password_hash": None, "enrolment_until": until}
        hashed = token_hash(token)
        self.accounts.change(tx, staff_id, now=now, enrolment_hash=hashed, **values)
        self.accounts.set_second_factor(tx, staff_id, None, now=now)
        self.sessions.end_all(tx, staff_id, "reset")
        return token, until

    def _grant(self, tx: sa.Connection, change: Approval, by: str) -> Mapping[str, str]:
        account = self._subject(tx, change)
        until = change.content.get("until")
        held = RoleHeld(
            staff_id=account.id,
            role=change.content["role"],
            region=account.region,
            from_at=self.now(),
            until_at=None if until is None else datetime.fromisoformat(until),
            granted_by=change.proposed_by,
            agreed_by=by,
            source=change.content.get("source"),
        )
        self.give_role(tx, held)
        self._note(tx, by, "role_granted", account, role=held.role)
        return {}

    def _end(self, tx: sa.Connection, change: Approval, by: str) -> Mapping[str, str]:
        account = self._subject(tx, change)
        self.end_role(tx, account.id, change.content["role"])
        self._note(tx, by, "role_ended", account, role=change.content["role"])
        return {}

    def _reset(self, tx: sa.Connection, change: Approval, by: str) -> Mapping[str, str]:
        account = self._subject(tx, change)
        token, until = self.reset(tx, account.id)
        self._note(tx, by, "account_reset", account)
        return {"enrolment_token": token, "until": until.isoformat()}

    def _link(self, tx: sa.Connection, change: Approval, by: str) -> Mapping[str, str]:
        account, now = self._subject(tx, change), self.now()
        self.accounts.link(tx, account.id, change.content["subject"], now=now)
        if account.state == INVITED:  # taken into use through the provider, then, and only so
            values: dict[str, Any] = {"enrolment_hash": None, "enrolment_until": None}
            self.accounts.change(tx, account.id, now=now, state=ACTIVE, **values)
        self._note(tx, by, "account_linked", account)
        return {}

    def _subject(self, tx: sa.Connection, change: Approval) -> Account:
        return self.accounts.get(tx, change.subject or "")

    def _note(
        self, tx: sa.Connection, actor: str, action: str, account: Account, **details: str
    ) -> None:
        about = account.id, account.region
        self.trail.append(tx, actor=actor, action=action, about=about, details=details)
