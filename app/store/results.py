"""Results of conclusions: versions of profile and decisions, and the evidence of the newest."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from app.store.base import storable
from app.store.crypto import Cell, FieldCipher
from app.store.driver_insert import DriverInsert
from app.store.packing import packed, unpacked
from app.store.subject_keys import SubjectKeys
from app.store.tables import decision, evidence, result

_OF: Final[sa.BindParameter[str]] = sa.bindparam("of")
_NEWEST: Final = (
    sa.select(result)
    .where(result.c.verification_id == _OF)
    .order_by(result.c.version.desc())
    .limit(1)
)
_VERSIONS: Final = (
    sa.select(result.c.verification_id, result.c.version, result.c.digest)
    .where(result.c.verification_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(result.c.verification_id, result.c.version)
)
_FORGET: Final = evidence.delete().where(
    evidence.c.verification_id.in_(sa.bindparam("ids", expanding=True))
)
_ADD_RESULT, _ADD_DECISION = result.insert(), decision.insert()
_ADD_EVIDENCE = DriverInsert(evidence, tuple(evidence.c.keys()))


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """What statistics need of a decision, without amounts."""

    programme: str
    standard: str
    outcome: str
    favours: str
    error_rate: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One record with its judgement; `body` is the interface's JSON."""

    id: str
    source: str
    person: str
    link: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A computed profile with its decisions; `body` as JSON, `model` names what computed it."""

    version: int
    body: bytes = field(repr=False)
    digest: str
    model: dict[str, str]
    computed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """A result with what is stored beside it, and the verification that it is of."""

    verification_id: str
    region: str
    result: StoredResult
    decisions: Sequence[DecisionRow]
    evidence: Sequence[EvidenceRow]


class Results:
    """Results are versions: computed anew they get the next number."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def put_many(self, tx: sa.Connection, new: Sequence[NewResult]) -> None:
        """New versions; their evidence takes the place of what the last one had."""
        if not new:
            return
        ciphers = self._keys.sealers(tx, {one.verification_id: one.region for one in new})
        pairs = [(one, ciphers[one.verification_id]) for one in new]
        tx.execute(_ADD_RESULT, [_result_values(*pair) for pair in pairs])
        decisions = [row for one in new for row in _decision_values(one)]
        if decisions:
            tx.execute(_ADD_DECISION, decisions)
        again = [one.verification_id for one in new if one.result.version > 1]
        if again:
            tx.execute(_FORGET, {"ids": again})
        _ADD_EVIDENCE.execute(tx, [row for pair in pairs for row in _evidence_values(*pair)])

    def versions(self, tx: sa.Connection, ids: Iterable[str]) -> Mapping[str, tuple[int, str]]:
        """The newest version and its digest by verification, of those that have a result."""
        rows = tx.execute(_VERSIONS, {"ids": sorted(ids)})
        return {row.verification_id: (row.version, row.digest) for row in rows}

    def newest(self, tx: sa.Connection, id_: str) -> StoredResult | None:
        row = tx.execute(_NEWEST, {"of": id_}).one_or_none()
        if row is None:
            return None
        cell = Cell("result", "sealed_result", f"{id_}/{row.version}")
        return StoredResult(
            version=row.version,
            body=self._keys.opener(tx, id_).open(cell, row.sealed_result),
            digest=row.digest,
            model=json.loads(row.model),
            computed_at=row.computed_at,
        )

    def sources_of(self, tx: sa.Connection, id_: str) -> dict[str, str]:
        """The source of each record of evidence, by its id."""
        query = sa.select(evidence.c.id, evidence.c.source).where(evidence.c.verification_id == id_)
        return {row.id: row.source for row in tx.execute(query)}

    def evidence_page(
        self, tx: sa.Connection, id_: str, *, after: int, limit: int
    ) -> list[tuple[int, EvidenceRow]]:
        rows = tx.execute(
            sa.select(evidence)
            .where(evidence.c.verification_id == id_, evidence.c.position > after)
            .order_by(evidence.c.position)
            .limit(limit)
        ).all()
        cipher = self._keys.opener(tx, id_)
        return [(row.position, _evidence(row, cipher)) for row in rows]

    def one_of_evidence(self, tx: sa.Connection, id_: str, evidence_id: str) -> EvidenceRow | None:
        """A verification's record by its id."""
        if not storable(evidence_id):
            return None
        query = sa.select(evidence).where(
            evidence.c.verification_id == id_, evidence.c.id == evidence_id
        )
        row = tx.execute(query).one_or_none()
        return None if row is None else _evidence(row, self._keys.opener(tx, id_))


def _evidence(row: "sa.Row[tuple[Any, ...]]", cipher: FieldCipher) -> EvidenceRow:
    cell = Cell("evidence", "sealed_evidence", f"{row.verification_id}/{row.id}")
    return EvidenceRow(
        id=row.id,
        source=row.source,
        person=row.person,
        link=row.link,
        body=unpacked(cipher.open(cell, row.sealed_evidence)),
    )


def _result_values(one: NewResult, cipher: FieldCipher) -> dict[str, object]:
    new = one.result
    cell = Cell("result", "sealed_result", f"{one.verification_id}/{new.version}")
    return {
        "verification_id": one.verification_id,
        "version": new.version,
        "region": one.region,
        "sealed_result": cipher.seal(cell, new.body),
        "digest": new.digest,
        "model": json.dumps(new.model, sort_keys=True),
        "computed_at": new.computed_at,
    }


def _evidence_values(one: NewResult, cipher: FieldCipher) -> Iterator[tuple[object, ...]]:
    id_, region = one.verification_id, one.region
    sealed = cipher.seal_many(
        ("evidence", "sealed_evidence"),
        [f"{id_}/{row.id}" for row in one.evidence],
        [packed(row.body) for row in one.evidence],
    )
    for position, (row, cell) in enumerate(zip(one.evidence, sealed, strict=True)):
        yield (id_, row.id, region, position, row.source, row.person, row.link, cell)


def _decision_values(one: NewResult) -> list[dict[str, object]]:
    return [
        {
            "verification_id": one.verification_id,
            "version": one.result.version,
            "programme": row.programme,
            "region": one.region,
            "standard": row.standard,
            "outcome": row.outcome,
            "favours": row.favours,
            "error_rate": row.error_rate,
            "error_rate_low": row.interval[0],
            "error_rate_high": row.interval[1],
        }
        for row in one.decisions
    ]
