"""What decisions should have been 已知结果, and what was learned of sources from finding it out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from app.store.base import upsert
from app.store.tables import decision
from app.store.tables_audits import known_outcome, source_observation


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """What a decision should have been; `probability` with which it came to be looked at."""

    programme: str
    true_outcome: str
    probability: float
    known_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceObservation:
    """`hits` of `trials` of a source, or the logarithm of a true amount by the told one."""

    source: str
    kind: str
    hits: int
    trials: int
    months: float | None
    log_ratio: float | None
    observed_at: datetime


class AuditOutcomes:
    """Queries over known outcomes and observations of sources."""

    def decided(self, tx: sa.Connection, verification_id: str) -> dict[str, str]:
        """Outcome by programme, of the verification's newest result."""
        newest = (
            sa.select(sa.func.max(decision.c.version))
            .where(decision.c.verification_id == verification_id)
            .scalar_subquery()
        )
        rows = tx.execute(
            sa.select(decision.c.programme, decision.c.outcome).where(
                decision.c.verification_id == verification_id, decision.c.version == newest
            )
        )
        return {row.programme: row.outcome for row in rows}

    def learn(
        self,
        tx: sa.Connection,
        where: tuple[str, str],
        origin: str,
        known: Iterable[KnownOutcome],
    ) -> None:
        """Store outcomes; one of the same programme and origin is replaced."""
        for one in known:
            values = {
                "true_outcome": one.true_outcome,
                "probability": one.probability,
                "known_at": one.known_at,
                "region": where[1],
            }
            tx.execute(
                upsert(tx, known_outcome)
                .values(verification_id=where[0], programme=one.programme, origin=origin, **values)
                .on_conflict_do_update(
                    index_elements=["verification_id", "programme", "origin"], set_=values
                )
            )

    def relearn(
        self,
        tx: sa.Connection,
        where: tuple[str, str],
        origin: str,
        known: Iterable[KnownOutcome],
        observed: Iterable[SourceObservation],
    ) -> None:
        """All that is held of one verification from one origin becomes this."""
        for table in (known_outcome, source_observation):
            tx.execute(
                table.delete().where(table.c.verification_id == where[0], table.c.origin == origin)
            )
        self.learn(tx, where, origin, known)
        rows = [
            {
                "id": _observation_id(where[0], origin, index),
                "verification_id": where[0],
                "region": where[1],
                "source": one.source,
                "kind": one.kind,
                "hits": one.hits,
                "trials": one.trials,
                "months": one.months,
                "log_ratio": one.log_ratio,
                "origin": origin,
                "observed_at": one.observed_at,
            }
            for index, one in enumerate(observed)
        ]
        if rows:
            tx.execute(source_observation.insert(), rows)


def _observation_id(verification_id: str, origin: str, index: int) -> str:
    return f"so_{sha256(f'{verification_id}/{origin}/{index}'.encode()).hexdigest()[:37]}"
