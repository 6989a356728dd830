"""Passes for tools that send no headers 名册比对通行证: an address that works for one roster.

OpenRefine knows no log-in: whatever lets it in must stand in the address. So the address holds a
secret that is good for little: one roster of so many rows, one purpose, the holder's region or a
part of it, some hours. It may do no more than its holder may at that moment.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from app.access.clients import Standing as ClientStanding
from app.access.looking import Looker, LookPurpose
from app.access.regions import within
from app.access.roles import scopes_of
from app.access.sessions import token_hash
from app.access.tokens import Caller
from app.audit.chain import AuditTrail
from app.domain.errors import Conflict, NotAllowed, NotAuthenticated, NotFound
from app.store.clients import Client
from app.store.roster_passes import RosterPass, RosterPasses
from app.store.session import Database
from app.store.staff import ACTIVE, StaffAccounts, StaffRoles

SCOPE: Final = "batch"
MOST_ROWS: Final = 2_000
MOST_HOURS: Final = 12
ASKED_A_ROW: Final = 4
"""How often each row may be asked about: once for a try, and again with more columns."""
_SHOWN_FOR: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a pass is asked for."""

    reference: str
    rows: int
    hours: int
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A pass that was just made; `secret` is in its address and nowhere else."""

    roster_pass: RosterPass
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever comes by a pass: as its holder, within the pass's region, for its purpose."""

    roster_pass: RosterPass
    caller: Caller
    client: Client | None

    def look(self, origin: str) -> Looker:
        purpose = self.roster_pass.purpose
        return Looker.of(self.caller, None if purpose is None else LookPurpose(purpose), origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """Makes passes, finds who comes by one, ends them."""

    stored: RosterPasses
    accounts: StaffAccounts
    roles: StaffRoles
    clients: ClientStanding
    database: Database
    audit: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    async def issue(self, who: Looker, terms: Terms, *, by: str = "") -> Issued:
        """For whoever is named; `by`: who makes it, where that is somebody else.

        Raises `NotAllowed` for a region that is not the caller's.
        """
        now, secret = self.now(), secrets.token_urlsafe(32)
        new = RosterPass(
            id=self.new_id("rp"),
            region=within(who, terms.region),
            holder=who.actor,
            kind=who.kind,
            purpose=None if who.purpose is None else who.purpose.value,
            reference=terms.reference,
            rows=terms.rows,
            asked=0,
            token_hash=token_hash(secret),
            created_at=now,
            until_at=now + timedelta(hours=terms.hours),
        )
        details = {
            "purpose": new.purpose or "",
            "reference": new.reference,
            "count": str(new.rows),
            "hours": str(terms.hours),
        }

        def work(tx: sa.Connection) -> None:
            self.stored.add(tx, new)
            self._note(tx, by or who.actor, "roster_pass_made", new, details)

        await self.database.write(work)
        return Issued(new, secret)

    async def own(self, who: Caller) -> list[RosterPass]:
        """Those that the caller made within a month, the newest first."""
        since = self.now() - _SHOWN_FOR
        return await self.database.read(lambda tx: self.stored.of_holder(tx, who.actor, since))

    async def all(self, region: str) -> list[RosterPass]:
        """Whosever of the region, those that were made within a month, the newest first."""
        since = self.now() - _SHOWN_FOR
        return await self.database.read(lambda tx: self.stored.within(tx, region, since))

    async def end(self, who: Caller, id_: str) -> None:
        """By its holder; from this moment on it holds no more. Raises `NotFound`, `Conflict`."""

        def work(tx: sa.Connection) -> None:
            found = self.stored.get(tx, id_, region=who.region)
            if found.holder != who.actor:
                raise NotFound("no such roster pass")
            self._end(tx, found, who.actor)

        await self.database.write(work)

    async def take_back(self, id_: str, *, by: str) -> None:
        """Whosever it is. Raises `NotFound`, `Conflict`."""
        await self.database.write(lambda tx: self._end(tx, self.stored.get(tx, id_, region=""), by))

    async def of_client(self, client_id: str, terms: Terms, *, by: str) -> Issued:
        """For a client that may have rosters verified. Raises `NotFound`, `NotAllowed`."""
        try:
            who, _ = await self.clients.of_id(client_id, (SCOPE,))
        except NotAuthenticated:
            raise NotFound(f"{client_id}: no such client, or its access has ended") from None
        if SCOPE not in who.scopes:
            raise NotAllowed(f"{client_id}: the client has not the scope {SCOPE}")
        return await self.issue(Looker.of(who, None, by), terms, by=by)

    async def bearer(self, secret: str) -> Bearer:
        """As its holder stands now, seen from everywhere: who calls is found out here.

        Raises `NotFound` alike for what never was, is over, and whose holder may no more.
        """
        hashed = token_hash(secret)
        found = await self.database.read(lambda tx: self.stored.find(tx, hashed))
        if found is None or not found.holds_at(self.now()):
            raise NotFound("no such roster pass, or it has ended")
        if found.kind == "client":
            who, client = await self._client(found)
        else:
            who, client = await self.database.read(lambda tx: self._member(tx, found)), None
        if SCOPE not in who.scopes or not found.region.startswith(who.region):
            raise NotFound("no such roster pass, or it has ended")
        narrowed = Caller(
            actor=who.actor,
            region=found.region,
            scopes=(SCOPE,),
            kind=who.kind,
            roles=who.roles,
            programmes=who.programmes,
            purposes=who.purposes,
        )
        return Bearer(found, narrowed, client)

    async def count(self, one: RosterPass, rows: int) -> bool:
        """So many rows are asked about; False where they are more than the roster has."""
        most = one.rows * ASKED_A_ROW
        return await self.database.write(lambda tx: self.stored.count(tx, one.id, rows, most))

    async def _client(self, one: RosterPass) -> tuple[Caller, Client]:
        try:
            return await self.clients.of_id(one.holder, (SCOPE,))
        except NotAuthenticated:
            raise NotFound("no such roster pass, or it has ended") from None

    def _member(self, tx: sa.Connection, one: RosterPass) -> Caller:
        account = self.accounts.get(tx, one.holder)
        roles = self.roles.in_force(tx, account.id, self.now())
        scopes = scopes_of(roles) if account.state == ACTIVE else ()
        return Caller(account.id, account.region, scopes, kind="staff", roles=roles)

    def _end(self, tx: sa.Connection, found: RosterPass, by: str) -> None:
        if not self.stored.end(tx, found.id, by=by, now=self.now()):
            raise Conflict("it has ended already")
        self._note(tx, by, "roster_pass_ended", found, {"reference": found.reference})

    def _note(
        self, tx: sa.Connection, actor: str, action: str, one: RosterPass, details: dict[str, str]
    ) -> None:
        about = one.id, one.region
        self.audit.append(tx, actor=actor, action=action, about=about, details=details)


def address_of(public_url: str, secret: str) -> str:
    """What is pasted into the tool; it holds the secret, and is shown once."""
    return f"{public_url.rstrip('/')}/v1/reconcile/by/{secret}"
