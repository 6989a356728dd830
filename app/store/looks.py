"""Which case is whose 个案分派, and which looks at others two persons agreed to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.base import Instant, in_region, storable
from app.store.crypto import Cell, FieldCipher
from app.store.tables_looks import case_assignment, look_permission

_OF: Final = case_assignment.c
_TO: Final = look_permission.c
AGREED: Final = "agreed"
ASKED: Final = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A case is a member of staff's, or the team's that has a role.

    `region`: of the cases that are meant.
    """

    id: str
    region: str
    case_reference: str
    staff_id: str | None
    role: str | None
    from_at: datetime
    until_at: datetime | None
    assigned_by: str
    assigned_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPermission:
    """A look at a case that is not assigned; `hours` from the agreement on."""

    id: str
    region: str
    case_reference: str
    staff_id: str
    purpose: str
    hours: int
    reason: str = field(repr=False)
    asked_at: datetime
    state: str = ASKED
    decided_by: str | None = None
    decided_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose assignments and permissions, at which moment."""

    staff_id: str
    roles: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Which of them, from where on; None: whatever it is."""

    region: str
    case_reference: str | None = None
    staff_id: str | None = None
    state: str | None = None
    holding_at: datetime | None = None
    after: str = ""
    limit: int = 100


def _is_held(holder: Holder) -> "sa.ColumnElement[bool]":
    mine = sa.or_(_OF.staff_id == holder.staff_id, _OF.role.in_(holder.roles))
    return sa.and_(mine, _holds_at(holder.now))


def _holds_at(now: datetime) -> "sa.ColumnElement[bool]":
    at = sa.literal(now, Instant)
    return sa.and_(
        _OF.from_at <= at, sa.or_(_OF.until_at.is_(None), _OF.until_at > at), _OF.ended_at.is_(None)
    )


def _is_permitted(holder: Holder) -> "sa.ColumnElement[bool]":
    return sa.and_(_TO.staff_id == holder.staff_id, _TO.state == AGREED, _TO.until_at > holder.now)


def _covers(
    column: "sa.ColumnElement[str]", region: "sa.ColumnElement[str]"
) -> "sa.ColumnElement[bool]":
    """The region of an assignment or permission is that of the case, or above it."""
    return sa.func.substr(region, 1, sa.func.length(column)) == column


def is_in_hand(
    holder: Holder, case_reference: "sa.ColumnElement[str]", region: "sa.ColumnElement[str]"
) -> "sa.ColumnElement[bool]":
    """The case of a row is assigned to the holder, or a permission of his or hers names it."""
    assigned = sa.exists().where(
        _OF.case_reference == case_reference, _covers(_OF.region, region), _is_held(holder)
    )
    permitted = sa.exists().where(
        _TO.case_reference == case_reference, _covers(_TO.region, region), _is_permitted(holder)
    )
    return sa.or_(assigned, permitted)


def cases_in_hand(holder: Holder) -> "sa.Select[tuple[str]]":
    """The numbers of all such cases, some twice, of any region: where a list begins to look."""
    assigned = sa.select(_OF.case_reference).where(_is_held(holder))
    permitted = sa.select(_TO.case_reference).where(_is_permitted(holder))
    both = sa.union_all(assigned, permitted).subquery()
    return sa.select(both.c.case_reference)


class Assignments:
    """Queries over assignments."""

    def add(self, tx: sa.Connection, new: Assignment) -> None:
        tx.execute(case_assignment.insert(), {name: getattr(new, name) for name in _ASSIGNMENT})

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> Assignment:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        row = None
        if storable(id_):
            query = sa.select(case_assignment).where(_OF.id == id_, in_region(_OF.region, region))
            row = tx.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such assignment")
        return _assignment(row)

    def end(self, tx: sa.Connection, id_: str, *, by: str, now: datetime) -> bool:
        """False where it has ended already."""
        done = tx.execute(
            case_assignment.update()
            .where(_OF.id == id_, _OF.ended_at.is_(None))
            .values(ended_at=now, ended_by=by)
        )
        return bool(done.rowcount == 1)

    def page(self, tx: sa.Connection, wanted: Listing) -> list[Assignment]:
        """The newest first; `after` is the last id of the page before."""
        where = [in_region(_OF.region, wanted.region)]
        for column, value in (
            (_OF.case_reference, wanted.case_reference),
            (_OF.staff_id, wanted.staff_id),
        ):
            if value is not None:
                where.append(column == value if storable(value) else sa.false())
        if wanted.holding_at is not None:
            where.append(_holds_at(wanted.holding_at))
        if wanted.after:
            where.append(_OF.id < wanted.after if storable(wanted.after) else sa.false())
        query = sa.select(case_assignment).where(*where).order_by(_OF.id.desc())
        return [_assignment(row) for row in tx.execute(query.limit(wanted.limit))]

    def held(self, tx: sa.Connection, holder: Holder, case: tuple[str, str]) -> str | None:
        """The id of an assignment of the case (number and region) that holds, if there is one."""
        reference, region = case
        query = sa.select(_OF.id).where(
            _OF.case_reference == reference,
            _covers(_OF.region, sa.literal(region)),
            _is_held(holder),
        )
        found = tx.execute(query.order_by(_OF.id).limit(1)).first()
        return None if found is None else str(found.id)


class LookPermissions:
    """Queries over permissions to look."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def add(self, tx: sa.Connection, new: LookPermission) -> None:
        values: dict[str, Any] = {name: getattr(new, name) for name in _PERMISSION}
        sealed = self._cipher.seal(_cell(new.id), new.reason.encode())
        tx.execute(look_permission.insert(), values | {"sealed_reason": sealed})

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> LookPermission:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        row = None
        if storable(id_):
            query = sa.select(look_permission).where(_TO.id == id_, in_region(_TO.region, region))
            row = tx.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such permission")
        return self._opened(row)

    def move(self, tx: sa.Connection, id_: str, *, from_: str, values: Mapping[str, Any]) -> bool:
        """False where it is not in the state any more."""
        done = tx.execute(
            look_permission.update().where(_TO.id == id_, _TO.state == from_).values(**values)
        )
        return bool(done.rowcount == 1)

    def page(self, tx: sa.Connection, wanted: Listing) -> list[LookPermission]:
        """The newest first; `after` is the last id of the page before."""
        where = [in_region(_TO.region, wanted.region)]
        if wanted.staff_id is not None:
            where.append(_TO.staff_id == wanted.staff_id)
        if wanted.state is not None:
            where.append(_TO.state == wanted.state)
        if wanted.after:
            where.append(_TO.id < wanted.after if storable(wanted.after) else sa.false())
        query = sa.select(look_permission).where(*where).order_by(_TO.id.desc())
        return [self._opened(row) for row in tx.execute(query.limit(wanted.limit))]

    def held(self, tx: sa.Connection, holder: Holder, case: tuple[str, str]) -> dict[str, str]:
        """The ids of permissions for the case (number and region) that hold, by purpose."""
        reference, region = case
        query = sa.select(_TO.purpose, _TO.id).where(
            _TO.case_reference == reference,
            _covers(_TO.region, sa.literal(region)),
            _is_permitted(holder),
        )
        return {row.purpose: row.id for row in tx.execute(query.order_by(_TO.id))}

    def _opened(self, row: Any) -> LookPermission:
        reason = self._cipher.open(_cell(row.id), row.sealed_reason).decode()
        return LookPermission(reason=reason, **{name: getattr(row, name) for name in _PERMISSION})


_ASSIGNMENT: Final[Sequence[str]] = Assignment.__slots__
_PERMISSION: Final = tuple(name for name in LookPermission.__slots__ if name != "reason")


def _assignment(row: Any) -> Assignment:
    return Assignment(**{name: getattr(row, name) for name in _ASSIGNMENT})


def _cell(id_: str) -> Cell:
    return Cell("look_permission", "sealed_reason", id_)
