"""Facts of decisions: one row a verification and programme, kept as the decision stands."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from app.store.base import upsert_in
from app.store.chosen_facts import Chosen, is_told, rows_of
from app.store.crypto import Cell, FieldCipher
from app.store.packed_totals import Amounts, Packed, packed, unpacked
from app.store.subject_keys import KEY_COLUMNS, SealedCell, SubjectKeys
from app.store.tables_erasure import subject_key
from app.store.tables_facts import decision_fact

_FACT = decision_fact.c
_CHUNK: Final = 20_000
_TOTALS: Final = ("decision_fact", "sealed_totals")
_OF: Final[sa.BindParameter[str]] = sa.bindparam("of", type_=sa.String())
_STANDING: Final = sa.select(
    _FACT.household_index, _FACT.verification_id, _FACT.programme, _FACT.outcome
).where(
    _FACT.household_index.in_(sa.bindparam("households", expanding=True)), _FACT.current.is_(True)
)
_SUPERSEDE: Final = (
    decision_fact.update()
    .where(_FACT.verification_id == _OF, _FACT.programme == sa.bindparam("of_programme"))
    .values(current=False)
)
_CANCEL: Final = (
    decision_fact.update().where(_FACT.verification_id == _OF).values(status="cancelled")
)
_KEYS: Final = sa.func.unnest(sa.bindparam("keys", type_=sa.ARRAY(sa.BigInteger()))).column_valued()
_HOLD: Final = sa.select(sa.func.pg_advisory_xact_lock(_KEYS))
_STREAMED: Final = (
    _FACT.verification_id,
    _FACT.programme,
    _FACT.region,
    _FACT.standard,
    _FACT.outcome,
    _FACT.household_index,
    _FACT.household_size,
    _FACT.error_rate,
    _FACT.sealed_totals,
    *KEY_COLUMNS,
)

Stopped: TypeAlias = Mapping[str, frozenset[str]]
"""By verification, programmes that an earlier decision confirmed and this one does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFact:
    """One decision, as its row says it."""

    programme: str
    standard: str
    outcome: str
    favours: str
    error_rate: float
    interval: tuple[float, float]
    household_size: int
    amounts: Amounts = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """The decisions of one verification, with what they have in common."""

    verification_id: str
    region: str
    area: str
    purpose: str
    as_of: date
    household_index: bytes = field(repr=False)
    status: str
    at: datetime  # of the conclusion, and of becoming final where the status says so
    decisions: tuple[DecisionFact, ...]


class SealedRow(Protocol):
    """Any row of `decision_fact` with its key and its sealed cell."""

    @property
    def verification_id(self) -> str: ...
    @property
    def programme(self) -> str: ...
    @property
    def sealed_totals(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChunk:
    """So many decisions at once, a column each; `totals` opened (see packed_totals.PACKED)."""

    verification_ids: Sequence[str]
    programmes: Sequence[str]
    regions: Sequence[str]
    standards: Sequence[str]
    outcomes: Sequence[str]
    household_indexes: Sequence[bytes] = field(repr=False)
    household_sizes: NDArray[np.int64]
    error_rates: NDArray[np.float64]
    totals: Packed = field(repr=False)

    def __len__(self) -> int:
        return len(self.verification_ids)


@cache
def _putting(dialect: str) -> Any:
    insert = upsert_in(dialect, decision_fact)
    keys = ("verification_id", "programme")
    changing = {
        column.name: insert.excluded[column.name] for column in _FACT if column.name not in keys
    }
    return insert.on_conflict_do_update(index_elements=keys, set_=changing)


def _waves(cases: Sequence[CaseFacts]) -> Iterator[Sequence[CaseFacts]]:
    """In their order, each wave of different households: a later case sees the one before."""
    left = list(cases)
    while left:
        wave: dict[bytes, CaseFacts] = {}
        for case in left:
            wave.setdefault(case.household_index, case)
        yield list(wave.values())
        taken = {case.verification_id for case in wave.values()}
        left = [case for case in left if case.verification_id not in taken]


class DecisionFacts:
    """Queries over the facts of decisions."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._keys = SubjectKeys(cipher)

    def put_many(self, tx: sa.Connection, cases: Sequence[CaseFacts]) -> Stopped:
        """The decisions as they stand now, over what stood before.

        Final ones take the place of the household's earlier ones of the same programmes.
        """
        final = [case for case in cases if case.status == "final"]
        stopped: dict[str, frozenset[str]] = {}
        for wave in _waves(final):
            stopped |= self._superseding(tx, wave)
            self._put(tx, wave, stopped)
        self._put(tx, [case for case in cases if case.status != "final"], stopped)
        return stopped

    def _put(self, tx: sa.Connection, cases: Sequence[CaseFacts], stopped: Stopped) -> None:
        told = [case for case in cases if case.decisions]
        if not told:
            return
        ciphers = self._keys.sealers(tx, {case.verification_id: case.region for case in told})
        rows = []
        for case in told:
            cipher, stops = ciphers[case.verification_id], stopped.get(case.verification_id, ())
            rows += [_values(case, one, cipher, stops) for one in case.decisions]
        tx.execute(_putting(tx.dialect.name), rows)

    def _superseding(self, tx: sa.Connection, cases: Sequence[CaseFacts]) -> Stopped:
        """Of different households each."""
        households = sorted(case.household_index for case in cases)
        if tx.dialect.name == "postgresql":
            # Two of one household that become final at once would not see each other.
            keys = sorted(int.from_bytes(one[:8], signed=True) for one in households)
            tx.execute(_HOLD, {"keys": keys})
        standing: dict[bytes, list[Any]] = {}
        for row in tx.execute(_STANDING, {"households": households}):
            standing.setdefault(row.household_index, []).append(row)
        stopped, again = {}, []
        for case in cases:
            ours = {one.programme: one.outcome for one in case.decisions}
            before = [
                row
                for row in standing.get(case.household_index, ())
                if row.verification_id != case.verification_id and row.programme in ours
            ]
            again += [{"of": row.verification_id, "of_programme": row.programme} for row in before]
            stopped[case.verification_id] = frozenset(
                row.programme
                for row in before
                if row.outcome == "confirmed" and ours[row.programme] == "not_confirmed"
            )
        if again:
            tx.execute(_SUPERSEDE, again)
        return stopped

    def cancel(self, tx: sa.Connection, verification_id: str) -> None:
        """Nothing more comes of it; its decisions never became final."""
        tx.execute(_CANCEL, {"of": verification_id})

    def open_totals(self, tx: sa.Connection, rows: Sequence[SealedRow]) -> Packed:
        """The sealed amounts of these rows as one array, in their order (packed_totals.PACKED).

        Raises `Undecipherable` where one does not open, `Erased` where it was erased.
        """
        cells = [
            SealedCell(
                row.verification_id, f"{row.verification_id}/{row.programme}", row.sealed_totals
            )
            for row in rows
        ]
        ciphers = self._keys.openers(tx, {row.verification_id for row in rows})
        return unpacked(ciphers.open_many(_TOTALS, cells))

    def open_joined(self, tx: sa.Connection, rows: Sequence[Any]) -> Packed:
        """The same of rows that were read with their secrets; each is a subject of its own."""
        return unpacked(
            [
                self._keys.joined(tx, row.verification_id, row).open(
                    Cell(*_TOTALS, f"{row.verification_id}/{row.programme}"), row.sealed_totals
                )
                for row in rows
            ]
        )

    def stream(self, tx: sa.Connection, chosen: Chosen) -> Iterator[FactChunk]:
        """Final decisions in chunks, in no order; opened as they are read."""
        with_keys = sa.select(*_STREAMED).outerjoin_from(
            decision_fact, subject_key, subject_key.c.subject == _FACT.verification_id
        )
        query = with_keys.where(*rows_of(chosen), is_told()).execution_options(yield_per=_CHUNK)
        for part in tx.execute(query).partitions():
            yield self._chunk(tx, part)

    def ids(self, tx: sa.Connection, chosen: Chosen) -> list[tuple[str, str]]:
        """Verification and programme of each such decision, in order."""
        keys = (_FACT.verification_id, _FACT.programme)
        rows = tx.execute(sa.select(*keys).where(*rows_of(chosen)).order_by(*keys))
        return [(row.verification_id, row.programme) for row in rows]

    def _chunk(self, tx: sa.Connection, rows: Sequence[Any]) -> FactChunk:
        (ids, programmes, regions, standards, outcomes, households, sizes, rates, *_) = zip(
            *rows, strict=True
        )
        return FactChunk(
            verification_ids=ids,
            programmes=programmes,
            regions=regions,
            standards=standards,
            outcomes=outcomes,
            household_indexes=households,
            household_sizes=np.array(sizes, dtype=np.int64),
            error_rates=np.array(rates, dtype=np.float64),
            totals=self.open_joined(tx, rows),
        )


def _values(
    case: CaseFacts, one: DecisionFact, cipher: FieldCipher, stops: Collection[str]
) -> dict[str, object]:
    final = case.status == "final"
    row = f"{case.verification_id}/{one.programme}"
    return {
        "verification_id": case.verification_id,
        "programme": one.programme,
        "region": case.region,
        "area": case.area,
        "purpose": case.purpose,
        "as_of": case.as_of,
        "standard": one.standard,
        "outcome": one.outcome,
        "favours": one.favours,
        "error_rate": one.error_rate,
        "error_rate_low": one.interval[0],
        "error_rate_high": one.interval[1],
        "household_index": case.household_index,
        "household_size": one.household_size,
        "status": case.status,
        "concluded_at": case.at,
        "final_at": case.at if final else None,
        "current": final,
        "stopped": one.programme in stops,
        "sealed_totals": cipher.seal(Cell(*_TOTALS, row), packed(one.amounts)),
    }
