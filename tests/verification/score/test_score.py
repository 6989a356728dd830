"""A profile's likely totals and all that is uncertain about them, put together."""

from dataclasses import replace
from typing import Any, Final

import pytest

from app.domain.decision import Cause
from app.domain.evidence import Evidence, Link
from app.domain.profile import FEEDS
from app.error_rate.variables import Presence, Spread
from app.verification.plan import SOURCES
from app.verification.score.known import SCORED, Difference
from app.verification.score.score import groups, score
from connectors.records import AnyRecord, Subject
from tests.builders import a_member, a_request, a_supporter, accepted, in_review, refused
from tests.concluding import Told, told
from tests.records import (
    WINDOW,
    a_business_interest,
    a_home,
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    an_account,
    stranger,
    subject,
)
from tests.verification.score.knowing import (
    FAILED,
    NOT_CONNECTED,
    UNSIGNED,
    actions_of,
    causes_of,
    chance_of,
    effects_of,
    known_of,
    moving,
    scored_of,
)

DOUBTFUL: Final = (subject(name="赵四海"),)
"""Right number, another name: a person must say whose it is."""


# What stands or falls together


def account(id_: str, probability: float = 0.99, **changes: Any) -> Evidence[AnyRecord]:
    return accepted(an_account(), id=id_, probability=probability, **changes)


def test_records_under_one_name_and_number_stand_together() -> None:
    rows = [account("a"), account("b"), account("c", subject=0, source="insurance")]
    assert list(groups(rows, Link.ACCEPTED)) == [{"a", "b"}, {"c"}]


@pytest.mark.parametrize(
    "apart",
    [
        accepted(an_account(), "m2", id="b", probability=0.99),
        accepted(an_account(subjects=(subject(name="李眀"),)), id="b", probability=0.99),
        accepted(an_account(subjects=(stranger(),)), id="b", probability=0.99),
        accepted(an_account(), id="b", probability=0.99, source="insurance"),
    ],
    ids=["person", "name", "number", "source"],
)
def test_records_of_another_name_number_person_or_source_stand_apart(
    apart: Evidence[AnyRecord],
) -> None:
    assert len(list(groups([account("a"), apart], Link.ACCEPTED))) == 2


def test_the_co_owner_that_the_person_is_names_the_group() -> None:
    home = a_home("m1", "m2")
    rows = [
        in_review(home, id="a", subject=0),
        in_review(home, id="b", subject=1),
        in_review(a_home("m2"), id="c"),
    ]
    assert list(groups(rows, Link.IN_REVIEW)) == [{"a"}, {"b", "c"}]


def test_what_is_certain_is_no_doubt_and_each_link_is_asked_for_apart() -> None:
    rows = [
        account("sure", 0.9999999),
        account("doubtful", 0.97),
        in_review(an_account(), id="review", probability=1.0),
        refused(an_account(), id="refused"),
    ]
    assert list(groups(rows, Link.ACCEPTED)) == [{"doubtful"}]
    assert list(groups(rows, Link.IN_REVIEW)) == [{"review"}]


# Put together


@pytest.mark.parametrize(
    ("refs", "dead", "size"),
    [(("m1",), (), 1), (("m1", "m2", "m3"), ("m3",), 2), (("m1",), ("m1",), 1)],
)
def test_the_size_is_that_of_who_counts_and_never_nothing(
    refs: tuple[str, ...], dead: tuple[str, ...], size: int
) -> None:
    rows = [accepted(a_registered_person(ref, dead=True), ref) for ref in dead]
    known = known_of(*rows, request=a_request(*map(a_member, refs)))
    assert score(known).size == size


def test_all_kinds_of_doubt_are_there() -> None:
    wages = [a_tax_entry("900.00", month) for month in WINDOW]
    difference = Difference(
        evidence=("ev_1",), probability=0.5, counted=False, totals=dict.fromkeys(SCORED, 1.0)
    )
    states = {("m1", "bank"): FAILED, ("m1", "property"): UNSIGNED}
    known = known_of(*wages, states=states, differences=[difference])
    scored = score(known)
    assert scored.base == known.base
    assert causes_of(scored.variables) == {
        Cause.IDENTITY, Cause.AMOUNT, Cause.SOURCE_GAP, Cause.CONSENT_GAP, Cause.COMPOSITION
    }  # fmt: skip
    assert actions_of(scored.variables) == {
        "review:ev_1", "source:bank:m1", "household:consent:m1", "household:members"
    }  # fmt: skip


# In the flow: records in review


@pytest.mark.parametrize(
    ("doubtful", "total", "amount"),
    [
        (a_vehicle(subjects=DOUBTFUL), "vehicles", 1.0),
        (a_home(subjects=DOUBTFUL), "homes", 1.0),
        (an_account("900.00", subjects=DOUBTFUL), "financial_assets", 900.0),
        (a_tax_entry("1200.00", subjects=DOUBTFUL), "monthly_income", 100.0),
    ],
)
def test_a_record_in_review_counts_once(doubtful: AnyRecord, total: str, amount: float) -> None:
    """In the base not at all; as one thing that may be there; never as a spread besides."""
    beside, plain = scored_of(told(doubtful)), scored_of(told())
    assert beside.base == plain.base
    (one,) = (one for one in beside.variables if one.cause is Cause.IDENTITY)
    assert isinstance(one, Presence)
    assert one.effects[total] == pytest.approx(amount)
    assert not one.counted
    assert one.action.startswith("review:ev_")
    rest = [one for one in beside.variables if one.cause is not Cause.IDENTITY]
    assert sum(map(chance_of, moving(rest, total))) == pytest.approx(
        sum(map(chance_of, moving(plain.variables, total)))
    )
    assert not any(isinstance(one, Spread) for one in rest)


def test_a_correction_in_review_takes_back_from_what_is_settled() -> None:
    wages = [a_tax_entry("1200.00", month) for month in WINDOW]
    back = a_tax_entry("-1200.00", WINDOW[0], correction=True, subjects=DOUBTFUL)
    scored = scored_of(told(*wages, back))
    assert scored.base["monthly_income"] == 1200.0
    (one,) = (one for one in scored.variables if one.cause is Cause.IDENTITY)
    assert effects_of(one) == pytest.approx({"monthly_income": -100.0})


@pytest.mark.parametrize("name", ["homes", "vehicles", "vessels", "businesses"])
def test_counts_have_no_spread(name: str) -> None:
    records: list[AnyRecord] = [
        a_vehicle(subjects=DOUBTFUL),
        a_home(use=None),
        a_home(unit="220102003041GB00012F00030099"),
        a_business_interest(state=None),
        an_account(),
    ]
    found = moving(scored_of(told(*records)).variables, name)
    assert not any(isinstance(one, Spread) for one in found)


def test_a_reviewers_word_turns_the_doubt_into_the_base() -> None:
    case = told(a_vehicle(subjects=DOUBTFUL))
    (row,) = [one for one in case.conclusion().evidence if one.link is Link.IN_REVIEW]
    for same, vehicles in ((True, 1.0), (False, 0.0)):
        judged = replace(case, judgements={f"{row.id}/{row.raw_digest}": (same, "u_17")})
        scored = scored_of(judged)
        assert scored.base["vehicles"] == vehicles
        assert Cause.IDENTITY not in causes_of(scored.variables)


def test_two_doubtful_records_of_one_identity_are_one_doubt() -> None:
    two = [
        an_account("900.00", subjects=DOUBTFUL),
        an_account("100.00", account="2", subjects=DOUBTFUL),
    ]
    found = [one for one in scored_of(told(*two)).variables if one.cause is Cause.IDENTITY]
    assert [effects_of(one) for one in found] == [{"financial_assets": 1000.0}]


def test_records_of_one_rare_name_share_the_chance_of_being_the_persons() -> None:
    """Nothing but the name speaks for either, and they are two people's."""
    request = a_request(a_member("m1", name="欧阳䶮"))
    registered = {"m1": [a_registered_person("m1", subjects=(subject(name="欧阳䶮"),))]}
    accounts = [
        an_account("900.00", account=number, subjects=(Subject(name="欧阳䶮", id_number=number),))
        for number in ("2.29901E+17", None)
    ]
    alone = [
        one
        for account in accounts
        for one in scored_of(told(account, request=request, registered=registered)).variables
        if one.cause is Cause.IDENTITY
    ]
    both = scored_of(told(*accounts, request=request, registered=registered)).variables
    together = [one for one in both if one.cause is Cause.IDENTITY]
    assert len(together) == len(alone) == 2
    assert sum(map(chance_of, together)) < 1.0
    for one, other in zip(together, alone, strict=True):
        assert chance_of(one) < chance_of(other)


def test_another_programme_counts_by_its_own_rules_and_has_the_same_doubts() -> None:
    programmes = ("urban_dibao", "legal_aid")
    case = Told(request=a_request(programmes=programmes), failed=[("m1", "bank")])
    one, other = (scored_of(case, programme) for programme in programmes)
    assert one == other


# What would settle a total


def test_what_would_settle_each_total() -> None:
    states = {("m1", "bank"): FAILED, ("m1", "vehicle"): NOT_CONNECTED, ("s1", "tax"): FAILED}
    known = known_of(request=a_request(a_member("m1"), a_supporter("s1")), states=states)
    settles = {name: items for name, items in score(known).open_by_total.items() if items}
    assert settles == {
        "financial_assets": ("source:bank:m1",),
        "vehicles": ("source:vehicle:m1",),
        "vessels": ("source:vehicle:m1",),
        "monthly_income": ("source:tax:s1",),
    }


@pytest.mark.parametrize("source", SOURCES)
def test_a_missing_answer_settles_what_it_feeds(source: str) -> None:
    settles = score(known_of(states={("m1", source): FAILED})).open_by_total
    assert {name for name, items in settles.items() if items} == set(FEEDS[source])
    assert set(settles) == {*SCORED, "household_size"}


@pytest.mark.parametrize("states", [{("s1", "bank"): FAILED}, {("s1", "tax"): UNSIGNED}])
def test_of_a_supporter_only_an_answer_that_can_be_had_and_bears_on_income_settles(
    states: dict[tuple[str, str], Any],
) -> None:
    known = known_of(request=a_request(a_member("m1"), a_supporter("s1")), states=states)
    assert not any(score(known).open_by_total.values())


def test_a_record_in_review_may_settle_every_total_once() -> None:
    row = in_review(a_vehicle(), id="ev_7")
    settles = score(known_of(row)).open_by_total
    assert set(settles.values()) == {("review:ev_7",)}


def test_a_trader_can_declare_the_income() -> None:
    settles = score(known_of(a_business_interest())).open_by_total
    assert settles["monthly_income"] == ("declare:business_income:m1",)
