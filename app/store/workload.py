"""How much waits for whoever looks: counts along indexes, of open things alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from app.store.base import in_region
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.review_queue import Queue, came_back, is_in
from app.store.tables import audit_entry, verification
from app.store.tables_objections import objection
from app.store.tables_relief import alert, alert_step
from app.store.tables_review import review_item

_REVIEW, _ALERT, _OBJECTION, _ENTRY = review_item.c, alert.c, objection.c, audit_entry.c
_OPEN_ALERTS: Final = ("raised", "assigned")
_TO_CHECK: Final = "handled"
_AWAITING: Final = "awaiting_second"


@dataclass(frozen=True, slots=True)
class Worker:
    """Whose: the account, its region, and what it may see of lists."""

    id: str
    region: str
    reach: Reach | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLoad:
    """Open alerts: those of the worker, those to be checked, those due, those sent back."""

    open: int
    mine: int
    to_check: int
    due_today: int
    overdue: int
    returned: int


@dataclass(frozen=True, slots=True)
class ReviewLoad:
    """Items of the worklist of one kind: those that wait, that the worker holds, that need a
    second person, that are due by the end of the day, that came back."""

    kind: str
    waiting: int
    mine: int
    second: int
    due: int
    returned: int


@dataclass(frozen=True, slots=True)
class Looks:
    """Of one worker today: looks at cases, lists, and files."""

    cases: int
    lists: int
    exports: int


class Workload:
    """Counts in one region, within reach."""

    def reviews(
        self, tx: sa.Connection, who: Worker, now: datetime, midnight: datetime
    ) -> Sequence[ReviewLoad]:
        """What the worker may decide; what he or she decided first waits for somebody else.

        `midnight`: the end of the day.
        """
        held = sa.and_(_REVIEW.locked_by == who.id, _REVIEW.locked_until > now)
        told = (held, _of_others(who), _REVIEW.due_at < midnight, came_back())
        rows = tx.execute(
            sa.select(_REVIEW.kind, sa.func.count(), *map(_sum, told))
            .where(*_of_reviews(who))
            .group_by(_REVIEW.kind)
            .order_by(_REVIEW.kind)
        )
        return [ReviewLoad(kind, *(int(one or 0) for one in sums)) for kind, *sums in rows]

    def reviews_waiting(self, tx: sa.Connection, who: Worker, up_to: int) -> int:
        """As many as `reviews` counts, but no more than this: then nothing further is read."""
        some = sa.select(sa.literal(1)).where(*_of_reviews(who)).limit(up_to).subquery()
        return int(tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())

    def alerts_open(self, tx: sa.Connection, who: Worker) -> int:
        """Those that nobody has handled yet."""
        where = (_ALERT.state.in_(_OPEN_ALERTS), *_of_alerts(who))
        return int(tx.execute(sa.select(sa.func.count()).where(*where)).scalar_one())

    def alerts(
        self, tx: sa.Connection, who: Worker, now: datetime, midnight: datetime
    ) -> AlertLoad:
        """`midnight`: the end of the day."""
        open_ = _ALERT.state.in_(_OPEN_ALERTS)
        mine = sa.and_(_ALERT.assigned_to == who.id, _ALERT.state == "assigned")
        back = sa.exists().where(
            alert_step.c.alert_id == _ALERT.id, alert_step.c.action == "sent_back"
        )
        handled_by_me = sa.exists().where(
            alert_step.c.alert_id == _ALERT.id,
            alert_step.c.action == "handled",
            alert_step.c.actor == who.id,
        )
        row = tx.execute(
            sa.select(
                _sum(open_),
                _sum(mine),
                _sum(sa.and_(_ALERT.state == _TO_CHECK, ~handled_by_me)),
                _sum(sa.and_(open_, _ALERT.due_at >= now, _ALERT.due_at <= midnight)),
                _sum(sa.and_(open_, _ALERT.due_at < now)),
                _sum(sa.and_(mine, back)),
            ).where(_ALERT.state.in_((*_OPEN_ALERTS, _TO_CHECK)), *_of_alerts(who))
        ).one()
        names = ("open", "mine", "to_check", "due_today", "overdue", "returned")
        return AlertLoad(**{name: int(one or 0) for name, one in zip(names, row, strict=True)})

    def objections(self, tx: sa.Connection, who: Worker) -> int:
        """Those that are filed and not answered."""
        number = (
            sa.select(verification.c.case_reference)
            .where(verification.c.id == _OBJECTION.verification_id)
            .correlate(objection)
            .scalar_subquery()
        )
        of = CaseColumns(_OBJECTION.verification_id, number, _OBJECTION.region)
        where = (
            _OBJECTION.state == "filed",
            in_region(_OBJECTION.region, who.region),
            *within_reach(who.reach, of),
        )
        return int(tx.execute(sa.select(sa.func.count()).where(*where)).scalar_one())

    def looks(self, tx: sa.Connection, who: Worker, since: datetime) -> Looks:
        """By the trail: what this worker was shown since then."""
        kinds = ("case", "list", "export")
        found = [_sum(_ENTRY.details.contains(f'"look": "{one}"')) for one in kinds]
        row = tx.execute(sa.select(*found).where(_ENTRY.at >= since, _ENTRY.actor == who.id)).one()
        return Looks(*(int(one or 0) for one in row))


def _of_others(who: Worker) -> "sa.ColumnElement[bool]":
    return sa.and_(_REVIEW.state == _AWAITING, _REVIEW.first_reviewer != who.id)


def _of_reviews(who: Worker) -> list["sa.ColumnElement[bool]"]:
    """As the queue lists what the worker may decide."""
    return is_in(Queue(region=who.region, reviewer=who.id, reach=who.reach, todo=True))


def _of_alerts(who: Worker) -> list["sa.ColumnElement[bool]"]:
    of = CaseColumns(_ALERT.verification_id, _ALERT.case_reference, _ALERT.region)
    return [in_region(_ALERT.region, who.region), *within_reach(who.reach, of)]


def _sum(where: "sa.ColumnElement[bool]") -> "sa.ColumnElement[int]":
    return sa.func.sum(sa.case((where, 1), else_=0))
