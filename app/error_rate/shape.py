"""A standard's conditions as the simulation sees them: tests over arrays of totals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from app.domain.decision import Comparison
from app.programmes.standard import Standard, TestRule

SIZE: Final = "household_size"
_PER_PERSON: Final = "_per_person"
# Totals are rounded half-up to 0.01 before they are compared: half a fen, and what floats may lack
# of it, so that an exact half goes up here too.
_HALF_FEN: Final = 0.005
_SLACK: Final = 1e-6

Array: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TestShape:
    """One test: a total, shared among the members or not, held against a limit."""

    __test__ = False  # not a test case of the test runner

    total: str
    per_person: bool
    comparison: Comparison
    limit: float


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds where every part does; without parts, always."""

    parts: tuple["Shape", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds where one part does; without parts, never."""

    parts: tuple["Shape", ...]


Shape: TypeAlias = TestShape | AllOf | AnyOf
ALWAYS: Final = AllOf(())
NEVER: Final = AnyOf(())


def shape_of(standard: Standard, held: Mapping[str, Shape]) -> Shape:
    """The standard's shape; `held` has one for each category that it rests on.

    ALWAYS and NEVER stand for a category that is known from elsewhere to be held or not.
    """
    own = AllOf(tuple(_test_shape(rule) for rule in standard.tests))
    if not standard.holds_one_of:
        return own
    categories = AnyOf(tuple(held[name] for name in standard.holds_one_of))
    return AnyOf((categories, own)) if standard.tests else categories


def scales_of(shape: Shape, size: int) -> Mapping[str, float]:
    """Of each total that the shape looks at, and of SIZE, which comes last.

    One over the least limit of that total for a household of the size; 1 without one above 0.
    """
    heads = max(1, size)
    limits: dict[str, list[float]] = {}
    for test in _tests_of(shape):
        known = limits.setdefault(test.total, [])
        if test.limit > 0.0:
            known.append(test.limit * (heads if test.per_person else 1))
    limits.pop(SIZE, None)
    scales = {total: 1.0 / min(some) if some else 1.0 for total, some in limits.items()}
    return scales | {SIZE: 1.0 / heads}


def holds(shape: Shape, totals: Mapping[str, Array]) -> Flags:
    """Where the shape holds; `totals` has arrays that broadcast to one shape, SIZE among them.

    Negative totals count as nothing, and a household has one member at least. Every test is an
    upper limit, so that more of a total, or fewer members, never makes it hold.
    """
    match shape:
        case TestShape():
            return _passes(shape, totals)
        case AllOf(parts):
            every = np.ones(totals[SIZE].shape, dtype=np.bool_)
            for part in parts:
                every = every & holds(part, totals)
            return every
        case AnyOf(parts):
            some = np.zeros(totals[SIZE].shape, dtype=np.bool_)
            for part in parts:
                some = some | holds(part, totals)
            return some
        case _:
            assert_never(shape)


def _passes(test: TestShape, totals: Mapping[str, Array]) -> Flags:
    value, limit = totals[test.total], _rounded_limit(test)
    if test.per_person:
        value = value / np.maximum(totals[SIZE], 1.0)
    # Below a limit above 0 is a negative total as well as nothing.
    return np.less(value if limit > 0.0 else np.maximum(value, 0.0), limit)


def _rounded_limit(test: TestShape) -> float:
    """What a total that is not rounded must be less than."""
    match test.comparison:
        case Comparison.BELOW:
            return test.limit - _HALF_FEN - _SLACK
        case Comparison.AT_MOST:
            return test.limit + _HALF_FEN - _SLACK
        case _:
            assert_never(test.comparison)


def _test_shape(rule: TestRule) -> TestShape:
    per_person = rule.test.endswith(_PER_PERSON)
    total = rule.test.removesuffix(_PER_PERSON)
    return TestShape(total, per_person, rule.comparison, float(rule.limit))


def _tests_of(shape: Shape) -> Iterator[TestShape]:
    match shape:
        case TestShape():
            yield shape
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _tests_of(part)
        case _:
            assert_never(shape)
