"""Objections 复核申请, the steps by which each was dealt with, and who decided what is disputed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import Conflict, NotFound
from app.store.base import in_region, storable
from app.store.crypto import Cell, FieldCipher
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.subject_keys import Ciphers, SubjectKeys
from app.store.tables import (
    audit_entry,
    decision,
    judgement,
    verification,
)
from app.store.tables_objections import objection, objection_step
from app.store.tables_review import review_decision
from app.store.tables_settled import settlement

OPEN: Final = ("filed", "in_progress")
CLOSED: Final = ("upheld", "corrected", "withdrawn")
_OF: Final = objection.c
_LAST: Final = date(9999, 12, 31)
_DUE: Final = sa.func.coalesce(_OF.due_on, _LAST)
"""What was filed before there were terms comes last."""
DECIDING: Final = ("report_prepared", "report_signed")
"""Entries of the trail by which somebody decided something of a verification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObjection:
    """An objection as it stands; `text` is what the household said, as JSON."""

    id: str
    verification_id: str
    region: str
    client_id: str
    state: str
    text: bytes = field(repr=False)
    filed_at: datetime
    recheck_id: str | None
    received_on: date | None = None
    due_on: date | None = None
    in_time: bool | None = None
    value_kind: str | None = None
    proposal: str | None = None
    handler: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    answer: str | None = field(default=None, repr=False)
    kept_term: bool | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionStep:
    """Something that somebody did about an objection, with his or her words."""

    objection_id: str
    number: int
    verification_id: str
    region: str
    action: str
    actor: str
    at: datetime
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionQuery:
    """Whose and which; None: whatever it is. `overdue_on`: the term was over on that day."""

    region: str
    states: Collection[str] | None = None
    handler: str | None = None
    client_id: str | None = None
    overdue_on: date | None = None
    programme: str | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class ListedObjection:
    """An objection in a list, with the number of its case."""

    objection: StoredObjection
    case_reference: str


_PLAIN: Final = tuple(name for name in StoredObjection.__slots__ if name not in ("text", "answer"))


class Objections:
    """Queries over objections."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def add(self, tx: sa.Connection, new: StoredObjection) -> None:
        cipher = self._keys.sealer(tx, new.verification_id, new.region)
        values = {name: getattr(new, name) for name in _PLAIN}
        sealed = cipher.seal(_cell(new.id, "sealed_text"), new.text)
        tx.execute(objection.insert().values(**values, sealed_text=sealed))

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> StoredObjection:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        row = None
        if storable(id_):
            row = tx.execute(sa.select(objection).where(_OF.id == id_)).one_or_none()
        if row is None or not row.region.startswith(region):
            raise NotFound("no such objection")
        return _opened(row, self._keys.openers(tx, (row.verification_id,)))

    def page(
        self,
        tx: sa.Connection,
        query: ObjectionQuery,
        *,
        after: tuple[date, str] | None,
        limit: int,
    ) -> list[ListedObjection]:
        """What is due first comes first; `after`: the place of the last one before."""
        where = _where(query)
        if after is not None:
            where.append(sa.tuple_(_DUE, _OF.id) > sa.tuple_(*after))
        rows = tx.execute(
            sa.select(objection, verification.c.case_reference)
            .join(verification, verification.c.id == _OF.verification_id)
            .where(*where)
            .order_by(_DUE, _OF.id)
            .limit(limit)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [ListedObjection(_opened(row, ciphers), row.case_reference) for row in rows]

    def counts(self, tx: sa.Connection, query: ObjectionQuery) -> dict[str, int]:
        """By state."""
        rows = tx.execute(
            sa.select(_OF.state, sa.func.count())
            .select_from(objection)
            .join(verification, verification.c.id == _OF.verification_id)
            .where(*_where(query))
            .group_by(_OF.state)
        )
        return {row.state: row[1] for row in rows}

    def open_of(self, tx: sa.Connection, verification_id: str) -> int:
        """How many objections to a verification are not decided yet."""
        found: int = tx.execute(
            sa.select(sa.func.count()).where(
                _OF.verification_id == verification_id, _OF.state.in_(OPEN)
            )
        ).scalar_one()
        return found

    def waiting_for(self, tx: sa.Connection, recheck_id: str, *, recheck_of: str) -> str | None:
        """The objection to `recheck_of` that waits for this verification, if there is one."""
        found: str | None = tx.execute(
            sa.select(_OF.id).where(
                _OF.verification_id == recheck_of,
                _OF.recheck_id == recheck_id,
                _OF.state.in_(OPEN),
            )
        ).scalar_one_or_none()
        return found

    def propose(self, tx: sa.Connection, id_: str, proposal: str | None) -> None:
        """What its recheck comes to; a person decides."""
        tx.execute(objection.update().where(_OF.id == id_).values(proposal=proposal))

    def move(self, tx: sa.Connection, changed: StoredObjection, step: ObjectionStep) -> None:
        """The objection as it is from now on, with the step that led here.

        Raises `Conflict` where somebody else was quicker.
        """
        answer = None
        if changed.answer is not None:
            cipher = self._keys.sealer(tx, changed.verification_id, changed.region)
            answer = cipher.seal(_cell(changed.id, "sealed_answer"), changed.answer.encode())
        done = tx.execute(
            objection.update()
            .where(_OF.id == changed.id, _OF.version == changed.version - 1)
            .values(
                state=changed.state,
                handler=changed.handler,
                recheck_id=changed.recheck_id,
                proposal=changed.proposal,
                decided_by=changed.decided_by,
                decided_at=changed.decided_at,
                kept_term=changed.kept_term,
                sealed_answer=answer,
                version=changed.version,
            )
        )
        if done.rowcount != 1:
            raise Conflict("the objection has moved on since: read it again")
        self.add_step(tx, step)

    def add_step(self, tx: sa.Connection, new: ObjectionStep) -> None:
        cipher = self._keys.sealer(tx, new.verification_id, new.region)
        cell = Cell("objection_step", "sealed_words", f"{new.objection_id}/{new.number}")
        tx.execute(
            objection_step.insert().values(
                objection_id=new.objection_id,
                number=new.number,
                verification_id=new.verification_id,
                region=new.region,
                action=new.action,
                actor=new.actor,
                at=new.at,
                sealed_words=cipher.seal(cell, new.words.encode()),
            )
        )

    def steps(self, tx: sa.Connection, objection_id: str) -> list[ObjectionStep]:
        """All, the first one first."""
        of = objection_step.c
        rows = tx.execute(
            sa.select(objection_step).where(of.objection_id == objection_id).order_by(of.number)
        ).all()
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return [_step(row, ciphers) for row in rows]

    def deciders(self, tx: sa.Connection, verification_id: str) -> frozenset[str]:
        """Who decided something that the verification's report rests on."""
        asked: Sequence[sa.Select[tuple[str]]] = (
            sa.select(review_decision.c.reviewer).where(
                review_decision.c.verification_id == verification_id
            ),
            sa.select(judgement.c.reviewer).where(judgement.c.verification_id == verification_id),
            sa.select(settlement.c.reviewer).where(settlement.c.verification_id == verification_id),
            sa.select(audit_entry.c.actor).where(
                audit_entry.c.object == verification_id, audit_entry.c.action.in_(DECIDING)
            ),
        )
        return frozenset(str(row[0]) for query in asked for row in tx.execute(query))


def _where(query: ObjectionQuery) -> list["sa.ColumnElement[bool]"]:
    where = [in_region(_OF.region, query.region), sa.func.length(_OF.sealed_text) > 0]  # not erased
    if query.states is not None:
        where.append(_OF.state.in_(sorted(query.states)))
    if query.handler is not None:
        where.append(_OF.handler == query.handler)
    if query.client_id is not None:
        where.append(_OF.client_id == query.client_id)
    if query.overdue_on is not None:
        where += [_OF.due_on < query.overdue_on, _OF.state.in_(OPEN)]
    if query.programme is not None:
        its = decision.c
        here = its.verification_id == _OF.verification_id
        named = its.programme == query.programme if storable(query.programme) else sa.false()
        where.append(sa.exists().where(here, named))
    of = CaseColumns(_OF.verification_id, verification.c.case_reference, _OF.region)
    return [*where, *within_reach(query.reach, of)]


def _opened(row: Any, ciphers: Ciphers) -> StoredObjection:
    cipher = ciphers[row.verification_id]
    answer = None
    if row.sealed_answer is not None:
        answer = cipher.open(_cell(row.id, "sealed_answer"), row.sealed_answer).decode()
    return StoredObjection(
        text=cipher.open(_cell(row.id, "sealed_text"), row.sealed_text),
        answer=answer,
        **{name: getattr(row, name) for name in _PLAIN},
    )


def _step(row: Any, ciphers: Ciphers) -> ObjectionStep:
    cell = Cell("objection_step", "sealed_words", f"{row.objection_id}/{row.number}")
    return ObjectionStep(
        objection_id=row.objection_id,
        number=row.number,
        verification_id=row.verification_id,
        region=row.region,
        action=row.action,
        actor=row.actor,
        at=row.at,
        words=ciphers[row.verification_id].open(cell, row.sealed_words).decode(),
    )


def _cell(id_: str, column: str) -> Cell:
    return Cell("objection", column, id_)
