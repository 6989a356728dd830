"""Erasure at the person's request (PIPL 47): one asks, another carries it out, holds refuse it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import sqlalchemy as sa

from app.access.tokens import Caller
from app.audit.chain import Entry
from app.domain.errors import Conflict, NotAllowed, NotFound
from app.erasure.erasing import Erasing
from app.store.erasure_due import held_for, of_case
from app.store.erasure_requests import ErasureRequest, ErasureRequests
from app.store.erasures import Why

RULE: Final = "request"
Basis = Literal[
    "purpose_achieved", "consent_withdrawn", "unlawful", "service_ended", "required_by_law"
]
"""PIPL 47 (1) to (5): the purpose is achieved or cannot be; the term is over or the service ended;
consent was withdrawn; processing broke the law or an agreement; a law says so."""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What is asked for; `document` is the number of the written request, without its words."""

    case_reference: str
    basis: Basis
    document: str


@dataclass(frozen=True, slots=True)
class Handled:
    """A request as it stands, and what was erased: subject and digest of each."""

    request: ErasureRequest
    erased: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Every step on the audit trail, in the transaction of what it does."""

    erasing: Erasing
    stored: ErasureRequests
    new_id: Callable[[str], str]

    async def ask(self, who: Caller, asked: NewRequest) -> ErasureRequest:
        """Refused at once, and kept so, where something holds it.

        Raises `NotFound` where the caller's region has nothing (left) of the case.
        """
        return await self.erasing.database.write(lambda tx: self._ask(tx, who, asked))

    def _ask(self, tx: sa.Connection, who: Caller, asked: NewRequest) -> ErasureRequest:
        now = self.erasing.now()
        subjects = of_case(tx, who.region, asked.case_reference)
        if not subjects:
            raise NotFound("nothing is kept of such a case")
        held = held_for(tx, subjects)
        refused = bool(held)
        new = ErasureRequest(
            id=self.new_id("er"),
            region=subjects[0].region,
            case_reference=asked.case_reference,
            basis=asked.basis,
            document=asked.document,
            state="refused" if refused else "requested",
            why=held[0] if refused else None,
            subjects=len(subjects),
            requested_by=who.actor,
            requested_at=now,
            decided_by=who.actor if refused else None,
            decided_at=now if refused else None,
        )
        self.stored.add(tx, new)
        self._tell(tx, new, who, "erasure_refused" if refused else "erasure_requested")
        return new

    async def carry_out(self, who: Caller, id_: str) -> Handled:
        """By another person than who asked; what holds it by now refuses it.

        Raises `NotFound`, `NotAllowed` for who asked, `Conflict` where it was decided already.
        """
        handled = await self.erasing.database.write(lambda tx: self._carry_out(tx, who, id_))
        await self.erasing.clean()
        return handled

    def _carry_out(self, tx: sa.Connection, who: Caller, id_: str) -> Handled:
        request = self._open(tx, who, id_)
        if request.requested_by == who.actor:
            raise NotAllowed("another person than who asked for it carries an erasure out")
        subjects = of_case(tx, request.region, request.case_reference)
        held = held_for(tx, subjects)
        decided = replace(
            request,
            state="refused" if held else "done",
            why=held[0] if held else None,
            decided_by=who.actor,
            decided_at=self.erasing.now(),
        )
        self.stored.decide(tx, decided)
        if held:
            self._tell(tx, decided, who, "erasure_refused")
            return Handled(decided)
        erased = self.erasing.erasures.erase(
            tx, subjects, Why(RULE, request.id), self.erasing.now()
        )
        self.erasing.tell(tx, erased, who.actor)
        return Handled(decided, tuple((one.subject.id, one.digest) for one in erased))

    async def refuse(self, who: Caller, id_: str) -> ErasureRequest:
        """By whoever may ask; kept with who said so."""

        def work(tx: sa.Connection) -> ErasureRequest:
            decided = replace(
                self._open(tx, who, id_),
                state="refused",
                why="decision",
                decided_by=who.actor,
                decided_at=self.erasing.now(),
            )
            self.stored.decide(tx, decided)
            self._tell(tx, decided, who, "erasure_refused")
            return decided

        return await self.erasing.database.write(work)

    def _open(self, tx: sa.Connection, who: Caller, id_: str) -> ErasureRequest:
        request = self.stored.get(tx, id_, region=who.region, hold=True)
        if request.state != "requested":
            raise Conflict(f"this request is {request.state} already")
        return request

    async def get(self, who: Caller, id_: str) -> Handled:
        def work(tx: sa.Connection) -> Handled:
            request = self.stored.get(tx, id_, region=who.region)
            return Handled(request, tuple(self.stored.erased(tx, request.id)))

        return await self.erasing.database.read(work)

    async def page(self, who: Caller, *, after: str, limit: int) -> list[ErasureRequest]:
        return await self.erasing.database.read(
            lambda tx: self.stored.page(tx, region=who.region, after=after, limit=limit)
        )

    def _tell(self, tx: sa.Connection, one: ErasureRequest, who: Caller, action: str) -> None:
        details = {"case": one.case_reference, "basis": one.basis, "document": one.document}
        if one.why is not None:
            details["why"] = one.why
        entry = Entry(who.actor, action, one.id, one.region, details)
        self.erasing.trail.append_many(tx, [entry])
