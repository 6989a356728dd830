"""One person against a hundred records: microseconds, in one run, as ratios."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cdist

from matching.people import COLUMNS
from tests.benchmarks.linkage import ours
from tests.benchmarks.linkage.registers import make_registers

RECORDS: Final = 100
FIELDS: Final = COLUMNS[1:]
ROUNDS: Final = 7
LEAST_SECONDS: Final = 0.15

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Speed:
    """Microseconds of one call: the median of the rounds, and the least."""

    median: float
    least: float


def microseconds(call: Callable[[], object]) -> Speed:
    """Each round repeats the call long enough for the clock."""
    began = time.perf_counter()
    call()
    once = max(time.perf_counter() - began, 1e-6)
    repeats = max(1, int(LEAST_SECONDS / once))
    rounds = [_round(call, repeats) for _ in range(ROUNDS)]
    return Speed(statistics.median(rounds), min(rounds))


def _round(call: Callable[[], object], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - began) / repeats * 1e6


def by_cdist(person: Row, records: Sequence[Row]) -> Callable[[], object]:
    """rapidfuzz's matrix of one row for every field: string scores, and nothing else."""
    columns = [([person[field]], [record[field] for record in records]) for field in FIELDS]

    def call() -> list[object]:
        return [
            cdist(one, many, scorer=JaroWinkler.similarity, dtype=np.float32)
            for one, many in columns
        ]

    return call


def by_loop(person: Row, records: Sequence[Row]) -> Callable[[], object]:
    """The same scores, one call of Python each."""

    def call() -> list[list[float]]:
        return [
            [JaroWinkler.similarity(person[field], record[field]) for record in records]
            for field in FIELDS
        ]

    return call


def measure_one_to_many(seed: int) -> Mapping[str, Speed]:
    """hedui judges (forms, weights, probability) where the others only score strings."""
    registers = make_registers(4 * RECORDS, seed)
    records = [dict(zip(COLUMNS, row, strict=True)) for row in registers.right[:RECORDS]]
    person = dict(zip(COLUMNS, registers.left[0], strict=True))
    return {
        "hedui": microseconds(ours.one_against_many(person, records)),
        "hedui, a first reply": microseconds(ours.first_reply(person, records)),
        "hedui, one by one with words": microseconds(ours.one_by_one(person, records)),
        "hedui, reading the records": microseconds(ours.reading_a_reply(records)),
        "rapidfuzz cdist per field": microseconds(by_cdist(person, records)),
        "Python loop": microseconds(by_loop(person, records)),
    }
