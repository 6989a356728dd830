"""A database filled at once, as a million verifications would have left it."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from app.domain.interval import Interval, Truth
from app.domain.profile import EMPTY_TOTALS, FindingCode, Totals
from app.programmes.conditions import evaluate, outcome_of
from app.programmes.standard import Standard, Standards
from app.store.counts import values_of
from app.store.crypto import Cell, FieldCipher
from app.store.migrate import sync_engine, upgrade
from app.store.packed_totals import Amounts, packed
from app.store.tables import verification
from app.store.tables_facts import (
    case_count,
    case_household,
    case_person,
    decision_fact,
    finding_count,
    money_count,
    source_count,
    term_count,
)
from app.verification.plan import SOURCES

AS_OF: Final = date(2026, 11, 24)
PROGRAMME: Final = "urban_dibao"
SINCE: Final = date(2026, 1, 1)
UNTIL: Final = date(2026, 12, 31)
PERSONS: Final = 3
_BEGIN: Final = datetime(2025, 12, 31, 16, tzinfo=UTC)  # the first of January in China
_CHUNK: Final = 20_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS: Final = 4096
Row: TypeAlias = tuple[Any, ...]


@cache
def townships() -> tuple[str, ...]:
    """54 counties with 15 streets each."""
    return tuple(
        f"22{city:02d}{county:02d}{street:03d}"
        for city in range(1, 10)
        for county in range(2, 8)
        for street in range(1, 16)
    )


@dataclass(frozen=True, slots=True)
class Filler:
    """What a database is filled with; the same numbers for the same seed."""

    url: str
    cipher: FieldCipher
    cases: int
    seed: int = 1

    def fill(self) -> None:
        """Facts of decisions, persons, households, counts and bare verifications."""
        upgrade(self.url)
        engine = sync_engine(self.url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
            connection.exec_driver_sql("BEGIN")
            for table, rows in (
                (decision_fact, self._facts()),
                (case_household, self._households()),
                (case_person, self._persons()),
                (verification, self._verifications()),
                *self._counts(),
            ):
                _insert(connection, table, rows)
            connection.exec_driver_sql("COMMIT")
        engine.dispose()

    def _each(self) -> Iterator[tuple[int, str, str, datetime]]:
        """Number, id, township and moment of each case, alike for all tables."""
        rng, places = random.Random(self.seed), townships()
        for number in range(self.cases):
            at = _BEGIN + timedelta(seconds=rng.randrange(365 * 86_400))
            yield number, f"vf_{number:026d}", places[rng.randrange(len(places))], at

    def _households(self) -> Iterator[Row]:
        rng = random.Random(self.seed + 1)
        for _number, id_, region, at in self._each():
            key = _scattered(rng.randrange(self.cases))
            yield (id_, region, region[:4], region[:6], key, _micros(at))

    def _persons(self) -> Iterator[Row]:
        rng = random.Random(self.seed + 2)
        for _number, id_, region, at in self._each():
            for ref in range(PERSONS):
                key = _scattered(rng.randrange(PERSONS * self.cases))
                yield (id_, f"m{ref}", region, region[:4], region[:6], key, True, _micros(at))

    def _verifications(self) -> Iterator[Row]:
        for number, id_, region, at in self._each():
            status = "partial" if number % 500 == 0 else "final"
            index, when = number.to_bytes(32), _micros(at)
            head = (id_, region, "cl_1", id_, id_, index, "application", AS_OF.isoformat(), status)
            yield (*head, b"\x00" * 64, None, when, when, None, None, None, 0)

    def _facts(self) -> Iterator[Row]:
        standard = Standards.load().in_force(PROGRAMME, townships()[0], AS_OF)
        kinds = [_kind(random.Random(one), standard) for one in range(_KINDS)]
        for number, id_, region, at in self._each():
            amounts, outcome, rate = kinds[number % _KINDS]
            cell = Cell("decision_fact", "sealed_totals", f"{id_}/{PROGRAMME}")
            head = (id_, PROGRAMME, region, "urban", "application", AS_OF.isoformat(), standard.id)
            chance = (outcome, outcome, rate, rate / 2, rate * 2)
            when = ("final", _micros(at), _micros(at), True, False)
            sealed = self.cipher.seal(cell, amounts)
            yield (*head, *chance, number.to_bytes(32), 3, *when, sealed)

    def _counts(self) -> Iterator[tuple[sa.Table, Iterator[Row]]]:
        """What `Counts.add` would have come to, of cases that are all alike."""
        places: Counter[tuple[str, str, str]] = Counter()
        months: Counter[tuple[str, str]] = Counter()
        for _number, _id, region, at in self._each():
            day = (at + timedelta(hours=8)).date()
            month = day.replace(day=1).isoformat()
            places["day", region[:6], day.isoformat()] += 1
            places["month", region, month] += 1
            months[region[:6], month] += 1
        for table, keys, values in _LIKE:
            yield table, _times(table, places, keys, values)
        yield (
            money_count,
            (
                (*key, PROGRAMME, number, 120 * number, 80 * number)
                for key, number in months.items()
            ),
        )


_CASE: Final = {
    "requested": 1.0,
    "persons": float(PERSONS),
    "cancelled": 0.03,
    "final": 0.95,
    "misdeclared": 0.2,
    "confirmed": 0.55,
    "not_confirmed": 0.3,
    "undetermined": 0.1,
    "low": 0.7,
    "middle": 0.15,
    "high": 0.1,
    "low_ppm": 14_000.0,
    "middle_ppm": 15_000.0,
    "high_ppm": 30_000.0,
}
_SOURCE: Final = {
    "answered": 0.9,
    "no_record": 2.0,
    "failed": 0.1,
    "records": 1.7,
    "timed": 2.9,
    "milliseconds": 900.0,
}
_LIKE: Final[tuple[tuple[sa.Table, Sequence[Row], Mapping[str, float]], ...]] = (
    (case_count, [("",), (PROGRAMME,)], _CASE),
    (source_count, [(source,) for source in SOURCES], _SOURCE),
    (finding_count, [(code.value,) for code in FindingCode], {"households": 0.2, "decisive": 0.05}),
    (term_count, [(name, days) for name in ("", PROGRAMME) for days in range(12)], {"final": 0.08}),
)
"""What one case adds to a row of each table."""


def _times(
    table: sa.Table,
    places: Mapping[tuple[str, str, str], int],
    keys: Sequence[Row],
    values: Mapping[str, float],
) -> Iterator[Row]:
    names = values_of(table)
    for place, number in places.items():
        for key in keys:
            yield (*place, *key, *(int(number * values.get(name, 0.0) + 0.5) for name in names))


def _kind(rng: random.Random, standard: Standard) -> tuple[bytes, str, float]:
    """Amounts near the limits as often as far from them, some of them open."""
    size = rng.randrange(1, 6)
    income = Decimal(rng.randrange(0, 1_000 * size * 12 * 100)) / 1200
    high = None if rng.random() < 0.1 else income
    totals: Totals = Totals(
        **{
            **{name: getattr(EMPTY_TOTALS, name) for name in Totals.__slots__},
            "household_size": Interval.exactly(size),
            "monthly_income": Interval(income, high),
            "financial_assets": Interval.exactly(Decimal(rng.randrange(0, 3_000_000)) / 100),
            "homes": Interval.exactly(rng.choice((0, 1, 1, 1, 2))),
            "floor_area": Interval.exactly(rng.randrange(20, 120)),
            "vehicles": Interval.exactly(int(rng.random() < 0.1)),
        }
    )
    truth = evaluate(standard, totals, {})[1]
    amounts = Amounts(
        totals=totals,
        identity=Truth.YES,
        ethnic_group=1,
        minors=1,
        gap=None,
        over=Decimal("1.20"),
        under=Decimal("0.80"),
    )
    return packed(amounts), outcome_of(truth).value, rng.random() ** 3 / 2


def _scattered(number: int) -> int:
    """A key as the keyed index gives it: of 64 bits, in no order."""
    return (number * 0x9E3779B97F4A7C15) % 2**64 - 2**63


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterator[Row]) -> None:
    """As the driver takes them: values in the order of the columns."""
    statement = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.c))})"  # noqa: S608 - our own table
    for first in rows:
        connection.exec_driver_sql(statement, [first, *islice(rows, _CHUNK)])


def database_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'hedui.sqlite3'}"
