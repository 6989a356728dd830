"""Calibration: laws of the map, a known distortion found again, an error rate as a whole."""

from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decision import Action, ActionKind, Cause, ErrorRate, MoneyError
from app.domain.errors import TooFewAudits
from app.error_rate.audited import Audited, AuditedDecisions, GroupBy, audited_decisions
from app.error_rate.calibration import IDENTITY, Calibration, RateMap, Recalibrated, recalibrate
from matching.calibration.band import Band
from matching.calibration.fit import Method
from matching.calibration.labelled import Floats
from matching.calibration.maps import Platt
from tests.error_rate.audits import audited, doubled, drawn

RATES: Final = st.floats(0.0, 1.0)
DAY: Final = date(2026, 11, 24)
AN_ERROR_RATE: Final = ErrorRate(
    rate=0.1,
    interval=(0.05, 0.2),
    causes={Cause.IDENTITY: 0.04, Cause.SOURCE_GAP: 0.06},
    wrongly_confirmed=0.1,
    wrongly_refused=0.0,
    money=MoneyError(over=Decimal("12.00"), under=Decimal("3.00")),
    actions=(
        Action(
            kind=ActionKind.ASK_SOURCE,
            subject="source:bank:m1",
            expected_rate=0.02,
            reduction=0.08,
        ),
    ),
)


def a_map(bits: float = 1.0, *, width: float = 0.0, programme: str = "*") -> RateMap:
    """Odds times 2 to the power of `bits`, sure within `width` bits."""
    band = Band(0.95, (0.0,), (width,), (width,))
    return RateMap(programme, 100, "sha256:0", bits, Platt(1.0, 0.0), band)


DOUBLE: Final = Calibration(version="double", maps=(a_map(),))


def learned(sample: list[Audited] | AuditedDecisions) -> Recalibrated:
    decisions = sample if isinstance(sample, AuditedDecisions) else audited_decisions(sample)
    return recalibrate(decisions, version="test", since=DAY, parameters="example-2026-01")


@given(RATES, st.text(max_size=5))
def test_the_identity_changes_nothing(rate: float, programme: str) -> None:
    assert IDENTITY.calibrated(rate, programme) == rate
    assert IDENTITY.apply(AN_ERROR_RATE, programme) is AN_ERROR_RATE


def test_an_error_rate_is_calibrated_as_a_whole() -> None:
    found = DOUBLE.apply(AN_ERROR_RATE, "urban_dibao")
    assert found.rate == pytest.approx(2 / 11)  # odds of 1 to 9 become 2 to 9
    assert found.interval == pytest.approx((2 / 21, 1 / 3))
    assert sum(found.causes.values()) == pytest.approx(found.rate)
    assert found.causes[Cause.SOURCE_GAP] == pytest.approx(0.6 * found.rate)
    assert (found.wrongly_confirmed, found.wrongly_refused) == pytest.approx((found.rate, 0.0))
    assert found.money == MoneyError(over=Decimal("21.82"), under=Decimal("5.45"))
    (action,) = found.actions
    assert action.expected_rate == pytest.approx(4 / 102)  # 2 to 98 becomes 4 to 98
    assert action.expected_rate + action.reduction == pytest.approx(found.rate)


def test_the_doubt_of_the_map_widens_the_interval() -> None:
    unsure = Calibration(version="unsure", maps=(a_map(width=1.0),))
    sure, wide = (one.apply(AN_ERROR_RATE, "x").interval for one in (DOUBLE, unsure))
    assert wide[0] < sure[0]
    assert sure[1] < wide[1]
    narrow = ErrorRate(
        rate=0.1, interval=(0.1, 0.1), causes={}, wrongly_confirmed=0.1, wrongly_refused=0.0
    )
    assert unsure.apply(narrow, "x").interval == pytest.approx((0.1, 4 / 13))


@pytest.mark.parametrize(("rate", "interval"), [(0.0, (0.0, 0.001)), (1.0, (0.999, 1.0))])
def test_what_has_no_causes_stays(rate: float, interval: tuple[float, float]) -> None:
    """Its interval may reach farther, as far as the smallest rate that has causes."""
    sure = ErrorRate(
        rate=rate, interval=interval, causes={}, wrongly_confirmed=rate, wrongly_refused=0.0
    )
    tenfold = Calibration(version="10", maps=(a_map(10.0 if rate == 0.0 else -10.0),))
    found = tenfold.apply(sure, "x")
    assert found.rate == rate
    assert found.causes == {}
    low, high = found.interval
    assert low <= interval[0]
    assert interval[1] <= high
    assert high - low > 0.05


@given(RATES, RATES, st.floats(-3.0, 3.0), st.floats(0.2, 2.0))
def test_no_map_turns_the_order_round(one: float, other: float, bits: float, slope: float) -> None:
    bent = RateMap("*", 1, "", bits, Platt(slope, 0.0), a_map().band)
    calibration = Calibration(version="x", maps=(bent,))
    low, high = (calibration.calibrated(rate, "x") for rate in sorted((one, other)))
    assert 0.0 <= low <= high <= 1.0


@given(
    st.floats(0.001, 0.999),
    st.lists(st.floats(0.0, 0.99), max_size=3),
    st.floats(-3.0, 3.0),
    st.floats(0.0, 2.0),
)
def test_a_calibrated_error_rate_holds_together(
    rate: float, after: list[float], bits: float, width: float
) -> None:
    """Causes add up, the rate is in its interval, actions lower it and keep their order."""
    raw = ErrorRate(
        rate=rate,
        interval=(rate / 2.0, (1.0 + rate) / 2.0),
        causes={Cause.AMOUNT: rate},
        wrongly_confirmed=0.0,
        wrongly_refused=rate,
        actions=tuple(
            Action(kind=ActionKind.ASK_SOURCE, subject=f"{x}", expected_rate=x * rate, reduction=0)
            for x in sorted(after)
        ),
    )
    found = Calibration(version="x", maps=(a_map(bits, width=width),)).apply(raw, "x")
    assert sum(found.causes.values()) == pytest.approx(found.rate)
    assert found.interval[0] <= found.rate <= found.interval[1]
    assert found.wrongly_refused == pytest.approx(found.rate)
    rates = [action.expected_rate for action in found.actions]
    assert rates == sorted(rates)
    assert all(action.reduction > 0.0 for action in found.actions)


def test_a_programme_has_its_own_map_or_that_of_all() -> None:
    both = Calibration(version="x", maps=(a_map(1.0), a_map(-1.0, programme="orphan")))
    assert both.calibrated(0.1, "orphan") < 0.1 < both.calibrated(0.1, "urban_dibao")


@pytest.mark.parametrize("names", [("orphan",), ("*", "orphan", "orphan")])
def test_what_is_no_calibration(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="every programme stands once"):
        Calibration(version="x", maps=tuple(a_map(programme=name) for name in names))


@pytest.mark.parametrize(
    ("count", "method", "near"),
    [(300, Method.PLATT, 0.35), (1500, Method.BETA, 0.2), (8000, Method.ISOTONIC, 0.15)],
)
def test_a_known_distortion_is_found_again(count: int, method: Method, near: float) -> None:
    found = learned(drawn(count, doubled, seed=count))
    assert found.method in (method, Method.BETA)
    assert found.after.log_loss < found.before.log_loss
    assert found.after.ece < found.before.ece
    for rate in (0.02, 0.05, 0.1, 0.2):
        wanted = float(doubled(np.array([rate]))[0])
        raw = ErrorRate(
            rate=rate, interval=(rate, rate), causes={}, wrongly_confirmed=rate, wrongly_refused=0.0
        )
        calibrated = found.calibration.apply(raw, "urban_dibao")
        assert calibrated.rate == pytest.approx(wanted, rel=near)
        low, high = calibrated.interval
        assert low - 0.01 <= wanted <= high + 0.01  # 95 % each, and twelve of them


def unchanged(rates: Floats) -> Floats:
    return rates


def test_rates_that_hold_are_left_nearly_alone() -> None:
    found = learned(drawn(2000, unchanged, seed=4)).calibration
    for rate in (0.02, 0.1, 0.3):
        assert found.calibrated(rate, "x") == pytest.approx(rate, rel=0.2)


def test_few_audits_hardly_move_a_rate() -> None:
    sample = [*audited(0.05, 2, 10), *audited(0.2, 1, 2)]
    found = learned(sample)
    assert found.method is Method.PLATT
    assert 0.05 < found.calibration.calibrated(0.05, "x") < 0.15


def test_a_programme_with_enough_audits_has_a_map_of_its_own() -> None:
    sample = [
        *drawn(800, doubled, seed=1),
        *drawn(800, unchanged, seed=2, programme="rural_dibao"),
        *drawn(30, doubled, seed=3, programme="orphan"),
    ]
    calibration = learned(sample).calibration
    assert [one.programme for one in calibration.maps] == ["*", "rural_dibao", "urban_dibao"]
    rural, both, urban = (
        calibration.calibrated(0.1, name) for name in ("rural_dibao", "orphan", "urban_dibao")
    )
    assert rural < both < urban


def test_the_order_of_audits_means_nothing() -> None:
    sample = drawn(200, doubled, seed=8)
    assert learned(sample) == learned(sample[::-1])


def by_risk(rates: Floats) -> Floats:
    return np.where(rates > 0.05, 1.0, 0.1)


@pytest.mark.parametrize("weighted", [True, False])
def test_samples_of_the_risky_do_not_bend_the_map(weighted: bool) -> None:
    """Looked at by its rate alone, a decision tells the same of its rate, whatever its weight."""
    rng = np.random.default_rng(12)
    sample = []
    for one in drawn(6000, doubled, seed=21):
        probability = float(by_risk(np.array(one.predicted)))
        if rng.random() < probability:
            weight = 1.0 / probability if weighted else 1.0
            sample.append(
                Audited(predicted=one.predicted, wrong=one.wrong, weight=weight, case=one.case)
            )
    found = learned(sample).calibration
    for rate in (0.02, 0.1, 0.3):
        wanted = float(doubled(np.array([rate]))[0])
        assert found.calibrated(rate, "x") == pytest.approx(wanted, rel=0.2)


def test_decisions_without_causes_are_told_apart() -> None:
    sure = [*audited(0.0, 2, 30), *audited(1.0, 1, 0)]
    sample = drawn(300, doubled, seed=6)
    found, without = learned([*sample, *sure]), learned(sample)
    assert (found.certain.audits, found.certain.wrong) == (33, 3)
    assert found.calibration.maps == without.calibration.maps
    assert found.learned_from.rows == 333


@pytest.mark.parametrize(
    "sample", [[], audited(0.1, 0, 20), audited(0.1, 20, 0), audited(0.0, 5, 5)]
)
def test_nothing_is_learned_from_one_kind_alone(sample: list[Audited]) -> None:
    with pytest.raises(TooFewAudits, match="audit more of them"):
        learned(sample)


@pytest.mark.parametrize(
    "bad",
    [
        Audited(predicted=1.5, wrong=False),
        Audited(predicted=0.1, wrong=False, weight=0.0),
        Audited(predicted=0.1, wrong=False, weight=float("inf")),
        Audited(predicted=float("nan"), wrong=False),
    ],
)
def test_what_is_no_audited_decision(bad: Audited) -> None:
    with pytest.raises(ValueError, match="lies"):
        audited_decisions([bad])


@settings(max_examples=20)
@given(
    st.lists(
        st.builds(
            Audited,
            predicted=RATES,
            wrong=st.booleans(),
            weight=st.floats(0.5, 20.0),
            groups=st.fixed_dictionaries({GroupBy.AREA: st.sampled_from(["urban", "rural"])}),
        ),
        max_size=20,
    )
)
def test_columns_do_not_depend_on_the_order(sample: list[Audited]) -> None:
    turned = sample[::-1]
    one, other = audited_decisions(sample), audited_decisions(turned)
    assert one.learned_from == other.learned_from
    assert np.array_equal(one.predicted, other.predicted)
    assert one.effective == pytest.approx(other.effective)
    assert len(one.where(one.wrong > 0.0)) == sum(row.wrong for row in sample)
