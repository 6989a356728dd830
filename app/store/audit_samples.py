"""Audit samples 抽查样本: the frame that they are drawn from, the samples and their items."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.store.base import in_region, storable
from app.store.chosen_facts import is_told
from app.store.facts import SealedRow
from app.store.scope import Crossing, across_in
from app.store.tables import verification
from app.store.tables_audits import audit_item, audit_sample
from app.store.tables_facts import decision_fact

_FACT = decision_fact.c
_DETERMINED = ("confirmed", "not_confirmed")
_ANY = sa.select(audit_sample).where(audit_sample.c.id == sa.bindparam("of"))
_ADD, _ADD_ITEM = audit_sample.insert(), audit_item.insert()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameQuery:
    """Which final decisions are drawn from: `until` is not in it; `at` is when it is looked at."""

    programmes: tuple[str, ...]
    region: str
    since: datetime
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One final decision of the frame."""

    verification_id: str
    programme: str
    region: str
    outcome: str
    stopped: bool
    error_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSample:
    """A sample as drawn; `details` are its design and sizes, without any person's data."""

    id: str
    region: str
    client_id: str
    state: str
    seed: int
    frame_digest: str
    details: Mapping[str, Any]
    drawn_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """One drawn decision in one part of the sample (see the table)."""

    verification_id: str
    programme: str
    part: str
    region: str
    position: int
    kind: str
    stratum: str
    probability: float
    inclusion: float
    predicted: float
    second_probability: float | None


class AuditSamples:
    """Queries over samples; every read of one takes the caller's region."""

    def frame(self, tx: sa.Connection, wanted: FrameQuery) -> list[FrameRow]:
        """The decisions that were final and current at `wanted.at`, in order of their keys.

        Looked at later it is the same: what has been superseded since then is still in it.
        """
        rows = tx.execute(
            sa.select(
                _FACT.verification_id,
                _FACT.programme,
                _FACT.region,
                _FACT.outcome,
                _FACT.stopped,
                _FACT.error_rate,
            )
            .where(
                _FACT.status == "final",
                _FACT.programme.in_(wanted.programmes),
                _FACT.outcome.in_(_DETERMINED),
                _FACT.final_at >= wanted.since,
                _FACT.final_at < wanted.until,
                _FACT.final_at <= wanted.at,
                in_region(_FACT.region, wanted.region),
                _current_at(wanted.at),
            )
            .order_by(_FACT.verification_id, _FACT.programme)
        )
        return [FrameRow(*row) for row in rows]

    def add(self, tx: sa.Connection, new: StoredSample, items: Sequence[StoredItem]) -> None:
        values = {
            "id": new.id,
            "region": new.region,
            "client_id": new.client_id,
            "state": new.state,
            "seed": new.seed,
            "frame_digest": new.frame_digest,
            "details": json.dumps(dict(new.details), ensure_ascii=False, sort_keys=True),
            "drawn_at": new.drawn_at,
        }
        tx.execute(_ADD, values)
        if items:
            tx.execute(_ADD_ITEM, [{"sample_id": new.id, **_item_values(one)} for one in items])

    def get(self, tx: sa.Connection, id_: str, *, region: str) -> StoredSample:
        """A sample of the region's subtree; `NotFound` alike for one elsewhere and for none."""
        found = _sample(tx, id_, _ANY)
        if found is None or not found.region.startswith(region):
            raise NotFound("no such audit")
        return found

    def for_reader(self, tx: sa.Connection, id_: str, *, region: str) -> StoredSample:
        """A sample that may have items in the region's subtree; else `NotFound`."""
        with across_in(tx, Crossing.AUDIT_SAMPLE):
            return _readable(_sample(tx, id_, _ANY), region)

    def held_by_reader(self, tx: sa.Connection, id_: str, *, region: str) -> StoredSample:
        """The same; nobody else closes it or files in it before the transaction ends."""
        held = _ANY.with_for_update() if tx.dialect.name == "postgresql" else _ANY
        with across_in(tx, Crossing.AUDIT_SAMPLE):
            return _readable(_sample(tx, id_, held), region)

    def open_to_readers(self, tx: sa.Connection, *, region: str) -> list[StoredSample]:
        """Open samples that have items in the region's subtree, the newest first."""
        here = sa.exists().where(
            audit_item.c.sample_id == audit_sample.c.id, in_region(audit_item.c.region, region)
        )
        query = sa.select(audit_sample).where(audit_sample.c.state == "open", here)
        with across_in(tx, Crossing.AUDIT_SAMPLE):
            rows = tx.execute(query.order_by(audit_sample.c.id.desc())).all()
        return [_stored(row) for row in rows]

    def all(
        self, tx: sa.Connection, *, region: str, after: str = "", limit: int = 100
    ) -> list[StoredSample]:
        """Samples of the region's subtree, the newest first; `after` is the last id seen."""
        query = sa.select(audit_sample).where(in_region(audit_sample.c.region, region))
        if after:
            query = query.where(audit_sample.c.id < after)
        rows = tx.execute(query.order_by(audit_sample.c.id.desc()).limit(limit))
        return [_stored(row) for row in rows]

    def items(self, tx: sa.Connection, id_: str, *, region: str = "") -> list[StoredItem]:
        """The sample's items in the region's subtree, in their random order."""
        rows = tx.execute(
            sa.select(audit_item)
            .where(audit_item.c.sample_id == id_, in_region(audit_item.c.region, region))
            .order_by(audit_item.c.position, audit_item.c.part)
        )
        return [_item(row) for row in rows]

    def inclusion(self, tx: sa.Connection, id_: str, verification_id: str, programme: str) -> float:
        """The probability with which any part of the sample drew this decision."""
        found: float = tx.execute(
            sa.select(sa.func.max(audit_item.c.inclusion)).where(
                audit_item.c.sample_id == id_,
                audit_item.c.verification_id == verification_id,
                audit_item.c.programme == programme,
            )
        ).scalar_one()
        return found

    def case_references(self, tx: sa.Connection, id_: str) -> dict[str, str]:
        """Case reference by verification, of the sample's items."""
        rows = tx.execute(
            sa.select(verification.c.id, verification.c.case_reference)
            .join(audit_item, audit_item.c.verification_id == verification.c.id)
            .where(audit_item.c.sample_id == id_)
            .distinct()
        )
        return {row.id: row.case_reference for row in rows}

    def confirmed_facts(self, tx: sa.Connection, id_: str) -> Sequence[SealedRow]:
        """The facts of the sample's confirmed decisions, their amounts sealed as they stand."""
        return tx.execute(
            sa.select(_FACT.verification_id, _FACT.programme, _FACT.sealed_totals)
            .join(
                audit_item,
                sa.and_(
                    audit_item.c.verification_id == _FACT.verification_id,
                    audit_item.c.programme == _FACT.programme,
                ),
            )
            .where(audit_item.c.sample_id == id_, audit_item.c.kind == "confirmed", is_told())
        ).all()

    def close(self, tx: sa.Connection, id_: str, now: datetime) -> bool:
        """No finding comes any more; false where it was closed before."""
        done = tx.execute(
            audit_sample.update()
            .where(audit_sample.c.id == id_, audit_sample.c.state == "open")
            .values(state="closed", closed_at=now)
        )
        return bool(done.rowcount == 1)


def _readable(found: StoredSample | None, region: str) -> StoredSample:
    """One of the two regions lies in the other."""
    if found is None or not (found.region.startswith(region) or region.startswith(found.region)):
        raise NotFound("no such audit")
    return found


def _current_at(at: datetime) -> sa.ColumnElement[bool]:
    """Current now, or superseded by those alone that became final after that moment."""
    other = decision_fact.alias("other")
    later = sa.and_(
        other.c.household_index == _FACT.household_index,
        other.c.programme == _FACT.programme,
        other.c.status == "final",
        sa.or_(
            other.c.final_at > _FACT.final_at,
            sa.and_(
                other.c.final_at == _FACT.final_at,
                other.c.verification_id > _FACT.verification_id,
            ),
        ),
    )
    superseded = sa.exists().where(later, other.c.final_at <= at)
    since_then = sa.exists().where(later, other.c.final_at > at)
    return sa.or_(_FACT.current.is_(True), sa.and_(since_then, ~superseded))


def _sample(tx: sa.Connection, id_: str, query: "sa.Select[Any]") -> StoredSample | None:
    if not storable(id_):
        return None
    row = tx.execute(query, {"of": id_}).one_or_none()
    return None if row is None else _stored(row)


def _stored(row: "sa.Row[tuple[object, ...]]") -> StoredSample:
    return StoredSample(
        id=row.id,
        region=row.region,
        client_id=row.client_id,
        state=row.state,
        seed=row.seed,
        frame_digest=row.frame_digest,
        details=json.loads(row.details),
        drawn_at=row.drawn_at,
        closed_at=row.closed_at,
    )


def _item_values(one: StoredItem) -> dict[str, object]:
    return {
        "verification_id": one.verification_id,
        "programme": one.programme,
        "part": one.part,
        "region": one.region,
        "position": one.position,
        "kind": one.kind,
        "stratum": one.stratum,
        "probability": one.probability,
        "inclusion": one.inclusion,
        "predicted": one.predicted,
        "second_probability": one.second_probability,
    }


def _item(row: "sa.Row[tuple[object, ...]]") -> StoredItem:
    return StoredItem(
        verification_id=row.verification_id,
        programme=row.programme,
        part=row.part,
        region=row.region,
        position=row.position,
        kind=row.kind,
        stratum=row.stratum,
        probability=row.probability,
        inclusion=row.inclusion,
        predicted=row.predicted,
        second_probability=row.second_probability,
    )
