"""What a change does to outcomes: examples at the limits, and what compatibility may leave out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain, combinations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.changes import Change, Delta
from app.alerts.effect import Effect, Judged, effects
from app.alerts.kinds import ChangeKind
from app.domain.interval import Interval, Truth
from app.domain.profile import EMPTY_TOTALS, Totals
from tests.alerts.made_up import additions
from tests.builders import REGION, shipped
from tests.records import AS_OF

DIBAO: Final = shipped().in_force("urban_dibao", REGION, AS_OF)
LIMITS: Final[Mapping[str, Decimal]] = {rule.test: rule.limit for rule in DIBAO.tests}
INCOME: Final = LIMITS["monthly_income_per_person"]
MONEY: Final = LIMITS["financial_assets_per_person"]
_K = ChangeKind


def totals(**values: Interval | Decimal | int) -> Totals:
    """One person with nothing, but for these."""
    given_ = {
        name: value if isinstance(value, Interval) else Interval.exactly(value)
        for name, value in values.items()
    }
    return replace(EMPTY_TOTALS, **given_)


def judged(of: Totals, **changes: object) -> Judged:
    return Judged(**{"standard": DIBAO, "totals": of, "held": Truth.NO, **changes})  # type: ignore[arg-type]


def adds(
    kind: ChangeKind, total: str, low: Decimal | int, high: Decimal | int | None = -1
) -> Change:
    top = low if high == -1 else high
    delta: Delta = Decimal(low), None if top is None else Decimal(top)
    return Change(kind=kind, thing=f"{total} {low}", person="p1", delta={total: delta})


def effect_of(change: Change, of: Totals, *others: Change, **changes: object) -> Effect:
    return effects([change, *others], [judged(of, **changes)])[0]


def up(value: Decimal | int) -> Change:
    return adds(_K.BALANCE_UP, "financial_assets", value)


@pytest.mark.parametrize(
    ("change", "of", "decisive", "relevant"),
    [
        # On the limit, a fen above it, and just below.
        (up(4000), totals(financial_assets=MONEY), False, False),
        (up(4000), totals(financial_assets=MONEY + Decimal("0.01")), True, True),
        (up(4000), totals(financial_assets=MONEY + 4000), True, True),
        (up(4000), totals(financial_assets=MONEY + Decimal("4000.01")), False, False),
        # What only came from 0 to 1 of something that may not be there at all.
        (adds(_K.VEHICLE_NEW, "vehicles", 1), totals(vehicles=1), True, True),
        (adds(_K.VEHICLE_NEW, "vehicles", 1), totals(vehicles=2), False, False),
        (adds(_K.VEHICLE_NEW, "vehicles", 0, 1), totals(vehicles=Interval(0, 1)), True, True),  # type: ignore[arg-type]
        # A fall counts as a rise does.
        (
            adds(_K.INCOME_FELL, "monthly_income", -200),
            totals(monthly_income=INCOME - 100),
            True,
            True,
        ),
        (adds(_K.INCOME_FELL, "monthly_income", -200), totals(monthly_income=10), False, False),
        # A bank that says no more than that there is much.
        (
            adds(_K.DEPOSIT_OVER_LIMIT, "financial_assets", 1000, None),
            totals(financial_assets=Interval.at_least(1000)),
            True,
            True,
        ),
        # Nothing that the totals show: a clue, and no more.
        (Change(kind=_K.ACCOUNT_OPENED), totals(), False, False),
        # What no total shows, a person must judge.
        (Change(kind=_K.MARRIAGE), totals(), False, True),
        (Change(kind=_K.NEW_MEMBER), totals(), False, True),
        (Change(kind=_K.DUPLICATE_RELIEF), totals(), False, True),
        (Change(kind=_K.OUTCOME_WORSE), totals(), True, True),
        # A source that failed matters where something is open for want of it.
        (Change(kind=_K.DATA_INCOMPLETE), totals(), False, False),
        (
            Change(kind=_K.DATA_INCOMPLETE),
            totals(financial_assets=Interval.at_least(0)),
            True,
            True,
        ),
    ],
)
def test_at_the_limits(change: Change, of: Totals, *, decisive: bool, relevant: bool) -> None:
    effect = effect_of(change, of)
    assert (effect.decisive, effect.relevant) == (decisive, relevant)


def test_two_that_alone_change_nothing_can_together() -> None:
    """With both there is too much, and taking away either one leaves too much."""
    half = MONEY / 2
    of = totals(financial_assets=MONEY + half)
    each = [up(half), replace(up(half), thing="other")]
    small = adds(_K.INCOME_ROSE, "monthly_income", 10)
    many = replace(of, financial_assets=Interval.exactly(MONEY + half + 1))
    first, second, third = effects([*each, small], [judged(many)])
    assert not first.decisive
    assert not second.decisive
    assert first.relevant
    assert second.relevant
    assert not third.relevant


def test_what_failed_another_test_may_matter_once_that_one_passes() -> None:
    of = totals(financial_assets=MONEY + 100, vehicles=1)
    money, car = up(200), adds(_K.VEHICLE_NEW, "vehicles", 1)
    for effect in effects([money, car], [judged(of)]):
        assert effect.decisive
        assert effect.relevant


def test_a_wage_that_began_last_month_is_judged_by_what_it_will_come_to() -> None:
    started = Change(
        kind=_K.JOB_STARTED,
        person="p1",
        delta={"monthly_income": (Decimal(100), Decimal(100))},
        coming={"monthly_income": Decimal(1100)},
    )
    assert effect_of(started, totals(monthly_income=100)).decisive
    small = replace(started, coming={"monthly_income": Decimal(50)})
    assert not effect_of(small, totals(monthly_income=100)).relevant


def test_a_death_changes_what_each_of_the_others_has() -> None:
    died = adds(_K.DEATH, "household_size", -1)
    close = totals(household_size=1, monthly_income=INCOME * Decimal("1.5"))
    assert effect_of(died, close).decisive
    assert not effect_of(died, totals(household_size=1)).decisive
    assert effect_of(died, totals(household_size=1)).relevant


def test_what_is_open_keeps_relevant_whatever_bears_on_it() -> None:
    of = totals(financial_assets=Interval.at_least(500))
    assert effect_of(up(400), of).relevant
    assert not effect_of(up(400), of).decisive


def test_what_other_rules_may_count_is_not_left_out() -> None:
    car = Change(kind=_K.VEHICLE_NEW, may_add={"vehicles": Decimal(1)})
    assert not effect_of(car, totals()).relevant
    assert effect_of(car, totals(), other_rules=True).relevant


def test_of_what_is_held_anyway_nothing_is_decided() -> None:
    medical = shipped().in_force("medical_relief", REGION, AS_OF)
    of = totals(vehicles=5)
    held = judged(of, standard=medical, held=Truth.YES)
    [effect] = effects([adds(_K.INCOME_ROSE, "monthly_income", 1)], [held])
    assert not effect.relevant


def test_the_money_at_stake_is_what_the_household_gets_with_and_without() -> None:
    rose = adds(_K.INCOME_ROSE, "monthly_income", 100)
    assert effect_of(rose, totals(monthly_income=300)).money == Decimal("100.00")
    car = adds(_K.VEHICLE_NEW, "vehicles", 1)
    assert effect_of(car, totals(vehicles=1)).money == INCOME
    assert effect_of(car, totals(vehicles=1, monthly_income=5000)).money == 0


def test_the_rank_puts_decisive_ones_first_then_money_then_the_error_rate() -> None:
    def rank(rate: float, **values: object) -> float:
        of: dict[str, object] = {"decisive": False, "relevant": True, "money": Decimal(0)}
        return Effect(**{**of, **values}).rank(rate)  # type: ignore[arg-type]

    assert rank(0.0, decisive=True) > rank(1.0, money=Decimal("1e9"))
    assert rank(0.0, money=Decimal(2)) > rank(1.0, money=Decimal(1))
    assert rank(0.2) > rank(0.1)


def _without(of: Totals, changes: Iterable[Change]) -> Totals:
    """Counted anew: the totals less what these changes added."""
    found = of
    for change in changes:
        for total, (low, _) in change.delta.items():
            now = getattr(found, total).low
            found = replace(found, **{total: Interval.exactly(max(Decimal(0), now - low))})
    return found


@given(
    additions(),
    st.integers(1, 4),
    st.integers(0, 3000),
    st.integers(0, 60),
)
def test_compatibility_never_leaves_out_what_could_flip_an_outcome(
    changes: list[Change], size: int, income: int, money: int
) -> None:
    """Whatever else became of the household: among all combinations there is no flip by it."""
    sums = {"monthly_income": Decimal(income), "household_size": Decimal(size)}
    sums["financial_assets"] = Decimal(money * 1000)
    for change in changes:
        for total, (low, _) in change.delta.items():
            sums[total] = sums.get(total, Decimal(0)) + low
    of = totals(**{name: max(Decimal(0), one) for name, one in sums.items()})
    case = judged(of)
    for place, effect in enumerate(effects(changes, [case])):
        rest = changes[:place] + changes[place + 1 :]
        every = chain.from_iterable(combinations(rest, n) for n in range(len(rest) + 1))
        flips = any(
            case.truth(_without(of, gone)) is not case.truth(_without(of, (*gone, changes[place])))
            for gone in every
        )
        assert effect.relevant or not flips
        flips_alone = case.truth(of) is not case.truth(_without(of, (changes[place],)))
        assert effect.decisive or not flips_alone
