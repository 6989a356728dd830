"""A standard's tests over what is known of the totals: passed, failed or open 核对判定."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, assert_never

from app.domain.decision import Comparison, Outcome, TestResult
from app.domain.interval import Interval, Truth, all_of, any_of, is_at_most, is_below
from app.domain.money import ZERO
from app.domain.profile import Totals
from app.programmes.standard import Standard, TestRule

HOLDS_ONE_OF: Final = "holds_one_of"
_PER_PERSON: Final = "_per_person"
_NOTHING_NAMED: Final[Mapping[str, tuple[str, ...]]] = {}


def evaluate(
    standard: Standard,
    totals: Totals,
    held: Mapping[str, Truth],
    open_by_total: Mapping[str, tuple[str, ...]] = _NOTHING_NAMED,
) -> tuple[tuple[TestResult, ...], Truth]:
    """Every test's result, and whether the standard is met.

    `held` says of other programmes whether they are held at the day of judgement; one that is not
    named is open. `open_by_total` names for a total what would settle it; a total per person is
    settled by what settles the total and the household's size.
    """
    values = Values(totals)
    tests = tuple(_tested(rule, values, open_by_total) for rule in standard.tests)
    own = all_of(*(result.passed for result in tests))
    if not standard.holds_one_of:
        return tests, own
    holding = _holding(standard.holds_one_of, held)
    if not tests:
        return (holding,), holding.passed
    return (holding, *tests), any_of(holding.passed, own)


def meets(standard: Standard, values: "Values", held: Mapping[str, Truth]) -> Truth:
    """Whether the standard is met, as `evaluate` finds it, without the tests' results."""
    own = all_of(*(_passed(rule, values) for rule in standard.tests))
    if not standard.holds_one_of:
        return own
    holding = any_of(*(held.get(name, Truth.OPEN) for name in standard.holds_one_of))
    return any_of(holding, own) if standard.tests else holding


class Values:
    """Totals as tests see them, each worked out once for all standards that look at it."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._known: dict[str, Interval] = {}

    def of(self, test: str) -> Interval:
        """The total of that test, rounded once."""
        if test not in self._known:
            self._known[test] = _value(self._totals, test)
        return self._known[test]


def outcome_of(truth: Truth) -> Outcome:
    """The outcome in the interface's words."""
    match truth:
        case Truth.YES:
            return Outcome.CONFIRMED
        case Truth.NO:
            return Outcome.NOT_CONFIRMED
        case Truth.OPEN:
            return Outcome.UNDETERMINED
        case _:
            assert_never(truth)


def monthly_gap(standard: Standard, totals: Totals) -> Interval | None:
    """Yuan a month that fill the gap to the standard 补差 for the whole household.

    Standard less income per person, times persons, times the `gap_share` among the benefits; None
    where the programme does not pay a gap. The bounds are those of income and size together.
    """
    share = standard.benefits.get("gap_share")
    if share is None:
        return None
    each = standard.counting.local_standard
    size, income = totals.household_size, totals.monthly_income
    low = ZERO if income.high is None else each * size.low - income.high
    high = None if size.high is None else max(ZERO, each * size.high - income.low)
    return Interval(max(ZERO, low), high).times(share).rounded()


def _tested(
    rule: TestRule, values: Values, open_by_total: Mapping[str, tuple[str, ...]]
) -> TestResult:
    passed = _passed(rule, values)
    missing = _missing(rule.test, open_by_total) if passed is Truth.OPEN else ()
    return TestResult(
        test=rule.test,
        value=values.of(rule.test),
        limit=rule.limit,
        passed=passed,
        missing=missing,
        comparison=rule.comparison,
    )


def _passed(rule: TestRule, values: Values) -> Truth:
    return _holds(values.of(rule.test), rule.comparison, rule.limit)


def _value(totals: Totals, name: str) -> Interval:
    """The total as tests see it: rounded once."""
    if name == "floor_area_per_person":
        return totals.floor_area.per(totals.household_size).rounded()
    return totals.value(name)


def _holds(value: Interval, comparison: Comparison, limit: Decimal) -> Truth:
    match comparison:
        case Comparison.BELOW:
            return is_below(value, limit)
        case Comparison.AT_MOST:
            return is_at_most(value, limit)
        case _:
            assert_never(comparison)


def _missing(test: str, open_by_total: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    names = [test]
    if test.endswith(_PER_PERSON):
        names += [test.removesuffix(_PER_PERSON), "household_size"]
    return tuple(dict.fromkeys(item for name in names for item in open_by_total.get(name, ())))


def _holding(categories: tuple[str, ...], held: Mapping[str, Truth]) -> TestResult:
    truths = {name: held.get(name, Truth.OPEN) for name in categories}
    passed = any_of(*truths.values())
    still_open = tuple(name for name, truth in truths.items() if truth is Truth.OPEN)
    missing = still_open if passed is Truth.OPEN else ()
    return TestResult(test=HOLDS_ONE_OF, value=None, limit=None, passed=passed, missing=missing)
