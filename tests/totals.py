"""Random totals near what standards test, and one household judged as `conclude` does."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal

from hypothesis import strategies as st

from app.domain.interval import Interval, Truth, all_of
from app.domain.profile import COUNT_TOTALS, Totals
from app.programmes.conditions import evaluate
from app.programmes.standard import Standard
from app.programmes.vector import UNITS, in_units


def alone(
    standard: Standard, others: Mapping[str, Standard], totals: Totals, identity: Truth
) -> Truth:
    """One household as `conclude` judges it."""
    held = {}
    for name, one in others.items():
        _, truth = evaluate(one, totals, {})
        truth = all_of(truth, identity)
        held[name] = Truth.OPEN if one.left_to_case_system and truth is Truth.YES else truth
    _, truth = evaluate(standard, totals, held)
    return all_of(truth, identity)


def _exact(units: int) -> Decimal:
    return Decimal(units) / UNITS


def _amounts() -> st.SearchStrategy[Decimal]:
    """Near what is tested: limits by heads, half fens, twelfths; and anything at all."""
    limits = st.sampled_from(["520.00", "760.00", "1140.00", "18240.00", "27360.00", "100000.00"])
    near = st.builds(
        lambda limit, heads, fens, units: max(
            0, in_units(Decimal(limit)) * heads + fens * (UNITS // 200) + units
        ),
        limits,
        st.integers(1, 6),
        st.integers(-6, 6),
        st.integers(-2, 2),
    )
    return st.builds(_exact, near | st.integers(0, 10**13))


def _intervals(values: st.SearchStrategy[Decimal]) -> st.SearchStrategy[Interval]:
    pairs = st.tuples(values, values).map(lambda pair: Interval(min(pair), max(pair)))
    return values.map(Interval.exactly) | pairs | values.map(Interval.at_least)


def _counts(least: int = 0, most: int = 6) -> st.SearchStrategy[Interval]:
    return _intervals(st.integers(least, most).map(Decimal))


TOTALS = st.builds(
    Totals,
    **{
        field.name: _counts() if field.name in COUNT_TOTALS else _intervals(_amounts())
        for field in fields(Totals)
    },
)
