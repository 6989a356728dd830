"""Items of the review worklist 待复核事项: one thing that a person could do for a verification."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from app.domain.decision import ActionKind
from app.domain.errors import NotFound
from app.domain.review import STILL_TO_DO, ItemState, WhyClosed
from app.store.base import storable
from app.store.tables import verification
from app.store.tables_review import review_item

_columns = review_item.c
_OF: Final[sa.BindParameter[str]] = sa.bindparam("of")
_HELD_OF_MANY = (
    sa.select(review_item)
    .where(_columns.verification_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_columns.id)
    .with_for_update()
)
_ADD = review_item.insert()
_CHANGE = review_item.update().where(_columns.id == _OF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one programme's decision gains: its error rate, the one expected after, the saving."""

    programme: str
    error_rate: float
    expected_rate: float
    reduction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """One item: `subject` names the action (`review:ev_1|ev_2`), `gains` has the best first.

    `needed`: it must be decided whatever it is worth; `decisive`: an outcome turns on it;
    `difference`: which fields differ and how. `settles`: the item that waits for this one. The
    reviewers are those of the round that is
    under way, `locked_by` the one who works on it until `locked_until`.
    """

    verification_id: str
    region: str
    subject: str
    kind: ActionKind
    person: str | None
    source: str | None
    gains: tuple[Gain, ...]
    needed: bool
    decisive: bool = False
    probability: float | None = None
    difference: str | None = None
    due_at: datetime | None = None
    settles: str | None = None
    created_at: datetime
    changed_at: datetime
    state: ItemState = ItemState.OPEN
    why_closed: WhyClosed | None = None
    first_reviewer: str | None = None
    second_reviewer: str | None = None
    locked_by: str | None = None
    locked_until: datetime | None = None

    @property
    def id(self) -> str:
        return item_id(self.verification_id, self.subject)

    @property
    def evidence(self) -> tuple[str, ...]:
        """The records that stand or fall together; none where nothing but an answer is wanted."""
        is_of_records = self.kind is ActionKind.REVIEW_RECORD
        return tuple(self.subject.split(":", maxsplit=1)[1].split("|")) if is_of_records else ()

    @property
    def expected_reduction(self) -> float:
        """Of the error rates of all programmes, added up."""
        return sum(gain.reduction for gain in self.gains)

    @property
    def error_rate(self) -> float:
        """The highest of the programmes'."""
        return max((gain.error_rate for gain in self.gains), default=0.0)

    @property
    def resumed(self) -> ItemState:
        """How it stands once it is taken up again, after it was closed or set aside."""
        if self.second_reviewer is not None:
            return ItemState.DISAGREED
        return ItemState.OPEN if self.first_reviewer is None else ItemState.AWAITING_SECOND

    def locked_against(self, reviewer: str, now: datetime) -> bool:
        """Another reviewer works on it just now."""
        held = self.locked_until is not None and self.locked_until > now
        return held and self.locked_by != reviewer

    def moved(self, state: ItemState, now: datetime) -> "ReviewItem":
        """In another state, and free for whoever comes."""
        return replace(
            self, state=state, why_closed=None, changed_at=now, locked_by=None, locked_until=None
        )


def item_id(verification_id: str, subject: str) -> str:
    """The same for the same verification and action, whenever it is made."""
    return f"ri_{sha256(f'{verification_id}/{subject}'.encode()).hexdigest()[:32]}"


class ReviewItems:
    """Queries over items; every read that names one takes the caller's region."""

    def of_many(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[ReviewItem, ...]]:
        """By verification; nobody else changes them before the transaction ends."""
        found: dict[str, list[ReviewItem]] = {}
        for row in tx.execute(_HELD_OF_MANY, {"ids": sorted(ids)}):
            found.setdefault(row.verification_id, []).append(opened(row))
        return {id_: tuple(items) for id_, items in found.items()}

    def of(self, tx: sa.Connection, verification_id: str) -> tuple[ReviewItem, ...]:
        """Of one verification, as they stand; others may change them meanwhile."""
        wanted = sa.select(review_item).where(_columns.verification_id == verification_id)
        return tuple(opened(row) for row in tx.execute(wanted.order_by(_columns.id)))

    def find(self, tx: sa.Connection, id_: str) -> ReviewItem | None:
        row = tx.execute(sa.select(review_item).where(_columns.id == id_)).one_or_none()
        return None if row is None else opened(row)

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> ReviewItem:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere."""
        found = self.find(tx, id_) if storable(id_) else None
        if found is None or not found.region.startswith(region):
            raise NotFound("no such review item")
        return found

    def add(self, tx: sa.Connection, new: Iterable[ReviewItem]) -> None:
        rows = [_values(one) for one in new]
        if rows:
            tx.execute(_ADD, rows)

    def change(self, tx: sa.Connection, changed: Iterable[ReviewItem]) -> None:
        """Items as they are from now on."""
        rows = [{"of": one.id, **_values(one)} for one in changed]
        if rows:
            tx.execute(_CHANGE, rows)

    def close_all(
        self, tx: sa.Connection, verification_id: str, why: WhyClosed, *, now: datetime
    ) -> None:
        """Nothing of this verification is left to do."""
        tx.execute(
            review_item.update()
            .where(_columns.verification_id == verification_id, _columns.state.in_(STILL_TO_DO))
            .values(
                state=ItemState.CLOSED.value,
                why_closed=why.value,
                changed_at=now,
                locked_by=None,
                locked_until=None,
            )
        )

    def lock(
        self, tx: sa.Connection, id_: str, reviewer: str, *, now: datetime, until: datetime
    ) -> bool:
        """For one reviewer to work on; false where another one does."""
        done = tx.execute(
            review_item.update()
            .where(_columns.id == id_, sa.or_(is_free(now), _columns.locked_by == reviewer))
            .values(locked_by=reviewer, locked_until=until)
        )
        return bool(done.rowcount == 1)

    def release(
        self, tx: sa.Connection, reviewer: str, *, only: str | None = None, but: str | None = None
    ) -> None:
        """The reviewer's items are free again: all, one of them, or all but one."""
        held = [_columns.locked_by == reviewer]
        if only is not None:
            held.append(_columns.id == only)
        if but is not None:
            held.append(_columns.id != but)
        tx.execute(review_item.update().where(*held).values(locked_by=None, locked_until=None))

    def case_reference(self, tx: sa.Connection, verification_id: str) -> str:
        """The case number of an item's verification."""
        found: str = tx.execute(
            sa.select(verification.c.case_reference).where(verification.c.id == verification_id)
        ).scalar_one()
        return found


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Nobody works on the item."""
    return sa.or_(_columns.locked_until.is_(None), _columns.locked_until <= now)


def _values(item: ReviewItem) -> dict[str, object]:
    details: dict[str, object] = {
        "subject": item.subject,
        "gains": [asdict(gain) for gain in item.gains],
    }
    if item.settles is not None:
        details["settles"] = item.settles
    programmes = "".join(f" {gain.programme}" for gain in item.gains)
    return {
        "id": item.id,
        "verification_id": item.verification_id,
        "region": item.region,
        "kind": item.kind.value,
        "person": item.person,
        "source": item.source,
        "programmes": f"{programmes} ",
        "expected_reduction": item.expected_reduction,
        "error_rate": item.error_rate,
        "needed": item.needed,
        "decisive": item.decisive,
        "probability": item.probability,
        "difference": item.difference,
        "due_at": item.due_at,
        "details": json.dumps(details),
        "state": item.state.value,
        "why_closed": None if item.why_closed is None else item.why_closed.value,
        "created_at": item.created_at,
        "changed_at": item.changed_at,
        "first_reviewer": item.first_reviewer,
        "second_reviewer": item.second_reviewer,
        "locked_by": item.locked_by,
        "locked_until": item.locked_until,
    }


def opened(row: "sa.Row[tuple[object, ...]]") -> ReviewItem:
    """A row as an item."""
    details = json.loads(row.details)
    return ReviewItem(
        verification_id=row.verification_id,
        region=row.region,
        subject=details["subject"],
        kind=ActionKind(row.kind),
        person=row.person,
        source=row.source,
        gains=tuple(Gain(**gain) for gain in details["gains"]),
        needed=row.needed,
        decisive=row.decisive,
        probability=row.probability,
        difference=row.difference,
        due_at=row.due_at,
        settles=details.get("settles"),
        created_at=row.created_at,
        changed_at=row.changed_at,
        state=ItemState(row.state),
        why_closed=None if row.why_closed is None else WhyClosed(row.why_closed),
        first_reviewer=row.first_reviewer,
        second_reviewer=row.second_reviewer,
        locked_by=row.locked_by,
        locked_until=row.locked_until,
    )
