"""Records as variables: whose they are, and whether what they say is so."""

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import Cause
from app.error_rate.variables import Chance, Presence
from app.verification.score.known import SCORED, Difference, Known
from app.verification.score.records import contents, identities
from connectors.records import AnyRecord, BenefitKind, Sharing
from tests.builders import a_member, a_request, accepted
from tests.records import (
    WINDOW,
    a_benefit,
    a_business_interest,
    a_contribution,
    a_fund_account,
    a_home,
    a_limit,
    a_policy,
    a_shareholding,
    a_tax_entry,
    a_vehicle,
    a_vessel,
    an_account,
    stranger,
    subject,
)
from tests.verification.score.knowing import FAILED, aged, known_of, priors

NOTHING: Final = dict.fromkeys(SCORED, 0.0)


def a_difference(*, counted: bool = False, probability: float = 0.4, **totals: float) -> Difference:
    return Difference(
        evidence=("ev_1", "ev_2"),
        probability=probability,
        counted=counted,
        totals={**NOTHING, **totals},
    )


def one_of(known: Known) -> Presence:
    (found,) = contents(known)
    return found


# Whose they are


def test_a_record_in_review_adds_what_it_would_make_of_the_totals() -> None:
    (one,) = identities(known_of(differences=[a_difference(vehicles=1.0, homes=2.0)]))
    assert one.effects == {"vehicles": 1.0, "homes": 2.0}
    assert (one.counted, one.cause) == (False, Cause.IDENTITY)
    assert one.probability == Chance(0.4, priors().link_weight)
    assert (one.group, one.action) == ("ev_1|ev_2", "review:ev_1|ev_2")


def test_a_record_that_counts_takes_away_what_it_gave() -> None:
    known = known_of(a_vehicle(), an_account("900.00"))
    without = a_difference(counted=True, probability=0.97, vehicles=1.0)
    (one,) = identities(replace(known, differences=[without]))
    assert (one.effects, one.counted) == ({"financial_assets": 900.0}, True)
    assert one.probability.mean == 0.97


def test_a_record_can_lessen_what_counts() -> None:
    """A correction in review takes wages back."""
    known = known_of(*(a_tax_entry("1200.00", month) for month in WINDOW))
    (one,) = identities(replace(known, differences=[a_difference(monthly_income=700.0)]))
    assert one.effects == {"monthly_income": -500.0}


def test_a_record_that_changes_nothing_is_no_doubt() -> None:
    known = known_of(a_vehicle())
    assert list(identities(replace(known, differences=[a_difference(vehicles=1.0)]))) == []


@given(
    st.dictionaries(st.sampled_from(SCORED), st.floats(0.0, 1e6), min_size=1),
    st.booleans(),
    st.floats(0.0, 1.0),
)
def test_with_its_effects_the_base_is_as_the_record_makes_it(
    totals: dict[str, float], counted: bool, probability: float
) -> None:
    difference = a_difference(counted=counted, probability=probability, **totals)
    known = known_of(a_vehicle(), differences=[difference])
    sign = -1.0 if counted else 1.0
    moved = dict(known.base)
    for one in identities(known):
        assert 0.0 not in one.effects.values()
        for name, amount in one.effects.items():
            moved[name] += sign * amount
    assert moved == pytest.approx(dict(difference.totals))


def test_an_action_names_no_more_records_than_can_be_read() -> None:
    ids = tuple(f"ev_{number:02}" for number in range(40))
    many = replace(a_difference(vehicles=1.0), evidence=ids)
    (one,) = identities(known_of(differences=[many]))
    assert one.action == "review:" + "|".join(ids[:24])
    assert one.group == "|".join(ids)


# Whether they are so


@pytest.mark.parametrize(
    ("record", "source", "effects"),
    [
        (a_vehicle(), "vehicle", {"vehicles": 1.0}),
        (a_vessel(), "vehicle", {"vessels": 1.0}),
        (a_home(), "property", {"homes": 1.0, "floor_area": 60.0}),
        (a_home(area=None), "property", {"homes": 1.0}),
        (
            a_home(subjects=(subject(), stranger()), sharing=Sharing.JOINT),
            "property",
            {"homes": 1.0, "floor_area": 30.0},
        ),
        (an_account("900.00"), "bank", {"financial_assets": 900.0}),
        (a_limit(over=True), "bank", {"financial_assets": 20000.0}),
        (a_policy("8000.00"), "insurance", {"financial_assets": 8000.0}),
        (
            a_shareholding("30000.00"),
            "business_registration",
            {"businesses": 1.0, "business_capital": 30000.0},
        ),
        (a_shareholding(None), "business_registration", {"businesses": 1.0}),
        (a_tax_entry("1200.00"), "tax", {"monthly_income": 100.0}),
        (
            a_benefit(BenefitKind.OLD_AGE_PENSION, "1200.00"),
            "social_insurance",
            {"monthly_income": 100.0},
        ),
    ],
)
def test_what_a_source_shows_is_now_and_then_not_so(
    record: AnyRecord, source: str, effects: dict[str, float]
) -> None:
    rate = priors().sources[source].false_record_rate
    one = one_of(known_of(record))
    assert one.effects == pytest.approx(effects)
    assert (one.cause, one.counted, one.action) == (Cause.AMOUNT, True, "")
    assert one.probability.mean == pytest.approx(1.0 - rate.mean)
    assert one.probability.weight == rate.weight


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [an_account("0.00")],
        [a_limit(over=False)],
        [a_vehicle(plate_kind="13")],
        [a_home(in_force=False)],
        [a_tax_entry("0.00")],
    ],
    ids=str,
)
def test_what_counts_nothing_cannot_be_wrong(rows: list[AnyRecord]) -> None:
    assert list(contents(known_of(*rows))) == []


def test_a_figure_of_which_nothing_is_sure_is_no_record_that_holds() -> None:
    wages = [a_tax_entry("1200.00", month) for month in WINDOW]
    assert list(contents(known_of(*wages, states={("m1", "tax"): FAILED}))) == []


@pytest.mark.parametrize(
    ("record", "effects"),
    [
        (a_vehicle(state=None), {"vehicles": 1.0}),
        (a_vessel(in_register=None), {"vessels": 1.0}),
        (a_home(use=None), {"homes": 1.0, "floor_area": 60.0}),
        (
            a_shareholding("30000.00", state=None),
            {"businesses": 1.0, "business_capital": 30000.0},
        ),
    ],
)
def test_a_thing_whose_state_could_not_be_read_may_count(
    record: AnyRecord, effects: dict[str, float]
) -> None:
    known = known_of(record)
    one = one_of(known)
    assert one.effects == effects
    assert (one.counted, one.cause) == (False, Cause.AMOUNT)
    assert one.probability == priors().doubtful_counts
    assert one.action == "household:asset_proof:m1"
    assert all(known.base[name] == 0.0 for name in effects)


def test_an_enterprise_of_two_members_is_one_business() -> None:
    rows = [accepted(a_shareholding("30000.00", subjects=(subject(r),)), r) for r in ("m1", "m2")]
    known = known_of(*rows, request=a_request(a_member("m1"), a_member("m2")))
    one, other = contents(known)
    assert one.effects == {"businesses": 1.0, "business_capital": 30000.0}
    assert other.effects == {"business_capital": 30000.0}


def test_taken_away_all_of_it_nothing_is_left() -> None:
    """Each total is made of the things that may not be so, each of them once."""
    rows: list[AnyRecord] = [
        a_vehicle(),
        a_vessel(),
        a_home(),
        an_account("900.00"),
        a_policy("8000.00"),
        a_fund_account("3000.00", balance=5000),
        a_business_interest(),
        *(a_tax_entry("1200.00", month) for month in WINDOW),
    ]
    known = known_of(*rows)
    left = dict(known.base)
    for one in contents(known):
        for name, amount in one.effects.items():
            left[name] -= amount
    assert left == pytest.approx(NOTHING)


# Age


@pytest.mark.parametrize("months", [1, 12, 60])
def test_what_is_old_may_have_ended(months: int) -> None:
    known = known_of(a_vehicle(), states={("m1", "vehicle"): aged(months)})
    vehicle = priors().sources["vehicle"]
    ended = 1 - (1 - vehicle.change_per_month.mean) ** known.months_old("vehicle", "m1")
    one = one_of(known)
    wrong = vehicle.false_record_rate.mean
    assert one.probability.mean == pytest.approx((1 - wrong) * (1 - ended))
    assert one.cause is (Cause.STALENESS if ended > wrong else Cause.AMOUNT)


@pytest.mark.parametrize(
    ("states", "source"),
    [({}, "housing_fund"), ({("m1", "housing_fund"): aged(24)}, "tax")],
)
def test_the_surest_of_the_sources_stands(states: dict[tuple[str, str], Any], source: str) -> None:
    wages = [a_tax_entry("3000.00", month) for month in WINDOW]
    one = one_of(known_of(*wages, a_fund_account("3100.00"), states=states))
    rate = priors().sources[source].false_record_rate.mean
    assert one.probability.mean == pytest.approx(1.0 - rate)


def test_a_source_that_is_never_wrong_is_the_surest() -> None:
    certain = Chance(0.0, 90.0)
    tax = replace(priors().sources["tax"], false_record_rate=certain, change_per_month=certain)
    never = replace(priors(), sources={**priors().sources, "tax": tax})
    wages = [a_tax_entry("3000.00", month) for month in WINDOW]
    known = known_of(*wages, a_fund_account("3100.00"), parameters=never)
    assert one_of(known).probability.mean == 1.0


def test_a_source_that_no_prior_knows_leaves_no_doubt() -> None:
    bare = replace(priors(), sources={})
    assert one_of(known_of(a_vehicle(), parameters=bare)).probability.mean == 1.0


def test_a_base_of_two_sources_is_as_sure_as_the_surer_one() -> None:
    rows = [a_contribution("3800.00", month) for month in WINDOW]
    assert one_of(known_of(*rows)).probability.mean == pytest.approx(0.997)
