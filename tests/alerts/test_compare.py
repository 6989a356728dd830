"""What two verifications of a household show as changed: from the sources' records to kinds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.alerts.accepted import accepted
from app.alerts.compare import compare, standing
from app.alerts.facts import snapshot_of
from app.alerts.kinds import OPPOSITES, STATES, TRAITS, ChangeKind
from app.domain.evidence import SourceState
from app.domain.household import Exclusion
from app.verification.conclude import conclude
from connectors.contract import Unknown
from connectors.records import (
    AccountState,
    BenefitKind,
    EnterpriseKind,
    InterestRole,
    MaritalStatus,
    Subject,
    VehicleKind,
    VehicleState,
)
from tests.alerts.parts import (
    FEW,
    a_family,
    between,
    changes_of,
    digest,
    family,
    rules,
    snapshot,
)
from tests.builders import a_member, a_request, an_expense, declared
from tests.concluding import GAP, Told, knowledge
from tests.records import (
    OTHER_WORKS,
    PEOPLE,
    WINDOW,
    WORKS,
    a_benefit,
    a_business_interest,
    a_contribution,
    a_fund_account,
    a_holding,
    a_home,
    a_limit,
    a_policy,
    a_registered_person,
    a_shareholding,
    a_tax_entry,
    a_vehicle,
    a_vessel,
    an_account,
    number,
    stranger,
)

EMPTY = family()


def registry(**rows: Any) -> Told:
    """Everybody registered as declared, but for these."""
    wanted = {ref: (a_registered_person(ref),) for ref in ("m1", "m2", "m3")}
    return family(registered={**wanted, **rows})


def wages(gross: str, months: tuple[date, ...] = WINDOW, works: Any = WORKS) -> list[Any]:
    return [a_tax_entry(gross, month, payer=works[0], payer_code=works[1]) for month in months]


def bases(base: str, months: tuple[date, ...] = WINDOW) -> list[Any]:
    return [a_contribution(base, month) for month in months]


def benefits(kind: BenefitKind, amount: str = "900.00") -> list[Any]:
    return [a_benefit(kind, amount, month) for month in WINDOW[-3:]]


dead = registry(m2=(a_registered_person("m2", dead=True, died_on=date(2026, 11, 2)),))
gone_away = registry(m2=(a_registered_person("m2", moved_out=True),))
single, married, divorced = (
    registry(m1=(a_registered_person("m1", marital_status=status),))
    for status in (MaritalStatus.SINGLE, MaritalStatus.MARRIED, MaritalStatus.DIVORCED)
)
with_relative = registry(
    m1=(
        a_registered_person("m1"),
        a_registered_person("m2", in_household=True),
        a_registered_person("m1", subjects=(stranger(),), in_household=True),
    )
)
old_certificate = a_home(unit=None)

CASES = [
    ("death", EMPTY, dead, "m2", "death_withdrawn"),
    ("moved_out", EMPTY, gone_away, "m2", "moved_back"),
    ("new_member", EMPTY, with_relative, "", "registered_member_gone"),
    ("vehicle_new", EMPTY, family(a_vehicle()), "m1", "vehicle_gone"),
    ("vessel_new", EMPTY, family(a_vessel()), "m1", "vessel_gone"),
    ("home_new", EMPTY, family(a_home()), "m1", "home_gone"),
    ("role_new", EMPTY, family(a_shareholding("50000")), "m1", "role_gone"),
    ("account_opened", EMPTY, family(an_account("10.00")), "m1", "account_closed"),
    ("policy_new", EMPTY, family(a_policy("0")), "m1", "policy_gone"),
    ("job_started", EMPTY, family(*wages("1500.00", WINDOW[-2:])), "m1", "job_ended"),
    ("job_started", EMPTY, family(*bases("3600.00")), "m1", "job_ended"),
    ("base_rose", family(*bases("3600.00")), family(*bases("4200.00")), "m1", "base_fell"),
    (
        "pension_started",
        EMPTY,
        family(*benefits(BenefitKind.OLD_AGE_PENSION)),
        "m1",
        "pension_ended",
    ),
    (
        "unemployment_benefit_started",
        EMPTY,
        family(*benefits(BenefitKind.UNEMPLOYMENT)),
        "m1",
        "unemployment_benefit_ended",
    ),
    ("deposit_over_limit", EMPTY, family(a_limit(over=True)), "m1", "deposit_under_limit"),
    (
        "deposit_over_limit",
        family(a_limit(over=False)),
        family(a_limit(over=True)),
        "m1",
        "deposit_under_limit",
    ),
    ("balance_up", family(an_account("900")), family(an_account("4000")), "m1", "balance_down"),
    ("balance_up", family(a_holding("900")), family(a_holding("9000")), "m1", "balance_down"),
    ("income_rose", family(*wages("1500")), family(*wages("1700")), "m1", "income_fell"),
    (
        "fund_up",
        family(a_fund_account(balance=Decimal(100), state=AccountState.SEALED)),
        family(a_fund_account(balance=Decimal(5000), state=AccountState.SEALED)),
        "m1",
        "fund_withdrawn",
    ),
    (
        "medical_cost_up",
        EMPTY,
        family(request=a_family(declared=declared(an_expense("30000.00")))),
        "m1",
        "medical_cost_down",
    ),
    (
        "duplicate_relief",
        EMPTY,
        family(other_cases=("220103 220103-2026-000009",)),
        "",
        "duplicate_relief_ended",
    ),
    (
        "member_added",
        Told(request=a_request(a_member("m1"), a_member("m2"))),
        EMPTY,
        "m3",
        "member_left",
    ),
    (
        "member_excluded",
        EMPTY,
        family(
            request=a_request(
                a_member("m1"), a_member("m2", excluded=Exclusion.CONSCRIPT), a_member("m3")
            )
        ),
        "m2",
        "member_included",
    ),
    (
        "student_started",
        EMPTY,
        family(request=a_request(a_member("m1"), a_member("m2"), a_member("m3", in_school=True))),
        "m3",
        "student_ended",
    ),
]


@pytest.mark.parametrize(("kind", "before", "after", "person", "back"), CASES)
def test_what_is_new_and_what_it_is_the_other_way_round(
    kind: str, before: Told, after: Told, person: str, back: str
) -> None:
    assert between(before, after) == [(kind, person)]
    assert between(after, before) == [(back, person)]
    assert between(after, after) == []


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (single, married, ["marriage"]),
        (married, divorced, ["divorce"]),
        (registry(), married, []),  # the registry did not tell before: nothing is new
        (married, registry(), []),
        (family(a_vehicle()), family(a_vehicle(state=VehicleState.WRITTEN_OFF)), ["vehicle_gone"]),
        (EMPTY, family(a_vehicle(kind=VehicleKind.MOTORCYCLE)), ["vehicle_new"]),
        (EMPTY, family(a_home(use=None)), ["home_new"]),
        # Earning little more or having a little more money is no change.
        (family(*wages("1500")), family(*wages("1550")), []),
        (family(an_account("900")), family(an_account("3800")), []),
        # The old certificate and the new one are of one unit, and a co-owner's are the same.
        (family(old_certificate), family(a_home()), []),
        (family(a_home("m1", "m2")), family(a_home("m1", "m2"), m2=[a_home("m1", "m2")]), []),
        # A job told by its employer's name alone, and later by the code too.
        (
            family(a_fund_account(employer_code=None)),
            family(a_fund_account(), *bases("3800.00")),
            [],
        ),
        (
            family(*wages("1500", WINDOW[-3:])),
            family(*wages("1500", WINDOW[-3:], OTHER_WORKS)),
            ["job_ended", "job_started"],
        ),
        # Wages that ended long ago are no job any more.
        (EMPTY, family(*wages("20.00", WINDOW[:2])), []),
        # A further role in an enterprise.
        (
            family(a_shareholding("1000")),
            family(
                a_shareholding("1000"),
                a_shareholding("1000", role=InterestRole.LEGAL_REPRESENTATIVE),
            ),
            ["role_new"],
        ),
        (EMPTY, family(a_business_interest(kind=EnterpriseKind.COOPERATIVE)), ["role_new"]),
    ],
)
def test_what_is_told_and_what_is_not(before: Told, after: Told, kinds: list[str]) -> None:
    assert [kind for kind, _ in between(before, after)] == kinds


@pytest.mark.parametrize(
    ("source", "record"),
    [
        ("vehicle", a_vehicle()),
        ("property", a_home()),
        ("bank", an_account("90000.00")),
        ("business_registration", a_shareholding("1000")),
        ("insurance", a_policy()),
        ("securities", a_holding()),
        ("social_insurance", a_benefit(BenefitKind.OLD_AGE_PENSION, "900.00", WINDOW[-1])),
        ("tax", a_tax_entry("3000.00", WINDOW[-1])),
    ],
)
def test_a_source_that_fails_is_not_read_as_gone_and_is_told_once(source: str, record: Any) -> None:
    known, failed = family(record), family(failed=[("m1", source)])
    assert between(known, failed) == [("data_incomplete", "")]
    old, unknown = snapshot(known), snapshot(failed)
    kept = accepted(old, unknown, FEW)
    assert compare(kept, unknown, FEW) == ()
    # What was accepted before is compared with what comes back.
    again = [one.kind.value for one in compare(kept, snapshot(known), FEW)]
    assert [kind for kind in again if kind not in ("missed_relief", "outcome_worse")] == []
    later = {one.kind.value for one in compare(kept, snapshot(EMPTY), FEW)}
    gone = {kind for kind, _ in between(known, EMPTY)}
    assert gone
    assert gone <= later


def test_what_appears_after_a_failure_is_compared_with_what_was_known_before_it() -> None:
    before, failed = snapshot(EMPTY), snapshot(family(failed=[("m1", "vehicle")]))
    kept = accepted(before, failed, FEW)
    kinds = [one.kind for one in compare(kept, snapshot(family(a_vehicle())), FEW)]
    assert ChangeKind.VEHICLE_NEW in kinds


def test_a_source_that_never_answered_shows_nothing_new_the_first_time() -> None:
    assert between(family(failed=[("m1", "vehicle")]), family(a_vehicle())) == []


def test_a_bank_that_fails_does_not_hide_an_account_at_another() -> None:
    """What is known is known of each bank; the sum of all is not while one is missing."""
    rich = family(an_account("90000.00"))
    whole = rich.case()
    replies = [
        replace(one, outcome=Unknown(GAP)) if one.institution == "psbc" else one
        for one in whole.replies
    ]
    statuses = tuple(
        replace(one, complete=False, state=SourceState.FAILED) if one.source == "bank" else one
        for one in whole.statuses
    )
    case = replace(whole, replies=replies, statuses=statuses)
    new = snapshot_of(case, conclude(case, knowledge()), rules(), digest)
    kinds = {one.kind.value for one in compare(snapshot(EMPTY), new, FEW)}
    assert kinds >= {"account_opened", "data_incomplete"}
    assert "balance_up" not in kinds


def test_what_half_an_answer_shows_is_told_when_it_is_whole() -> None:
    before, car = snapshot(EMPTY), family(a_vehicle())
    half = snapshot(replace(car, partial=[("m1", "vehicle")]))
    assert ChangeKind.VEHICLE_NEW not in {one.kind for one in compare(before, half, FEW)}
    kept = accepted(before, half, FEW)
    assert ChangeKind.VEHICLE_NEW in {one.kind for one in compare(kept, snapshot(car), FEW)}


def test_a_job_that_two_sources_told_has_not_ended_while_one_is_missing() -> None:
    working = family(*wages("1500.00"), *bases("3600.00"))
    assert ("job_ended", "m1") in between(working, EMPTY)
    silent = family(failed=[("m1", "tax")])
    assert ("job_ended", "m1") not in between(working, silent)


def test_a_record_that_waits_for_a_reviewer_is_not_gone() -> None:
    nearly = Subject(name=PEOPLE["m1"][0], id_number=number("22990119800307125"))
    doubtful = family(a_vehicle(subjects=(nearly,)))
    assert between(family(a_vehicle()), doubtful) == []


def test_many_small_rises_add_up_until_they_are_one() -> None:
    kept = snapshot(family(an_account("1000")))
    seen = []
    for balance in ("2500", "3900", "4100", "4200"):
        new = snapshot(family(an_account(balance)))
        seen.append([one.kind.value for one in compare(kept, new, FEW)])
        kept = accepted(kept, new, FEW)
    assert seen == [[], [], ["balance_up"], []]


def test_a_new_job_tells_of_the_income_and_of_what_is_still_coming() -> None:
    [change] = [
        one
        for one in changes_of(EMPTY, family(*wages("2400.00", WINDOW[-2:])))
        if one.kind is ChangeKind.JOB_STARTED
    ]
    assert change.delta["monthly_income"] == (Decimal(400), Decimal(400))
    assert change.coming == {"monthly_income": Decimal(2000)}
    assert change.after["employer"] == WORKS[0]


def test_persons_are_the_same_whatever_they_are_called() -> None:
    renamed = replace(a_member("m2"), ref="head"), replace(a_member("m1"), ref="other")
    before = Told(request=a_request(a_member("m1"), a_member("m2")), records={"m1": (a_vehicle(),)})
    consent = replace(before.request.consent, signatories=("head", "other"))
    after = Told(
        request=a_request(*renamed, consent=consent),
        records={"other": (a_vehicle(),)},
        registered={
            "head": (a_registered_person("m2"),),
            "other": (a_registered_person("m1"),),
        },
    )
    assert between(before, after) == []


def test_what_a_member_brings_along_is_not_new_to_him_or_her() -> None:
    alone = Told(request=a_request(a_member("m2"), consent=a_family().consent))
    both = Told(request=a_request(a_member("m2"), a_member("m1")), records={"m1": (a_vehicle(),)})
    assert between(alone, both) == [("member_added", "m1")]


def test_a_consent_that_ended_is_told_once() -> None:
    lapsed = replace(
        snapshot(EMPTY), unconsented=tuple(snapshot(EMPTY).persons)[:1], known=frozenset()
    )
    old = snapshot(EMPTY)
    assert [one.kind.value for one in compare(old, lapsed, FEW)] == ["consent_missing"]
    assert compare(accepted(old, lapsed, FEW), lapsed, FEW) == ()


def test_outcomes_that_were_determined_twice_are_compared() -> None:
    refused = family(an_account("900000.00"))
    worse = {one.kind: one for one in changes_of(EMPTY, refused)}
    assert worse[ChangeKind.OUTCOME_WORSE].after["outcome"] == "not_confirmed"
    better = [one for one in changes_of(refused, EMPTY) if one.kind is ChangeKind.MISSED_RELIEF]
    assert "urban_dibao" in {one.thing for one in better}
    open_ = family(failed=[("m1", "bank")])
    assert not {ChangeKind.OUTCOME_WORSE} & {one.kind for one in changes_of(EMPTY, open_)}


def test_a_first_verification_shows_what_speaks_of_how_things_are() -> None:
    told = family(a_vehicle(), other_cases=("220103 1",))
    assert {one.kind for one in standing(snapshot(told), FEW)} <= STATES
    kinds = [one.kind for one in standing(snapshot(family(other_cases=("220103 1",))), FEW)]
    assert ChangeKind.DUPLICATE_RELIEF in kinds
    assert ChangeKind.MISSED_RELIEF in kinds


def test_of_another_countys_case_it_is_told_where_and_not_which() -> None:
    both = family(other_cases=("220103 220103-2026-000009", "220102 220102-2026-000007"))
    shown = [
        dict(one.after)
        for one in changes_of(EMPTY, both)
        if one.kind is ChangeKind.DUPLICATE_RELIEF
    ]
    assert {"county": "220103"} in shown
    assert {"county": "220102", "case_reference": "220102-2026-000007"} in shown


def test_every_kind_has_its_traits() -> None:
    assert set(TRAITS) == set(ChangeKind)
    assert not set(OPPOSITES) & set(OPPOSITES.values())
