"""How far batches are: counted from indexes, never from the households' own pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import sqlalchemy as sa

from app.domain.evidence import SourceState
from app.store.base import upsert
from app.store.tables import source_task
from app.store.tables_batch import batch, batch_household, batch_source

STATES: Final = ("todo", "asking", "waiting", "ready", "done", "failed", "cancelled")
ENDED: Final = ("done", "failed", "cancelled")
_ASKED: Final = ("asking", "waiting", "ready")
OUTCOMES: Final = ("confirmed", "not_confirmed", "undetermined")
_household, _source = batch_household.c, batch_source.c
_OF: Final = _household.batch_id == sa.bindparam("of")
_COUNT: Final = sa.select(sa.func.count()).select_from(batch_household)
_STATE: Final = _COUNT.where(_household.state == sa.bindparam("state"), _OF)
_OUTCOME: Final = _COUNT.where(_OF, _household.outcome == sa.bindparam("outcome"))
_CHANGED: Final = _OUTCOME.where(_household.changed.is_(True))
_ENDED_IN: Final = _COUNT.where(
    _OF, _household.done_at >= sa.bindparam("since"), _household.done_at < sa.bindparam("until")
)
_FIRST_DONE: Final = sa.select(sa.func.min(_household.done_at)).where(
    _OF, _household.done_at.is_not(None)
)
_PLACES: Final = sa.and_(
    _OF,
    _household.position.between(sa.bindparam("first"), sa.bindparam("last")),
    _household.state.in_(sa.bindparam("states", expanding=True)),
)
_HERE: Final = _COUNT.where(_PLACES)
_SAID_HERE: Final = (
    sa.select(source_task.c.source, source_task.c.state, sa.func.count())
    .select_from(batch_household)
    .join(source_task, source_task.c.verification_id == _household.verification_id)
    .where(_PLACES, source_task.c.state != SourceState.NOT_ASKED.value)
    .group_by(source_task.c.source, source_task.c.state)
)


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """Persons of whom a source was to be asked, and what came of it so far."""

    asked: int = 0
    answered: int = 0
    failed: int = 0

    @property
    def outstanding(self) -> int:
        return self.asked - self.answered - self.failed

    def __add__(self, other: "SourceCounts") -> "SourceCounts":
        return SourceCounts(
            self.asked + other.asked, self.answered + other.answered, self.failed + other.failed
        )


class BatchProgress:
    """Counts over a batch's households, and over what its sources were asked."""

    def stages(self, tx: sa.Connection, batch_id: str, households: int) -> Mapping[str, int]:
        """Households by state; those that are done are all that are in no other (0: not known)."""
        counts: dict[str, int] = {}
        for state in STATES:
            if state != "done" or not households:
                where = {"of": batch_id, "state": state}
                counts[state] = tx.execute(_STATE, where).scalar_one()
        return {"done": households - sum(counts.values()), **counts}

    def outcomes(self, tx: sa.Connection, batch_id: str) -> tuple[Mapping[str, int], int]:
        """Households by outcome, and how many of them have changed."""
        counts, changed = {}, 0
        for outcome in OUTCOMES:
            values = {"of": batch_id, "outcome": outcome}
            counts[outcome] = tx.execute(_OUTCOME, values).scalar_one()
            changed += tx.execute(_CHANGED, values).scalar_one()
        return counts, changed

    def ended_between(
        self, tx: sa.Connection, batch_id: str, instants: Sequence[datetime]
    ) -> Sequence[int]:
        """Households that ended from each instant to the next."""
        return [
            tx.execute(_ENDED_IN, {"of": batch_id, "since": since, "until": until}).scalar_one()
            for since, until in pairwise(instants)
        ]

    def first_end(self, tx: sa.Connection, batch_id: str) -> datetime | None:
        first: datetime | None = tx.execute(_FIRST_DONE, {"of": batch_id}).scalar_one()
        return first

    def last_pace(self, tx: sa.Connection, region: str) -> float | None:
        """Households a second of the batch that ended last in the region; None: there is none."""
        its = batch.c
        ended = sa.and_(its.status == "done", its.households > 0, its.ended_at > its.started_at)
        row = tx.execute(
            sa.select(its.households, its.started_at, its.ended_at)
            .where(its.region == region, ended)
            .order_by(its.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        seconds: float = (row.ended_at - row.started_at).total_seconds()
        return float(row.households) / seconds

    def count_done(
        self, tx: sa.Connection, batch_id: str, worker: str, counts: Mapping[str, SourceCounts]
    ) -> None:
        """What sources said of households that were just done; once for each of them."""
        its = upsert(tx, batch_source)
        added = its.on_conflict_do_update(
            index_elements=["batch_id", "source", "counted_by"],
            set_={
                name: _source[name] + its.excluded[name] for name in ("asked", "answered", "failed")
            },
        )
        rows = [
            {
                "batch_id": batch_id,
                "source": source,
                "counted_by": worker,
                "asked": one.asked,
                "answered": one.answered,
                "failed": one.failed,
            }
            for source, one in sorted(counts.items())
        ]
        if rows:
            tx.execute(added, rows)

    def of_done(self, tx: sa.Connection, batch_id: str) -> Mapping[str, SourceCounts]:
        """By source, of the households that are done."""
        sums = (sa.func.sum(_source[name]) for name in ("asked", "answered", "failed"))
        found = tx.execute(
            sa.select(_source.source, *sums)
            .where(_source.batch_id == batch_id)
            .group_by(_source.source)
        )
        return {source: SourceCounts(int(a), int(b), int(c)) for source, a, b, c in found}

    def of_places(
        self, tx: sa.Connection, batch_id: str, places: Sequence[tuple[int, int]], *, ended: bool
    ) -> tuple[Mapping[str, SourceCounts], int]:
        """By source, of the households in these places that are open, with those ended or without.

        And how many households those are.
        """
        sums: dict[str, SourceCounts] = {}
        households = 0
        for first, last in places:
            here = {
                "of": batch_id,
                "first": first,
                "last": last,
                "states": (*_ASKED, *(ENDED if ended else ())),
            }
            households += tx.execute(_HERE, here).scalar_one()
            for source, state, number in tx.execute(_SAID_HERE, here):
                more = counted(SourceState(state), number)
                sums[source] = sums.get(source, SourceCounts()) + more
        return sums, households


def counted(state: SourceState, persons: int = 1) -> SourceCounts:
    """Persons of whom the source is asked and who are in this state; none where it is not asked."""
    match state:
        case SourceState.NOT_ASKED:
            return SourceCounts()
        case SourceState.ANSWERED | SourceState.NO_RECORD:
            return SourceCounts(persons, answered=persons)
        case SourceState.FAILED:
            return SourceCounts(persons, failed=persons)
        case SourceState.PENDING:
            return SourceCounts(persons)
