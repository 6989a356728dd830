"""Whose time of retention is over, and what a household's data is held for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from app.store.base import in_region
from app.store.erasures import Subject
from app.store.objections import OPEN
from app.store.tables import decision, verification
from app.store.tables_audits import audit_item, audit_sample
from app.store.tables_erasure import erasure
from app.store.tables_objections import objection
from app.store.tables_relief import alert, recipient
from app.store.verifications import OPEN_STATUSES

Ending = Literal["cancelled", "refused", "granted", "recipient"]
"""How it ended: cancelled or withdrawn; not confirmed for any programme; confirmed for one, or of
a household that received relief; a household that receives relief no longer."""
HOLDS: Final = ("running", "objection", "alert", "audit", "receiving")
"""What nothing is erased for, by name."""
_COUNTY: Final = 6
_of = verification.c
_other = verification.alias("other")


def _same_case(table: sa.FromClause) -> "sa.ColumnElement[bool]":
    """The same case number in the same county."""
    return sa.and_(
        table.c.case_reference == _of.case_reference,
        sa.func.substr(table.c.region, 1, _COUNTY) == sa.func.substr(_of.region, 1, _COUNTY),
    )


def _holds() -> Mapping[str, "sa.ColumnElement[bool]"]:
    """Each as a condition on a verification."""
    return {
        "running": sa.exists().where(_same_case(_other), _other.c.status.in_(OPEN_STATUSES)),
        "objection": sa.exists().where(
            objection.c.verification_id == _of.id, objection.c.state.in_(OPEN)
        ),
        "alert": sa.exists().where(_same_case(alert), alert.c.state != "checked"),
        "audit": sa.exists().where(
            audit_item.c.verification_id == _of.id,
            audit_sample.c.id == audit_item.c.sample_id,
            audit_sample.c.closed_at.is_(None),
        ),
        "receiving": sa.exists().where(_same_case(recipient), recipient.c.state != "ended"),
    }


def _newest_confirms() -> "sa.ColumnElement[bool]":
    later = decision.alias("later")
    newest = (
        sa.select(sa.func.max(later.c.version))
        .where(later.c.verification_id == decision.c.verification_id)
        .correlate(decision)
        .scalar_subquery()
    )
    return sa.exists().where(
        decision.c.verification_id == _of.id,
        decision.c.version == newest,
        decision.c.outcome == "confirmed",
    )


def _received() -> "sa.ColumnElement[bool]":
    return sa.exists().where(_same_case(recipient))


def _ended(ending: Ending, before: datetime) -> "sa.ColumnElement[bool]":
    """Ended so, and long enough ago."""
    over = _of.final_at < before
    if ending == "cancelled":
        return sa.and_(over, _of.status == "cancelled")
    granted = sa.or_(_newest_confirms(), _received())
    if ending == "refused":
        return sa.and_(over, _of.status == "final", ~granted)
    still = sa.exists().where(
        _same_case(recipient),
        sa.or_(recipient.c.state != "ended", recipient.c.changed_at >= before),
    )
    return sa.and_(over, _of.status == "final", granted, ~still)


@dataclass(frozen=True, slots=True)
class Due:
    """What ended so before then; `region`: the subtree that is looked at."""

    ending: Ending
    before: datetime
    region: str = ""


def due(tx: sa.Connection, wanted: Due, *, limit: int) -> list[Subject]:
    """Whose time is over and whom nothing holds, the oldest first."""
    if wanted.ending == "recipient":
        return _recipients_due(tx, wanted, limit)
    rows = tx.execute(
        sa.select(_of.id, _of.region)
        .where(
            _ended(wanted.ending, wanted.before),
            in_region(_of.region, wanted.region),
            ~sa.exists().where(erasure.c.subject == _of.id),
            *(~hold for hold in _holds().values()),
        )
        .order_by(_of.final_at, _of.id)
        .limit(limit)
    )
    return [Subject(row.id, row.region) for row in rows]


def count_due(tx: sa.Connection, wanted: Due) -> tuple[int, int]:
    """How many are due, and how many more would be if nothing held them."""
    if wanted.ending == "recipient":
        return len(_recipients_due(tx, wanted, None)), 0
    over = (
        _ended(wanted.ending, wanted.before),
        in_region(_of.region, wanted.region),
        ~sa.exists().where(erasure.c.subject == _of.id),
    )
    every = sa.select(sa.func.count()).select_from(verification).where(*over)
    free = every.where(*(~hold for hold in _holds().values()))
    all_of_them, of_them = tx.execute(every).scalar_one(), tx.execute(free).scalar_one()
    return of_them, all_of_them - of_them


def _recipients_due(tx: sa.Connection, wanted: Due, limit: int | None) -> list[Subject]:
    gone = recipient.c
    running = sa.exists().where(
        _of.case_reference == gone.case_reference,
        sa.func.substr(_of.region, 1, _COUNTY) == sa.func.substr(gone.region, 1, _COUNTY),
        _of.status.in_(OPEN_STATUSES),
    )
    rows = tx.execute(
        sa.select(gone.id, gone.region)
        .where(
            gone.state == "ended",
            gone.changed_at < wanted.before,
            in_region(gone.region, wanted.region),
            ~running,
        )
        .order_by(gone.changed_at, gone.id)
        .limit(limit)
    )
    return [Subject(row.id, row.region, is_recipient=True) for row in rows]


def of_case(tx: sa.Connection, region: str, case_reference: str) -> list[Subject]:
    """All that is there of a case in a region's subtree and was not erased yet."""
    found = [
        Subject(row.id, row.region)
        for row in tx.execute(
            sa.select(_of.id, _of.region)
            .where(
                _of.case_reference == case_reference,
                in_region(_of.region, region),
                ~sa.exists().where(erasure.c.subject == _of.id),
            )
            .order_by(_of.id)
        )
    ]
    roster = sa.select(recipient.c.id, recipient.c.region).where(
        recipient.c.case_reference == case_reference, in_region(recipient.c.region, region)
    )
    return found + [Subject(row.id, row.region, is_recipient=True) for row in tx.execute(roster)]


def held_for(tx: sa.Connection, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """What holds any of them, in the order of `HOLDS`."""
    ids = [one.id for one in subjects if not one.is_recipient]
    on_roster = [one.id for one in subjects if one.is_recipient]
    found = {
        name
        for name, hold in _holds().items()
        if tx.execute(sa.select(_of.id).where(_of.id.in_(ids), hold).limit(1)).first() is not None
    }
    receives = sa.select(recipient.c.id).where(
        recipient.c.id.in_(on_roster), recipient.c.state != "ended"
    )
    if tx.execute(receives.limit(1)).first() is not None:
        found.add("receiving")
    return tuple(name for name in HOLDS if name in found)
