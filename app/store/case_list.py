"""Verifications in pages: those within somebody's reach, by filters, in one of some orders."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

import orjson
import sqlalchemy as sa

from app.domain.errors import Erased
from app.domain.review import STILL_TO_DO
from app.store.base import in_region, storable
from app.store.crypto import Cell, FieldCipher
from app.store.looks import cases_in_hand
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.subject_keys import KEY_COLUMNS, SubjectKeys
from app.store.tables import report, verification
from app.store.tables_erasure import subject_key
from app.store.tables_facts import decision_fact
from app.store.tables_review import review_item
from app.store.township_questions import is_asked

_OF: Final = verification.c
_MUCH: Final = 2_000
"""Cases in one hand."""
_COUNTY: Final = 6
"""Digits of a county's region."""
_OPEN: Final = tuple(one.value for one in STILL_TO_DO)
Order = Literal["-requested", "requested", "-changed", "changed", "case", "-case"]
ORDERS: Final[tuple[Order, ...]] = (
    "-requested",
    "requested",
    "-changed",
    "changed",
    "case",
    "-case",
)
_BY: Final[Mapping[str, "sa.ColumnElement[Any]"]] = {
    "requested": _OF.id,  # ids sort by time
    "changed": _OF.changed_at,
    "case": _OF.case_reference,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """Which verifications; None: whatever it is. `since`, `until`: when they were requested.

    `township`: with something that a township is to look into; `programmes`, `purposes`: those
    alone that a limited caller may know of; none: all.
    """

    region: str
    reach: Reach | None = None
    text: str | None = None
    status: str | None = None
    programme: str | None = None
    outcome: str | None = None
    purpose: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    open_items: bool | None = None
    township: bool = False
    order: Order = "-requested"
    programmes: Sequence[str] = ()
    purposes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ListedDecision:
    """What a list shows of a decision."""

    programme: str
    outcome: str
    favours: str
    error_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCase:
    """A verification as a list shows it; without a name where what was kept of it was erased."""

    id: str
    case_reference: str
    region: str
    purpose: str
    as_of: date
    status: str
    requested_at: datetime
    changed_at: datetime
    final_at: datetime | None
    recheck_of: str | None
    head: str | None = field(repr=False)
    members: int | None
    open_items: int
    report: tuple[str, int] | None
    decisions: Sequence[ListedDecision]


class CaseList:
    """Reads for lists of cases."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def page(
        self, tx: sa.Connection, query: CaseQuery, *, after: str | None, limit: int
    ) -> list[ListedCase]:
        """`after`: the id of the last one of the page before."""
        where = list(_where(query, is_walked=_is_walked(tx, query)))
        column = _BY[query.order.lstrip("-")]
        down = query.order.startswith("-")
        if after is not None:
            where.append(_behind(column, after, down=down))
        keys = [column, _OF.id] if column is not _OF.id else [_OF.id]
        ids = (
            sa.select(_OF.id)
            .where(*where)
            .order_by(*(key.desc() if down else key for key in keys))
            .limit(limit)
        )
        found: list[str] = list(tx.execute(ids).scalars())
        return self._listed(tx, found)

    def newer_of(self, tx: sa.Connection, id_: str) -> str | None:
        """The newest verification that checked this one's household again, and is final."""
        again = sa.select(_OF.id).where(_OF.recheck_of == id_, _OF.status == "final")
        found = tx.execute(again.order_by(_OF.id.desc()).limit(1)).scalar_one_or_none()
        return None if found is None else str(found)

    def _listed(self, tx: sa.Connection, ids: Sequence[str]) -> list[ListedCase]:
        if not ids:
            return []
        query = (
            sa.select(verification, *KEY_COLUMNS)
            .outerjoin_from(verification, subject_key, subject_key.c.subject == _OF.id)
            .where(_OF.id.in_(ids))
        )
        rows = {row.id: row for row in tx.execute(query)}
        decisions, items = _decisions(tx, ids), _open_items(tx, ids)
        reports = _reports(tx, ids)
        listed = []
        for id_ in ids:
            head, members = self._household(tx, rows[id_])
            listed.append(
                ListedCase(
                    **{name: getattr(rows[id_], name) for name in _PLAIN},
                    head=head,
                    members=members,
                    open_items=items.get(id_, 0),
                    report=reports.get(id_),
                    decisions=decisions.get(id_, ()),
                )
            )
        return listed

    def _household(self, tx: sa.Connection, row: Any) -> tuple[str | None, int | None]:
        """The name of the head, or of who stands first, and how many members there are."""
        try:
            cipher = self._keys.joined(tx, row.id, row)
        except Erased:
            return None, None
        opened = cipher.open(Cell("verification", "sealed_request", row.id), row.sealed_request)
        members = orjson.loads(opened)["household"]["members"]
        heads = [one for one in members if one["relationship"] == "head"]
        return (heads or members)[0]["name"], len(members)


_PLAIN: Final = (
    "id",
    "case_reference",
    "region",
    "purpose",
    "as_of",
    "status",
    "requested_at",
    "changed_at",
    "final_at",
    "recheck_of",
)


def _is_walked(tx: sa.Connection, query: CaseQuery) -> bool:
    """Whoever has much in hand finds a page of it soon along the list; few cases are looked up."""
    if query.reach is None or not query.reach.only_in_hand:
        return True
    some = cases_in_hand(query.reach.holder).limit(_MUCH).subquery()
    held = tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return int(held) == _MUCH


def _where(query: CaseQuery, *, is_walked: bool) -> Iterator["sa.ColumnElement[bool]"]:
    if is_walked and len(query.region) <= _COUNTY and not query.order.endswith("changed"):
        # Along the order: by the region's index SQLite would put all of the county in order first.
        yield sa.func.substr(_OF.region, 1, len(query.region)) == query.region
    else:
        yield in_region(_OF.region, query.region)
    if query.reach is not None:
        if not is_walked:
            yield _OF.case_reference.in_(cases_in_hand(query.reach.holder))
        yield from within_reach(query.reach, CaseColumns(_OF.id, _OF.case_reference, _OF.region))
    for column, value in (
        (_OF.status, query.status),
        (_OF.purpose, query.purpose),
    ):
        if value is not None:
            yield column == value
    if query.since is not None:
        yield _OF.requested_at >= query.since
    if query.until is not None:
        yield _OF.requested_at < query.until
    if query.township:
        yield is_asked(_OF.id)
    if query.text:
        yield _named(query.text)
    if query.purposes:
        yield _OF.purpose.in_(query.purposes)
    if query.programmes or query.programme is not None or query.outcome is not None:
        yield _decided(query)
    if query.open_items is not None:
        waiting = sa.select(review_item.c.verification_id).where(review_item.c.state.in_(_OPEN))
        yield _OF.id.in_(waiting) if query.open_items else _OF.id.not_in(waiting)


def _named(text: str) -> "sa.ColumnElement[bool]":
    """By the beginning of the case's number, by the id, or by the report's number."""
    if not storable(text):
        return sa.false()
    following = text[:-1] + chr(ord(text[-1]) + 1)
    begins = sa.and_(_OF.case_reference >= text, _OF.case_reference < following)
    reported = sa.select(report.c.verification_id).where(report.c.number == text)
    return sa.or_(begins, _OF.id == text, _OF.id.in_(reported))


def _decided(query: CaseQuery) -> "sa.ColumnElement[bool]":
    """By decisions as they stand. A set, not a look at each: lists are long, sets are indexed."""
    of = decision_fact.c
    where: list[sa.ColumnElement[bool]] = []
    if query.programmes:
        where.append(of.programme.in_(query.programmes))
    if query.programme is not None:
        where.append(of.programme == query.programme)
    if query.outcome is not None:
        where.append(of.outcome == query.outcome)
    return _OF.id.in_(sa.select(of.verification_id).where(*where))


def _behind(column: "sa.ColumnElement[Any]", after: str, *, down: bool) -> "sa.ColumnElement[bool]":
    if not storable(after):
        return sa.false()
    if column is _OF.id:
        return _OF.id < after if down else _OF.id > after
    other = verification.alias()
    place = sa.select(other.c[column.name]).where(other.c.id == after).scalar_subquery()
    ids = _OF.id < after if down else _OF.id > after
    return sa.or_(column < place if down else column > place, sa.and_(column == place, ids))


def _decisions(tx: sa.Connection, ids: Sequence[str]) -> dict[str, list[ListedDecision]]:
    of = decision_fact.c
    query = sa.select(of.verification_id, of.programme, of.outcome, of.favours, of.error_rate)
    found: dict[str, list[ListedDecision]] = {}
    for id_, *told in tx.execute(query.where(of.verification_id.in_(ids)).order_by(of.programme)):
        found.setdefault(id_, []).append(ListedDecision(*told))
    return found


def _open_items(tx: sa.Connection, ids: Iterable[str]) -> dict[str, int]:
    of = review_item.c
    query = (
        sa.select(of.verification_id, sa.func.count().label("items"))
        .where(of.verification_id.in_(list(ids)), of.state.in_(_OPEN))
        .group_by(of.verification_id)
    )
    return {row.verification_id: row.items for row in tx.execute(query)}


def _reports(tx: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[str, int]]:
    query = sa.select(report.c.verification_id, report.c.number, report.c.version).where(
        report.c.verification_id.in_(list(ids))
    )
    rows = tx.execute(query.order_by(report.c.version))
    return {row.verification_id: (row.number, row.version) for row in rows}
