"""A standard's tests over arrays of totals 批量核对判定: as conditions.py judges one household.

Whole numbers throughout: the outcome of a household in an array is that of the household alone,
to the fen. `conditions.py` is the rule, this is its speed; a law in the tests holds them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import ceil, floor
from typing import Any, Final, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from app.domain.decision import Comparison
from app.domain.profile import COUNT_TOTALS, Totals
from app.programmes.standard import Standard, TestRule

UNITS: Final = 12_000_000
"""Units of a yuan (a month) or square metre in which totals are held as whole numbers: a twelfth
of a millionth, so that a year's fen by the month, and parts of them, are exact."""
MOST_UNITS: Final = 2**62
NO_BOUND: Final = -1
NO: Final = 0
OPEN: Final = 1
YES: Final = 2
"""Kleene's three values in an order in which `and` is the least and `or` the greatest."""
TOTALS: Final = tuple(Totals.__slots__)
_CENTS: Final = 100
_PER_CENT: Final = UNITS // _CENTS
_PER_PERSON: Final = "_per_person"

Whole: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.int8]
Bounds: TypeAlias = tuple[Whole, Whole]
"""Lower and upper bound of each household's value; an upper one of NO_BOUND is not known."""


@dataclass(frozen=True, slots=True)
class TotalsArray:
    """The totals of many households, a pair of columns each, and the identity test's truth."""

    bounds: Mapping[str, Bounds]
    identity: Truths

    def __len__(self) -> int:
        return len(self.identity)

    def some(self, rows: NDArray[Any]) -> "TotalsArray":
        """Those households alone: `rows` are places or flags."""
        bounds = {name: (low[rows], high[rows]) for name, (low, high) in self.bounds.items()}
        return TotalsArray(bounds, self.identity[rows])


def judge(standard: Standard, totals: TotalsArray, categories: Mapping[str, Standard]) -> Truths:
    """Whether each household meets the standard, the identity of its members included.

    `categories`: the standards in force of the programmes that `holds_one_of` names; one that is
    not among them is open.
    """
    held = {name: _held(one, totals) for name, one in categories.items()}
    return np.minimum(_evaluated(standard, totals, held), totals.identity)


def monthly_gap(standard: Standard, totals: TotalsArray) -> Bounds | None:
    """Fen a month that fill the gap to the standard 补差; None where no gap is paid."""
    share = standard.benefits.get("gap_share")
    if share is None:
        return None
    each = Fraction(standard.counting.local_standard) * UNITS
    (size_low, size_high), (low, high) = (
        totals.bounds["household_size"],
        totals.bounds["monthly_income"],
    )
    least = _part(Fraction(share), each, size_low, high)
    most = _part(Fraction(share), each, size_high, low)
    return (
        np.where(high == NO_BOUND, 0, least),
        np.where(size_high == NO_BOUND, NO_BOUND, most),
    )


def _held(standard: Standard, totals: TotalsArray) -> Truths:
    """Whether another programme's standard is met; never surely where the case system must say."""
    truth = np.minimum(_evaluated(standard, totals, {}), totals.identity)
    return np.minimum(truth, OPEN) if standard.left_to_case_system else truth


def _evaluated(standard: Standard, totals: TotalsArray, held: Mapping[str, Truths]) -> Truths:
    own = [_tested(rule, totals) for rule in standard.tests]
    if not standard.holds_one_of:
        return _all_of(own, len(totals))
    unknown = np.full(len(totals), OPEN, dtype=np.int8)
    holding = reduce(np.maximum, (held.get(name, unknown) for name in standard.holds_one_of))
    return np.maximum(holding, _all_of(own, len(totals))) if own else holding


def _all_of(truths: Sequence[Truths], count: int) -> Truths:
    return reduce(np.minimum, truths, np.full(count, YES, dtype=np.int8))


def _tested(rule: TestRule, totals: TotalsArray) -> Truths:
    low, high = value_of(rule.test, totals)
    most = _most(rule)
    surely = (high != NO_BOUND) & (high <= most)
    return np.where(surely, YES, np.where(low > most, NO, OPEN)).astype(np.int8)


def _most(rule: TestRule) -> int:
    """The greatest whole value (count, fen, hundredth of a square metre) that passes."""
    limit = Fraction(rule.limit) * (1 if rule.test in COUNT_TOTALS else _CENTS)
    match rule.comparison:
        case Comparison.BELOW:
            return ceil(limit) - 1
        case Comparison.AT_MOST:
            return floor(limit)
        case _:
            assert_never(rule.comparison)


def value_of(test: str, totals: TotalsArray) -> Bounds:
    """A total as tests see it: counts as they are, others rounded once to hundredths."""
    if test in COUNT_TOTALS:
        return totals.bounds[test]
    if not test.endswith(_PER_PERSON):
        low, high = totals.bounds[test]
        one = np.ones(len(totals), dtype=np.int64)
        return _cents(low, one), _cents(high, one)
    low, high = totals.bounds[test.removesuffix(_PER_PERSON)]
    fewest, most = totals.bounds["household_size"]
    known_most = np.where(most == NO_BOUND, fewest, most)
    return _cents(low, np.maximum(known_most, 1)), _cents(high, np.maximum(fewest, 1))


def _cents(units: Whole, heads: Whole) -> Whole:
    """Each one's part in hundredths, half-up; no bound stays none."""
    each = heads * _PER_CENT
    whole, rest = np.divmod(units, each)
    return np.where(units == NO_BOUND, NO_BOUND, whole + (2 * rest >= each))


def _part(share: Fraction, each: Fraction, size: Whole, income: Whole) -> Whole:
    """The share of what the income falls short by, fen half-up, never below nothing."""
    by_head, by_unit = share * each, share
    denominator = by_head.denominator * by_unit.denominator
    head, unit = int(by_head * denominator), int(by_unit * denominator)
    divisor = denominator * _PER_CENT
    largest = head * _greatest(size) + unit * _greatest(income) + divisor
    kind: Any = np.int64 if largest < MOST_UNITS else object
    short = np.maximum(size.astype(kind) * head - income.astype(kind) * unit, 0)
    whole, rest = short // divisor, short % divisor
    rounded: Whole = (whole + (2 * rest >= divisor)).astype(np.int64)
    return rounded


def _greatest(values: Whole) -> int:
    return int(values.max(initial=0))


def in_units(amount: Decimal) -> int:
    """Yuan or square metres as whole units, the nearest."""
    return int((amount * UNITS).to_integral_value())
