"""Requests to erase what is kept of a household's case (PIPL 47), and what was decided of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from app.domain.errors import Conflict, NotFound
from app.store.base import in_region, storable
from app.store.tables_erasure import erasure, erasure_request

State = Literal["requested", "refused", "done"]
_of = erasure_request.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    """As it stands; `why`: what it is refused for; `subjects`: what was found, then erased."""

    id: str
    region: str
    case_reference: str
    basis: str
    document: str
    state: State
    why: str | None
    subjects: int
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class ErasureRequests:
    """Every query that names one takes the caller's region."""

    def add(self, tx: sa.Connection, new: ErasureRequest) -> None:
        tx.execute(
            erasure_request.insert().values(
                **{name: getattr(new, name) for name in ErasureRequest.__slots__}
            )
        )

    def get(
        self, tx: sa.Connection, id_: str, *, region: str, hold: bool = False
    ) -> ErasureRequest:
        """Raises `NotFound` alike for what is elsewhere and for what is nowhere.

        `hold`: nobody else decides it before the transaction, which must be a writing one, ends.
        """
        row = None
        if storable(id_):
            query = sa.select(erasure_request).where(_of.id == id_, in_region(_of.region, region))
            if hold and tx.dialect.name == "postgresql":
                query = query.with_for_update()
            row = tx.execute(query).one_or_none()
        if row is None:
            raise NotFound("no such request to erase")
        return ErasureRequest(**row._mapping)

    def page(
        self, tx: sa.Connection, *, region: str, after: str, limit: int
    ) -> list[ErasureRequest]:
        """The newest first; `after`: the last id of the page before."""
        query = sa.select(erasure_request).where(in_region(_of.region, region))
        if after:
            query = query.where(_of.id < after) if storable(after) else query.where(sa.false())
        rows = tx.execute(query.order_by(_of.id.desc()).limit(limit))
        return [ErasureRequest(**row._mapping) for row in rows]

    def decide(self, tx: sa.Connection, decided: ErasureRequest) -> None:
        """Raises `Conflict` where somebody has decided it already."""
        done = tx.execute(
            erasure_request.update()
            .where(_of.id == decided.id, _of.state == "requested")
            .values(
                state=decided.state,
                why=decided.why,
                subjects=decided.subjects,
                decided_by=decided.decided_by,
                decided_at=decided.decided_at,
            )
        )
        if done.rowcount != 1:
            raise Conflict("this request was decided already")

    def erased(self, tx: sa.Connection, id_: str) -> list[tuple[str, str]]:
        """Subject and digest of what a request erased."""
        rows = tx.execute(
            sa.select(erasure.c.subject, erasure.c.digest)
            .where(erasure.c.request_id == id_)
            .order_by(erasure.c.subject)
        )
        return [(row.subject, row.digest) for row in rows]
