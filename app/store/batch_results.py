"""What came of a batch's households, a page of places at a time, and what ends with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

import sqlalchemy as sa

from app.store.reach import CaseColumns, Reach, within_reach
from app.store.tables import decision, report, verification
from app.store.tables_batch import batch, batch_household

_household = batch_household.c
_DRAWN_FROM: Final = 5_000
_OPEN_HOUSEHOLDS = ("todo", "asking", "waiting", "ready")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A household for one programme; without one where nothing is decided of it (yet)."""

    position: int
    case_reference: str
    verification_id: str
    state: str
    failure: str | None
    status: str | None
    programme: str | None
    outcome: str | None
    error_rate: float | None
    report_number: str | None
    report_version: int | None


class BatchResults:
    """Queries over batches' households with their verifications."""

    def page(
        self,
        tx: sa.Connection,
        batch_id: str,
        *,
        after: int,
        limit: int,
        reach: Reach | None = None,
    ) -> Sequence[ResultRow]:
        """Of the households after a place, at most so many, in the order of the roster."""
        of = CaseColumns(_household.verification_id, _household.case_reference, _household.region)
        some = tx.execute(
            sa.select(
                _household.position,
                _household.case_reference,
                _household.verification_id,
                _household.state,
                _household.failure,
                verification.c.status,
            )
            .join(verification, verification.c.id == _household.verification_id, isouter=True)
            .where(
                _household.batch_id == batch_id,
                _household.position > after,
                *within_reach(reach, of),
            )
            .order_by(_household.position)
            .limit(limit)
        ).all()
        ids = [row.verification_id for row in some]
        decisions, reports = self._decisions(tx, ids), self._reports(tx, ids)
        rows = []
        for row in some:
            number, version = reports.get(row.verification_id, (None, None))
            for programme, outcome, error_rate in decisions.get(
                row.verification_id, [(None, None, None)]
            ):
                rows.append(
                    ResultRow(
                        **row._mapping,
                        programme=programme,
                        outcome=outcome,
                        error_rate=error_rate,
                        report_number=number,
                        report_version=version,
                    )
                )
        return rows

    def sample(
        self, tx: sa.Connection, batch_id: str, *, size: int, reach: Reach | None
    ) -> list[tuple[str, str]]:
        """Case and verification of so many households at random that are done, the same each time.

        Of a batch of many they are drawn from some thousands of its places.
        """
        of = CaseColumns(_household.verification_id, _household.case_reference, _household.region)
        here = _household.batch_id == batch_id
        places: int = tx.execute(
            sa.select(sa.func.coalesce(sa.func.max(_household.position) + 1, 0)).where(here)
        ).scalar_one()
        drawn = Random(batch_id).sample(range(places), min(places, _DRAWN_FROM))  # noqa: S311 - no secret
        rows = tx.execute(
            sa.select(
                _household.position, _household.case_reference, _household.verification_id
            ).where(
                here,
                _household.position.in_(drawn),
                _household.state == "done",
                *within_reach(reach, of),
            )
        )
        found = {position: (case, id_) for position, case, id_ in rows}
        return [found[place] for place in drawn if place in found][:size]

    def counties(self, tx: sa.Connection, batch_id: str, reach: Reach | None) -> dict[str, int]:
        """How many households of each county a file of the results shows."""
        of = CaseColumns(_household.verification_id, _household.case_reference, _household.region)
        county = sa.func.substr(_household.region, 1, 6).label("county")
        rows = tx.execute(
            sa.select(county, sa.func.count())
            .where(_household.batch_id == batch_id, *within_reach(reach, of))
            .group_by(county)
            .order_by(county)
        )
        return {name: int(number) for name, number in rows}

    def _decisions(
        self, tx: sa.Connection, ids: Iterable[str]
    ) -> dict[str, list[tuple[str | None, str | None, float | None]]]:
        """Those of each verification's newest result."""
        its, newest = decision.c, decision.alias("newest")
        version = (
            sa.select(sa.func.max(newest.c.version))
            .where(newest.c.verification_id == its.verification_id)
            .scalar_subquery()
        )
        found = tx.execute(
            sa.select(its.verification_id, its.programme, its.outcome, its.error_rate)
            .where(its.verification_id.in_(list(ids)), its.version == version)
            .order_by(its.verification_id, its.programme)
        )
        decisions: dict[str, list[tuple[str | None, str | None, float | None]]] = {}
        for id_, programme, outcome, error_rate in found:
            decisions.setdefault(id_, []).append((programme, outcome, error_rate))
        return decisions

    def _reports(self, tx: sa.Connection, ids: Iterable[str]) -> dict[str, tuple[str, int]]:
        """The number and version of each one's newest report."""
        its = report.c
        found = tx.execute(
            sa.select(its.verification_id, its.number, its.version)
            .where(its.verification_id.in_(list(ids)))
            .order_by(its.issued_at, its.version)
        )
        return {id_: (number, version) for id_, number, version in found}

    def open_of_cancelled(self, tx: sa.Connection, limit: int) -> Sequence[str]:
        """Verifications of households that are still open in a batch that is cancelled."""
        found = (
            sa.select(_household.verification_id)
            .join(batch, batch.c.id == _household.batch_id)
            .where(batch.c.status == "cancelled", _household.state.in_(_OPEN_HOUSEHOLDS))
            .order_by(_household.batch_id, _household.position)
            .limit(limit)
        )
        if tx.dialect.name == "postgresql":
            found = found.with_for_update(of=batch_household, skip_locked=True)
        return list(tx.execute(found).scalars())

    def cancelled(self, tx: sa.Connection, verification_ids: Iterable[str], now: datetime) -> None:
        tx.execute(
            batch_household.update()
            .where(
                _household.verification_id.in_(list(verification_ids)),
                _household.state.in_(_OPEN_HOUSEHOLDS),
            )
            .values(
                state="cancelled",
                sealed_request=None,
                done_at=now,
                leased_by=None,
                leased_until=None,
            )
        )
