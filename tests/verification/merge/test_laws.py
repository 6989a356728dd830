"""Laws of merging: order and repetition change nothing, less knowledge never says more."""

import os
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.decision import Outcome
from app.domain.evidence import Evidence, Link, SourceState
from app.domain.interval import Interval
from app.domain.money import round_yuan
from app.domain.profile import Profile, Totals
from app.programmes.conditions import evaluate, outcome_of
from app.verification.merge.profile import merge
from app.verification.merge.records import Material
from app.verification.plan import SOURCES
from connectors.records import (
    AnyRecord,
    BankAccountKind,
    BenefitKind,
    EnterpriseState,
    IncomeItem,
    VehicleState,
)
from tests.builders import (
    REGION,
    SOURCE_OF,
    a_material,
    a_member,
    a_request,
    a_supporter,
    accepted,
    shipped,
)
from tests.records import (
    AS_OF,
    OTHER_WORKS,
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
    a_shareholding,
    a_tax_entry,
    a_vehicle,
    a_vessel,
    an_account,
    stranger,
)

CASES: Final = 10_000 if os.environ.get("HEDUI_CASES") == "full" else 60
Counts = Callable[[str, object], None]
"""Each example counts itself as a case."""
LAWS: Final = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
REQUEST: Final = a_request(a_member("m1"), a_member("m2"), a_supporter("s1"))
PERSONS: Final = ("m1", "m2", "s1")
Rows = tuple[Evidence[AnyRecord], ...]

yuan = st.decimals(min_value=0, max_value=20000, places=2)
months = st.sampled_from([date(2025, 10, 1), *WINDOW, date(2026, 11, 1)])
works = st.sampled_from([WORKS, OTHER_WORKS])


@st.composite
def tax_entries(draw: st.DrawFn) -> AnyRecord:
    payer = draw(works)
    return a_tax_entry(
        str(draw(yuan)),
        draw(months),
        item=draw(st.sampled_from(IncomeItem)),
        tax=draw(st.sampled_from([Decimal(0), Decimal("12.50")])),
        payer=payer[0],
        payer_code=payer[1],
    )


@st.composite
def contributions(draw: st.DrawFn) -> AnyRecord:
    employer = draw(works)
    own = draw(st.sampled_from(["0", "20.00"]))
    base = str(draw(st.sampled_from(["3600.00", "4200.00", "18000.00"])))
    return a_contribution(base, draw(months), own, employer=employer[0], employer_code=employer[1])


@st.composite
def fund_accounts(draw: st.DrawFn) -> AnyRecord:
    employer = draw(works)
    return a_fund_account(
        str(draw(yuan)),
        account=str(draw(st.integers(1, 3))),
        employer=employer[0],
        employer_code=employer[1],
        monthly=Decimal(draw(st.sampled_from(["0", "300.00", "864.00"]))),
        balance=draw(yuan),
        last_month=draw(months),
    )


@st.composite
def homes(draw: st.DrawFn) -> AnyRecord:
    place = draw(st.integers(1, 3))
    old = draw(st.booleans())
    return a_home(
        unit=None if old else f"220102003041GB00012F0003000{place}",
        certificate=f"长房权证南字第0000{place}号" if old else f"第000{place}号",
        address=f"长春市南关区民康街道平阳街12号3栋2单元50{place}室",
        in_force=draw(st.sampled_from([True, True, False])),
    )


def sampled_records() -> st.SearchStrategy[AnyRecord]:
    """Records of all kinds, some of which tell of one thing."""
    numbers = st.integers(1, 3).map(str)
    return st.one_of(
        tax_entries(),
        contributions(),
        fund_accounts(),
        homes(),
        st.builds(
            lambda kind, amount, month: a_benefit(kind, str(amount), month),
            st.sampled_from(BenefitKind),
            yuan,
            months,
        ),
        st.builds(
            lambda number, kind, balance: an_account(str(balance), account=number, kind=kind),
            numbers,
            st.sampled_from(BankAccountKind),
            yuan,
        ),
        st.builds(lambda over: a_limit(over=over), st.booleans()),
        st.builds(
            lambda number, value: a_holding(str(value), "10.00", account=number), numbers, yuan
        ),
        st.builds(
            lambda number, value: a_policy(str(value), number=number, annuity_received=value),
            numbers,
            yuan,
        ),
        st.builds(
            lambda plate, state: a_vehicle(plate=plate, state=state),
            numbers,
            st.sampled_from(VehicleState),
        ),
        st.builds(lambda number: a_vessel(number=number), numbers),
        st.builds(
            lambda code, state: a_business_interest(enterprise_code=code, state=state),
            numbers,
            st.sampled_from(EnterpriseState),
        ),
        st.builds(
            lambda code, value: a_shareholding(str(value), enterprise_code=code), numbers, yuan
        ),
    )


@st.composite
def evidence(draw: st.DrawFn) -> Rows:
    pairs = draw(st.lists(st.tuples(st.sampled_from(PERSONS), sampled_records()), max_size=14))
    links = draw(st.lists(st.sampled_from([Link.ACCEPTED] * 4 + [Link.IN_REVIEW]), min_size=14))
    return tuple(
        accepted(record, person, link=link, id=f"ev_{place}")
        for place, ((person, record), link) in enumerate(zip(pairs, links, strict=False))
    )


def only_accepted(rows: Rows) -> Rows:
    return tuple(replace(row, link=Link.ACCEPTED) for row in rows)


def material_of(rows: Rows, failed: tuple[tuple[str, str], ...] = ()) -> Material:
    return a_material(*rows, request=REQUEST, failed=failed, imputed_sole_trader_monthly=Decimal(9))


def outcomes(profile: Profile) -> tuple[Outcome, ...]:
    found = []
    for programme in ("urban_dibao", "dibao_edge", "temporary_relief"):
        standard = shipped().in_force(programme, REGION, AS_OF)
        found.append(outcome_of(evaluate(standard, profile.totals, {})[1]))
    return tuple(found)


def codes(profile: Profile) -> list[tuple[str, str | None, str | None, str | None]]:
    return sorted(
        (one.code.value, one.person, one.declared, one.verified) for one in profile.findings
    )


def holds_all_of(wide: Totals, narrow: Totals) -> list[str]:
    """The totals of which `wide` leaves out something that is possible by `narrow`."""
    return [
        one.name
        for one in fields(Totals)
        if not _within(getattr(narrow, one.name), getattr(wide, one.name))
    ]


def _within(narrow: Interval, wide: Interval) -> bool:
    above = wide.high is None or (narrow.high is not None and narrow.high <= wide.high)
    return wide.low <= narrow.low and above


@LAWS
@given(evidence(), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(rows: Rows, random: Random) -> None:
    turned = list(rows)
    random.shuffle(turned)
    first, second = merge(material_of(rows)), merge(material_of(tuple(turned)))
    assert first.totals == second.totals
    assert codes(first) == codes(second)


@pytest.mark.promise(2)
@LAWS
@given(evidence())
def test_what_is_one_thing_counts_once_however_often_it_came(
    record_property: Counts, rows: Rows
) -> None:
    """Entries of tax and insurance add up by nature; their repeats are taken out at the source.

    Planted: `once` took each record for a thing by itself: the totals differed.
    """
    record_property("cases", 1)
    again = tuple(
        replace(row, id=f"{row.id}b")
        for row in rows
        if row.source not in ("tax", "social_insurance", "securities")
    )
    once, twice = merge(material_of(rows)), merge(material_of((*rows, *again)))
    assert once.totals == twice.totals


@pytest.mark.promise(2)
@LAWS
@given(evidence(), st.lists(st.tuples(st.sampled_from(PERSONS), sampled_records()), max_size=6))
def test_a_strangers_records_change_nothing(
    record_property: Counts, rows: Rows, strange: list[tuple[str, AnyRecord]]
) -> None:
    """Records that were refused are not there, whatever they say.

    Planted: `Material.accepted` held refused records as well: the profiles differed.
    """
    record_property("cases", 1)
    others = tuple(
        accepted(replace(record, subjects=(stranger(),)), person, link=Link.REFUSED)
        for person, record in strange
    )
    assert merge(material_of((*others, *rows))) == merge(material_of(rows))


failures = st.sets(
    st.tuples(st.sampled_from(PERSONS), st.sampled_from(SOURCES)), min_size=1, max_size=3
)


@LAWS
@given(evidence(), failures, st.randoms(use_true_random=False))
def test_less_knowledge_never_says_more(
    rows: Rows, failed: set[tuple[str, str]], random: Random
) -> None:
    """A source fails and some of its records are missing: all that was possible still is.

    The registry is left out: that a member of whom it tells nothing is dead, is left to the error
    rate (nobody is confirmed on it; see the law below).
    """
    whole = only_accepted(rows)
    gone = {pair for pair in failed if pair[1] != "household_registry"}
    left = tuple(row for row in whole if (row.person, row.source) not in gone or _kept(row, random))
    known = merge(material_of(whole))
    unknown = merge(material_of(left, tuple(sorted(gone))))
    assert holds_all_of(unknown.totals, known.totals) == []


def _kept(row: Evidence[AnyRecord], random: Random) -> bool:
    """Of a failed source some records came all the same; what can be the newest came whole."""
    apart = row.source in ("tax", "social_insurance", "vehicle", "business_registration")
    return apart and random.random() < 0.5


@LAWS
@given(evidence(), failures)
def test_a_failure_makes_nothing_of_what_was_open_or_refused_confirmed(
    rows: Rows, failed: set[tuple[str, str]]
) -> None:
    whole = only_accepted(rows)
    known = outcomes(merge(material_of(whole)))
    left = tuple(row for row in whole if (row.person, row.source) not in failed)
    unknown = outcomes(merge(material_of(left, tuple(sorted(failed)))))
    for before, after in zip(known, unknown, strict=True):
        assert after is before or after is Outcome.UNDETERMINED
        assert before is Outcome.CONFIRMED or after is not Outcome.CONFIRMED


@LAWS
@given(evidence())
def test_records_in_review_only_widen(rows: Rows) -> None:
    decided = tuple(row for row in rows if row.link is Link.ACCEPTED)
    totals = merge(material_of(rows)).totals
    assert holds_all_of(totals, merge(material_of(decided)).totals) == []
    assert holds_all_of(totals, merge(material_of(only_accepted(rows))).totals) == []


@LAWS
@given(evidence())
def test_money_is_whole_cents_and_never_negative(rows: Rows) -> None:
    profile = merge(material_of(rows))
    for name in ("monthly_income", "monthly_income_per_person", "financial_assets", "floor_area"):
        value = profile.totals.value(name)
        assert value.low == round_yuan(value.low) >= 0
        assert value.high is None or value.high == round_yuan(value.high)
    assert all(isinstance(line.total.low, Decimal) for line in profile.income)


@LAWS
@given(evidence())
def test_the_same_evidence_gives_the_same_profile(rows: Rows) -> None:
    assert merge(material_of(rows)) == merge(material_of(rows))


@pytest.mark.parametrize("state", [SourceState.PENDING, SourceState.NOT_ASKED])
def test_a_source_without_an_answer_is_as_open_as_a_failed_one(state: SourceState) -> None:
    for source in SOURCES:
        failed = material_of((), (("m1", source),))
        statuses = tuple(
            replace(one, state=state) if not one.complete else one for one in failed.statuses
        )
        assert merge(replace(failed, statuses=statuses)).totals == merge(failed).totals


def test_every_kind_of_record_has_its_source() -> None:
    assert set(SOURCE_OF.values()) <= set(SOURCES)
