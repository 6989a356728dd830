"""From stored replies to decisions: the same in, the same out; programmes beside each other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.decision import Outcome
from app.domain.evidence import Link
from app.domain.interval import Interval
from app.domain.profile import FindingCode
from app.verification.answers import Reply, from_stored, status_of, to_stored
from app.verification.conclude import Case, conclude
from app.verification.document import decision_document, evidence_document, profile_document
from app.verification.identify import record_key
from app.verification.plan import SOURCES, plan
from connectors.contract import AskedPerson, Found, IdType, Months, NoRecord, SourceQuery
from connectors.records import AnyRecord, BenefitKind
from tests.builders import NEEDS, NOON, REGION, a_member, a_request, a_supporter
from tests.concluding import Told, a_reply, knowledge, told
from tests.fakes import FakeSource, FixedClock
from tests.records import (
    AS_OF,
    PEOPLE,
    WINDOW,
    a_benefit,
    a_home,
    a_limit,
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    an_account,
    stranger,
    subject,
)

COUNTRY = "220102102"
"""A township: the rural standard of 520.00 holds."""
COUPLE = a_request(a_member("m1"), a_member("m2"), programmes=("urban_dibao", "dibao_edge"))


def wages(gross: str, months: Sequence[date] = WINDOW) -> list[AnyRecord]:
    return [a_tax_entry(gross, month) for month in months]


def rich() -> Told:
    """A couple with a home between them, a wage, and a bank that tells only its limit."""
    home = a_home("m1", "m2")
    spouse = (subject("m2"),)
    return Told(
        request=COUPLE,
        records={
            "m1": [*wages("1700.00"), home, an_account("2000.00"), a_limit(over=False)],
            "m2": [home, an_account("100.00", account="6222****0777", subjects=spouse)],
        },
    )


def outcomes(case: Told) -> dict[str, Outcome]:
    return {one.programme: one.outcome for one in case.conclusion().decisions}


def test_a_household_is_decided_for_each_programme_asked_for() -> None:
    conclusion = rich().conclusion()
    assert [(one.programme, one.outcome) for one in conclusion.decisions] == [
        ("urban_dibao", Outcome.NOT_CONFIRMED),  # 850.00 a person
        ("dibao_edge", Outcome.CONFIRMED),  # below 1,140.00
    ]
    totals = conclusion.profile.totals
    assert totals.value("financial_assets") == Interval(Decimal("2100.00"), Decimal("22100.00"))


def test_the_same_evidence_gives_the_same_conclusion() -> None:
    case = rich().case()
    assert conclude(case, knowledge()) == conclude(case, knowledge())


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_replies_changes_nothing(random: Random) -> None:
    case = rich().case()
    turned = list(case.replies)
    random.shuffle(turned)
    assert conclude(replace(case, replies=turned), knowledge()) == conclude(case, knowledge())


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_answers_states_changes_no_decision(random: Random) -> None:
    doubtful = a_vehicle(subjects=(subject(name="赵四海"),))
    case = told(*wages("500.00"), doubtful, failed=[("m1", "bank"), ("m1", "tax")]).case()
    turned = list(case.statuses)
    random.shuffle(turned)
    (one,), (other,) = (
        conclude(each, knowledge()).decisions
        for each in (case, replace(case, statuses=tuple(turned)))
    )
    assert (one.outcome, one.favours) == (other.outcome, other.favours)
    assert sorted(one.missing) == sorted(other.missing)
    # Draws go by place: the rate is the same but for the simulation's noise.
    assert one.error.rate == pytest.approx(other.error.rate, abs=0.03)


def test_a_model_is_named_by_its_versions() -> None:
    named = knowledge().model
    assert set(named) == {"weights", "error_rate", "calibration"}
    assert all(named.values())


@pytest.mark.parametrize("source_record", [a_vehicle, an_account, a_home, a_tax_entry])
def test_a_strangers_record_among_the_replies_changes_no_decision(source_record: object) -> None:
    assert callable(source_record)
    strange: AnyRecord = source_record(subjects=(stranger(),))
    plain = told(*wages("500.00")).conclusion()
    beside = told(*wages("500.00"), strange).conclusion()
    assert beside.decisions == plain.decisions
    assert beside.profile == plain.profile
    assert [row.link for row in beside.evidence].count(Link.REFUSED) == 1


@pytest.mark.parametrize(
    ("region", "programme", "standard"),
    [
        (REGION, "urban_dibao", "urban_dibao@2026-01-01/220102"),
        (COUNTRY, "rural_dibao", "rural_dibao@2026-01-01/220102"),
    ],
)
def test_the_standard_is_the_one_in_force_in_the_region(
    region: str, programme: str, standard: str
) -> None:
    request = a_request(region=region, programmes=(programme,))
    assert Told(request=request).decision().standard == standard


@pytest.mark.parametrize(
    ("region", "programme", "outcome"),
    [
        (REGION, "urban_dibao", Outcome.CONFIRMED),
        (COUNTRY, "rural_dibao", Outcome.NOT_CONFIRMED),
    ],
)
def test_town_and_country_have_standards_of_their_own(
    region: str, programme: str, outcome: Outcome
) -> None:
    request = a_request(region=region, programmes=(programme,))
    assert told(*wages("600.00"), request=request).decision().outcome is outcome


@pytest.mark.parametrize(("as_of", "limit"), [("2025-12-31", "371.24"), ("2026-01-01", "760.00")])
def test_scene_10_each_year_is_judged_by_its_own_rules(as_of: str, limit: str) -> None:
    request = a_request(as_of=date.fromisoformat(as_of))
    decision = Told(request=request).decision()
    assert str(decision.tests[0].limit) == limit
    assert decision == Told(request=request).decision()


# One programme resting on another


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (wages("500.00"), Outcome.CONFIRMED),  # dibao itself
        (wages("1000.00"), Outcome.CONFIRMED),  # at its edge
        (wages("9000.00"), Outcome.NOT_CONFIRMED),
    ],
)
def test_a_category_held_is_enough(records: list[AnyRecord], expected: Outcome) -> None:
    request = a_request(programmes=("medical_relief",))
    assert told(*records, request=request).decision().outcome is expected


def test_a_category_in_doubt_leaves_the_programme_open() -> None:
    case = Told(request=a_request(programmes=("medical_relief",)), failed=[("m1", "tax")])
    decision = case.decision()
    assert decision.outcome is Outcome.UNDETERMINED
    assert decision.missing


# Review


def test_a_reviewers_word_settles_what_was_open() -> None:
    case = told(a_vehicle(subjects=(subject(name="赵四海"),)))
    open_ = case.conclusion()
    assert open_.needs_review
    (row,) = [one for one in open_.evidence if one.link is Link.IN_REVIEW]
    for same, outcome in ((True, Outcome.NOT_CONFIRMED), (False, Outcome.CONFIRMED)):
        settled = replace(case, judgements={record_key(row): (same, "u_17")}).conclusion()
        assert not settled.needs_review
        assert settled.decisions[0].outcome is outcome


def test_a_doubt_that_changes_nothing_needs_nobody() -> None:
    """A second car cannot make the first one go away."""
    doubtful = a_vehicle(plate="吉A00001", subjects=(subject(name="赵四海"),))
    conclusion = told(a_vehicle(), doubtful).conclusion()
    assert conclusion.decisions[0].outcome is Outcome.NOT_CONFIRMED
    assert not conclusion.needs_review


def test_scene_3_an_old_house_record_under_the_short_number_is_the_persons() -> None:
    name, id_number = PEOPLE["m1"]
    short = id_number[:6] + id_number[8:17]
    old = a_home(unit=None, subjects=(replace(subject(), name=name, id_number=short),))
    assert told(old).conclusion().profile.totals.homes == Interval.exactly(1)


def test_scene_4_a_death_in_doubt_holds_and_a_word_clears_it() -> None:
    """Right number, another name and birth: nobody is stopped, and nobody confirmed, by it."""
    about = subject(name="赵四海", birth_date=date(1971, 2, 14))
    death = a_registered_person("m1", dead=True, subjects=(about,))
    living = a_registered_person("m1")
    case = Told(registered={"m1": [living, death]})
    held = case.conclusion()
    assert held.decisions[0].outcome is Outcome.UNDETERMINED
    (row,) = [one for one in held.evidence if one.link is Link.IN_REVIEW]
    cleared = replace(case, judgements={record_key(row): (False, "u_17")})
    assert outcomes(cleared) == {"urban_dibao": Outcome.CONFIRMED}


def test_another_case_of_the_same_persons_is_a_finding() -> None:
    profile = Told(other_cases=("220102-2026-000777",)).conclusion().profile
    assert [one.code for one in profile.findings] == [FindingCode.DUPLICATE_RELIEF]


def test_a_supporters_assets_and_identity_do_not_decide() -> None:
    request = a_request(a_member("m1"), a_supporter())
    car = a_vehicle(subjects=(subject("s1"),))
    case = Told(request=request, records={"s1": [car]}, failed=[("s1", "household_registry")])
    assert outcomes(case) == {"urban_dibao": Outcome.CONFIRMED}


# In the interface's words


def test_documents_hold_money_as_text_and_unknowns_as_intervals() -> None:
    conclusion = rich().conclusion()
    profile = profile_document(conclusion.profile)
    assert profile["totals"]["financial_assets"] == {"min": "2100.00", "max": "22100.00"}
    assert profile["totals"]["household_size"] == 2
    assert profile["totals"]["monthly_income_per_person"] == "850.00"
    assert profile["income"][0]["from"] == "2025-11-01"
    assert profile["income"][0]["to"] == "2026-10-31"
    decision = decision_document(conclusion.decisions[0])
    assert decision["tests"][0]["passed"] is False
    assert "favours" not in decision
    limit = next(row for row in conclusion.evidence if row.id == "ev_bank_m1_psbc_1")
    assert evidence_document(limit)["institution"] == "psbc"


def test_an_open_decision_tells_what_it_favours_and_what_is_missing() -> None:
    document = decision_document(told(failed=[("m1", "tax")]).decision())
    assert document["outcome"] == "undetermined"
    assert document["favours"] == "confirmed"
    assert document["missing"] == ["source:tax:m1"]
    assert document["tests"][0]["value"] == {"min": "0.00", "max": None}
    assert document["tests"][0]["passed"] is None


# By the contract of sources


async def permit() -> None:
    """Everything is covered."""


def query(sequence: int) -> SourceQuery:
    name, id_number = PEOPLE["m1"]
    return SourceQuery(
        reference=f"q_{sequence}",
        sequence=sequence,
        region=REGION,
        persons=(AskedPerson("m1", name, IdType.RESIDENT_ID, id_number),),
        window=Months(WINDOW[0], date(2026, 10, 31)),
        as_of=AS_OF,
        sent_on=AS_OF,
    )


async def asked(source: FakeSource, sequence: int, clock: FixedClock) -> list[Reply]:
    """The replies of a source about m1, as they are read from where they were stored."""
    progress = await source.ask(query(sequence), permit)
    if progress.ticket is not None:
        progress = await source.collect(progress.ticket, query(sequence), permit)
    stored = [
        to_stored(one, where=("vf_1", REGION), source=source.name, now=clock())
        for one in progress.replies
    ]
    return [from_stored(row) for row in stored]


async def test_what_sources_say_by_their_contract_is_what_is_decided() -> None:
    """Ten sources asked one by one, their replies stored and read again, and concluded."""
    clock = FixedClock()
    held: dict[str, list[AnyRecord]] = {
        "household_registry": [a_registered_person("m1")],
        "social_insurance": [
            a_benefit(BenefitKind.OLD_AGE_PENSION, "700.00", month) for month in WINDOW
        ],
        "bank": [an_account("800.00")],
    }
    planned = {one.source: one for one in plan(a_request(), SOURCES, NEEDS)}
    replies: list[Reply] = []
    statuses = []
    for sequence, name in enumerate(SOURCES, 1):
        outcome = Found(tuple(held[name])) if name in held else NoRecord()
        source = FakeSource(name, {"m1": outcome}, answers_later=name in ("bank", "securities"))
        some = await asked(source, sequence, clock)
        replies += some
        statuses.append(status_of(planned[name], some, source.institutions))
    case = Case(
        id="vf_1",
        request=a_request(),
        replies=replies,
        statuses=tuple(statuses),
        judgements={},
    )
    (decision,) = conclude(case, knowledge()).decisions
    assert decision.outcome is Outcome.CONFIRMED
    assert decision.benefit == {"monthly_gap": "60.00"}


def test_a_reply_that_is_missing_altogether_is_not_nothing() -> None:
    case = told().case()
    without_tax = [one for one in case.replies if one.source != "tax"]
    statuses = tuple(
        replace(one, complete=False) if one.source == "tax" else one for one in case.statuses
    )
    open_ = conclude(replace(case, replies=without_tax, statuses=statuses), knowledge())
    assert open_.decisions[0].outcome is Outcome.UNDETERMINED
    nothing = a_reply("tax", "m1", NoRecord())
    known = conclude(replace(case, replies=[*without_tax, nothing]), knowledge())
    assert known.decisions[0].outcome is Outcome.CONFIRMED
    assert known.evidence[0].answered_at == NOON
