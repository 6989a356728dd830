"""What became known of past decisions and of sources, as rates are learned and checked from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.store.base import in_region
from app.store.facts import DecisionFacts
from app.store.tables_audits import audit_item, known_outcome, source_observation
from app.store.tables_facts import decision_fact

_KNOWN, _FACT, _SEEN = known_outcome.c, decision_fact.c, source_observation.c


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDecision:
    """A decision as it was stated, and what it should have been.

    `probability` with which it came to be looked at, the highest of all origins; `ethnic_group` of
    the head by GB/T 3304, 0 where it is not known.
    """

    verification_id: str
    programme: str
    region: str
    area: str
    favours: str
    true_outcome: str
    error_rate: float
    interval: tuple[float, float]
    household_size: int
    ethnic_group: int
    probability: float
    known_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSource:
    """What a reader or an objection showed of a source, and how likely it was to be looked at."""

    source: str
    kind: str
    hits: int
    trials: int
    months: float | None
    log_ratio: float | None
    probability: float
    observed_at: datetime


class KnownOutcomes:
    """Queries over known outcomes and observations; `region` narrows them to its subtree."""

    def __init__(self, facts: DecisionFacts) -> None:
        self._facts = facts

    def decisions(self, tx: sa.Connection, *, region: str = "") -> tuple[KnownDecision, ...]:
        """Each decision once: where several origins tell, what was known last."""
        rows = tx.execute(
            sa.select(
                decision_fact,
                _KNOWN.true_outcome,
                _KNOWN.probability,
                _KNOWN.known_at,
            )
            .join(
                known_outcome,
                sa.and_(
                    _KNOWN.verification_id == _FACT.verification_id,
                    _KNOWN.programme == _FACT.programme,
                ),
            )
            .where(in_region(_FACT.region, region))
            .order_by(_FACT.verification_id, _FACT.programme, _KNOWN.known_at, _KNOWN.origin)
        ).all()
        likeliest: dict[tuple[str, str], float] = {}
        last: dict[tuple[str, str], sa.Row[Any]] = {}
        for row in rows:
            key = (row.verification_id, row.programme)
            likeliest[key] = max(row.probability, likeliest.get(key, 0.0))
            last[key] = row
        groups = self._ethnic_groups(tx, list(last.values()))
        return tuple(
            _decision(row, group, likeliest[key])
            for (key, row), group in zip(last.items(), groups, strict=True)
        )

    def _ethnic_groups(self, tx: sa.Connection, rows: Sequence["sa.Row[Any]"]) -> list[int]:
        """In their order; 0 where what was known of the household was erased."""
        told = [row for row in rows if row.sealed_totals]
        if not told:
            return [0] * len(rows)
        groups = iter(self._facts.open_totals(tx, told)["ethnic_group"])
        return [int(next(groups)) if row.sealed_totals else 0 for row in rows]

    def observations(
        self, tx: sa.Connection, *, region: str = "", since: datetime | None = None
    ) -> tuple[SeenSource, ...]:
        """What was observed of sources, from then on if a time is given.

        An observation is as probable as the likeliest way in which its verification came to be
        looked at from the same origin; one that nothing is known of came by itself.
        """
        known = (
            sa.select(sa.func.max(_KNOWN.probability))
            .where(_KNOWN.verification_id == _SEEN.verification_id, _KNOWN.origin == _SEEN.origin)
            .scalar_subquery()
        )
        drawn = (
            sa.select(sa.func.max(audit_item.c.inclusion))
            .where(audit_item.c.verification_id == _SEEN.verification_id, _SEEN.origin == "audit")
            .scalar_subquery()
        )
        query = sa.select(
            source_observation, sa.func.coalesce(known, drawn, 1.0).label("probability")
        ).where(in_region(_SEEN.region, region))
        if since is not None:
            query = query.where(_SEEN.observed_at >= since)
        return tuple(_seen(row) for row in tx.execute(query.order_by(_SEEN.id)))

    def newest(self, tx: sa.Connection, *, region: str = "", limit: int) -> tuple[str, ...]:
        """The verifications that were decided last, each household's newest alone."""
        last = sa.func.max(_FACT.final_at)
        rows = tx.execute(
            sa.select(_FACT.verification_id)
            .where(
                _FACT.status == "final", _FACT.current.is_(True), in_region(_FACT.region, region)
            )
            .group_by(_FACT.verification_id)
            .order_by(last.desc(), _FACT.verification_id)
            .limit(limit)
        )
        return tuple(row.verification_id for row in rows)


def _decision(row: "sa.Row[Any]", ethnic_group: int, probability: float) -> KnownDecision:
    return KnownDecision(
        verification_id=row.verification_id,
        programme=row.programme,
        region=row.region,
        area=row.area,
        favours=row.favours,
        true_outcome=row.true_outcome,
        error_rate=row.error_rate,
        interval=(row.error_rate_low, row.error_rate_high),
        household_size=row.household_size,
        ethnic_group=ethnic_group,
        probability=probability,
        known_at=row.known_at,
    )


def _seen(row: "sa.Row[Any]") -> SeenSource:
    return SeenSource(
        source=row.source,
        kind=row.kind,
        hits=row.hits,
        trials=row.trials,
        months=row.months,
        log_ratio=row.log_ratio,
        probability=row.probability,
        observed_at=row.observed_at,
    )
