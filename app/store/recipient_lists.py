"""Lists of recipients: who is due, whose consent ends, who is not on a roster any more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from app.domain.recipient import RecipientState, WhyDue
from app.store.base import hold, in_region
from app.store.reach import CaseColumns, Reach, within_reach
from app.store.recipients import StoredRecipient, held, stored_recipient
from app.store.tables_batch import batch, batch_household
from app.store.tables_relief import recipient

_columns = recipient.c
_COUNTY: Final = sa.func.substr(_columns.region, 1, 6)
_COUNTY_DIGITS: Final = 6
_ENDED: Final = ("done", "failed", "cancelled")
_BEGINNINGS: Final = 724_011
_ROSTERS: Final = 724_012
"""Names of the locks under which re-verifications are begun, and rosters read, one at a time."""
_AT_A_TIME: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which recipients; None: whatever it is.

    `due_by`, `consent_ends_by`: on or before that day; due are only those that receive.
    `programmes`: only those that receive nothing but these; none named: whatever it is.
    """

    region: str
    class_: str | None = None
    state: RecipientState | None = None
    why: WhyDue | None = None
    due_by: date | None = None
    consent_ends_by: date | None = None
    reach: Reach | None = None
    programmes: tuple[str, ...] = ()


class RecipientLists:
    """Reads over many recipients of a region's subtree."""

    def page(
        self, tx: sa.Connection, wanted: Wanted, *, after: str = "", limit: int
    ) -> list[StoredRecipient]:
        """In the order of region and case; `after` is the last id of the page before."""
        query = sa.select(recipient).where(*_conditions(wanted))
        if after:
            last = sa.select(_columns.region, _columns.case_reference).where(
                _columns.id == after, in_region(_columns.region, wanted.region)
            )
            place = tx.execute(last).one_or_none()
            if place is None:
                return []
            here = sa.tuple_(_columns.region, _columns.case_reference)
            query = query.where(here > sa.tuple_(place.region, place.case_reference))
        rows = tx.execute(query.order_by(_columns.region, _columns.case_reference).limit(limit))
        return [stored_recipient(row) for row in rows]

    def count(self, tx: sa.Connection, wanted: Wanted) -> int:
        found: int = tx.execute(
            sa.select(sa.func.count()).select_from(recipient).where(*_conditions(wanted))
        ).scalar_one()
        return found

    def lock_beginnings(self, tx: sa.Connection) -> None:
        """Two that begin re-verifications at once do not take the same household."""
        hold(tx, _BEGINNINGS)

    def lock_rosters(self, tx: sa.Connection) -> None:
        """Two that read rosters at once do not both add the same household."""
        hold(tx, _ROSTERS)

    def free_by_county(
        self, tx: sa.Connection, wanted: Wanted, limit: int | None
    ) -> dict[str, list[str]]:
        """Due and in no running batch: ids by county, the longest due first, at most so many."""
        query = (
            sa.select(_columns.id, _COUNTY.label("county"))
            .where(*_conditions(wanted), ~_under_way())
            .order_by(_columns.due_on, _columns.id)
            .limit(limit)
        )
        found: dict[str, list[str]] = {}
        for row in tx.execute(query):
            found.setdefault(row.county, []).append(row.id)
        return dict(sorted(found.items()))

    def take(self, tx: sa.Connection, ids: Sequence[str]) -> Iterator[StoredRecipient]:
        """Those of them that still receive and are in no running batch, a page at a time."""
        for start in range(0, len(ids), _AT_A_TIME):
            query = (
                sa.select(recipient)
                .where(
                    _columns.id.in_(ids[start : start + _AT_A_TIME]),
                    _columns.state == RecipientState.RECEIVING.value,
                    ~_under_way(),
                )
                .order_by(_columns.due_on, _columns.id)
            )
            yield from map(stored_recipient, tx.execute(held(tx, query)).all())

    def begun_since(self, tx: sa.Connection, *, client_id: str, since: datetime) -> dict[str, int]:
        """By county: households of which this client began re-verifications since then."""
        rows = tx.execute(
            sa.select(batch.c.region, sa.func.sum(batch.c.households).label("households"))
            .where(
                batch.c.client_id == client_id,
                batch.c.origin == "recipients",
                batch.c.created_at >= since,
            )
            .group_by(batch.c.region)
        )
        return {row.region: row.households for row in rows}

    def not_ended(
        self, tx: sa.Connection, region: str, *, after: str, limit: int
    ) -> list[tuple[str, str]]:
        """Id and region of those that have not ended, in the order of their ids."""
        query = (
            sa.select(_columns.id, _columns.region)
            .where(
                in_region(_columns.region, region),
                _columns.state != RecipientState.ENDED.value,
                _columns.id > after,
            )
            .order_by(_columns.id)
            .limit(limit)
        )
        return [(row.id, row.region) for row in tx.execute(query)]


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = [in_region(_columns.region, wanted.region)]
    state = wanted.state
    of_state: sa.ColumnElement[str] = _columns.state
    if len(wanted.region) >= _COUNTY_DIGITS:
        # Not by its index: SQLite would sort all that is due anywhere for one county's page.
        # Measured with a million recipients: 1,600 ms before, 20 after.
        of_state = _columns.state.concat("")
    if wanted.due_by is not None:
        state = RecipientState.RECEIVING
        found.append(_columns.due_on <= wanted.due_by)
    if state is not None:
        found.append(of_state == state.value)
    if wanted.class_ is not None:
        found.append(_columns["class"] == wanted.class_)
    if wanted.why is not None:
        found.append(_columns.why_due == wanted.why.value)
    if wanted.consent_ends_by is not None:
        found.append(_columns.consent_until <= wanted.consent_ends_by)
    if wanted.programmes:
        found.append(_nothing_but(wanted.programmes))
    of = CaseColumns(None, _columns.case_reference, _columns.region)
    return [*found, *within_reach(wanted.reach, of)]


def _nothing_but(programmes: Sequence[str]) -> sa.ColumnElement[bool]:
    """Of the list `,a,b,` nothing but its first comma stays when these are taken out."""
    left: Any = sa.literal(",").concat(_columns.programmes).concat(",")
    for one in programmes:
        left = sa.func.replace(left, f",{one},", ",")
    return sa.type_coerce(left, sa.String) == ","


def _under_way() -> sa.ColumnElement[bool]:
    """A batch has the household that is neither over nor given up."""
    return sa.exists().where(
        batch_household.c.recipient_id == _columns.id,
        batch_household.c.state.not_in(_ENDED),
    )
