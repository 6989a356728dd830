"""Changes that take two persons 双人复核: one proposes, another agrees, never whom it concerns.

Whoever has such a change registers its kind: the scope that both need, and what agreeing does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from app.access.noted import Trail
from app.access.tokens import Caller
from app.domain.errors import Conflict, NotAllowed
from app.store.approvals import AGREED, OPEN, REFUSED, Approval, StoredApprovals
from app.store.session import Database

OPEN_FOR: Final = timedelta(days=7)
Apply = Callable[[sa.Connection, Approval, str], Mapping[str, str]]
"""Makes the change, in the transaction of the agreement; the third is who agrees. Raises Conflict
where it cannot be made any more. What it gives is shown to whoever agrees, once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change; `scope` is what proposing and agreeing take."""

    name: str
    scope: str
    apply: Apply


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed; `subject`: the id of the member of staff whom it concerns, if one."""

    kind: str
    region: str
    content: Mapping[str, Any] = field(repr=False)
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """The change as it stands, and what agreeing gave, to be shown once."""

    approval: Approval
    given: Mapping[str, str] = field(repr=False)


class Approvals:
    """Proposes, agrees, refuses; each step is in the audit trail."""

    def __init__(
        self,
        database: Database,
        stored: StoredApprovals,
        trail: Trail,
        clockwork: tuple[Callable[[], datetime], Callable[[str], str]],
    ) -> None:
        """`clockwork`: the clock, and what makes ids."""
        self._database = database
        self._stored = stored
        self._trail = trail
        self._now, self._new_id = clockwork
        self._kinds: dict[str, Kind] = {}

    def register(self, *kinds: Kind) -> None:
        self._kinds.update({kind.name: kind for kind in kinds})

    def kinds_of(self, who: Caller) -> frozenset[str]:
        """Those that the caller may see, propose and agree to."""
        if who.kind != "staff":
            return frozenset()
        return frozenset(kind.name for kind in self._kinds.values() if kind.scope in who.scopes)

    def propose(self, tx: sa.Connection, who: Caller, new: Proposal) -> Approval:
        """Raises `NotAllowed` without the scope, and for a change that concerns oneself."""
        if new.kind not in self.kinds_of(who):
            raise NotAllowed("you have no role that may propose this")
        if new.subject == who.actor:
            raise NotAllowed("nobody proposes a change that concerns himself or herself")
        now = self._now()
        proposed = Approval(
            id=self._new_id("ap"),
            kind=new.kind,
            region=new.region,
            subject=new.subject,
            content=dict(new.content),
            proposed_by=who.actor,
            proposed_at=now,
            expires_at=now + OPEN_FOR,
        )
        self._stored.add(tx, proposed)
        self._note(tx, who, "change_proposed", proposed)
        return proposed

    async def agree(self, who: Caller, id_: str) -> Decided:
        """The change is made. Raises NotFound, NotAllowed, Conflict."""

        def work(tx: sa.Connection) -> Decided:
            found = self._decided(tx, who, id_, AGREED)
            if found.proposed_by == who.actor:
                raise NotAllowed("whoever proposed a change does not agree to it")
            if self._now() >= found.expires_at:
                raise Conflict("the proposal has expired: propose it again")
            given = self._kinds[found.kind].apply(tx, found, who.actor)
            self._note(tx, who, "change_agreed", found)
            return Decided(self._read(tx, who, id_), given)

        return await self._database.write(work)

    async def refuse(self, who: Caller, id_: str, reason: str) -> Decided:
        """Nothing is changed; whoever proposed it may take it back so. Raises as `agree`."""

        def work(tx: sa.Connection) -> Decided:
            found = self._decided(tx, who, id_, REFUSED)
            self._stored.say_why(tx, id_, reason)
            self._note(tx, who, "change_refused", found)
            return Decided(self._read(tx, who, id_), {})

        return await self._database.write(work)

    async def shown(self, who: Caller, id_: str) -> Approval:
        return await self._database.read(lambda tx: self._read(tx, who, id_))

    async def listed(self, who: Caller, state: str | None) -> list[Approval]:
        """The newest first, of the caller's region and kinds."""
        kinds = self.kinds_of(who)
        return await self._database.read(
            lambda tx: self._stored.page(tx, who.region, kinds=kinds, state=state)
        )

    def _read(self, tx: sa.Connection, who: Caller, id_: str) -> Approval:
        return self._stored.get(tx, id_, region=who.region, kinds=self.kinds_of(who))

    def _decided(self, tx: sa.Connection, who: Caller, id_: str, state: str) -> Approval:
        """The change as it was, with the decision stored."""
        found = self._read(tx, who, id_)
        if found.subject == who.actor:
            raise NotAllowed("nobody decides a change that concerns himself or herself")
        if found.state != OPEN or not self._stored.decide(
            tx, id_, state=state, by=(who.actor, self._now())
        ):
            raise Conflict("the change is decided already")
        return found

    def _note(self, tx: sa.Connection, who: Caller, action: str, one: Approval) -> None:
        details = {"kind": one.kind}
        if one.subject is not None:
            details["subject"] = one.subject
        about = one.id, one.region
        self._trail.append(tx, actor=who.actor, action=action, about=about, details=details)
