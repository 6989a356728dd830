"""What sources did not tell: missed, never asked about, begun since, or beyond what they see."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest

from app.domain.decision import Cause
from app.domain.evidence import Evidence
from app.domain.household import Exclusion, IncomeBasis, VerificationRequest
from app.error_rate.variables import Chance, Hidden, Presence
from app.verification.score.gaps import gaps
from app.verification.score.known import Known
from connectors.records import AnyRecord, BenefitKind
from tests.builders import (
    a_member,
    a_request,
    a_supporter,
    accepted,
    declared,
    declared_asset,
    declared_income,
)
from tests.records import (
    WINDOW,
    a_benefit,
    a_contribution,
    a_home,
    a_registered_person,
    a_tax_entry,
    a_vehicle,
    a_vessel,
    an_account,
)
from tests.verification.score.knowing import (
    FAILED,
    NOT_CONNECTED,
    PENDING,
    UNSIGNED,
    Told_,
    actions_of,
    aged,
    causes_of,
    chance_of,
    holding,
    known_of,
    moving,
    priors,
)

Gap = Hidden | Presence
KINDS: Final = [
    (source, kind)
    for source, prior in priors().sources.items()
    for kind in prior.has
    if kind != "second_home"  # only where there is a first
]
COUPLE: Final = a_request(a_member("m1"), a_member("m2"))
UNSEEN: Final = priors().unseen_income.probability


def from_source(known: Known, source: str, kind: str) -> list[Gap]:
    """What may be there besides, of one kind: told by its total, its size and the source's name."""
    wanted = holding(source, kind).hidden(Cause.SOURCE_GAP, Chance(0.5, 1.0))
    names = {f"{kind} in {source}", f"miss_rate of {source}", "declared_held", "declared_unseen"}
    return [
        one for one in gaps(known) if one.probability.shared in names and _alike(one, wanted, known)
    ]


def _alike(one: Gap, wanted: Gap, known: Known) -> bool:
    if isinstance(one, Presence) or isinstance(wanted, Presence):
        return isinstance(one, Presence) and isinstance(wanted, Presence)
    told = [float(item.monthly) for item in known.request.declared.income]
    told += [float(item.value or 0) for item in known.request.declared.assets]
    return one.total == wanted.total and (one.median == wanted.median or one.median in told)


def means(found: list[Gap]) -> list[float]:
    return [one.probability.mean for one in found]


def wages(gross: str = "3000.00") -> list[AnyRecord]:
    return [a_tax_entry(gross, month) for month in WINDOW]


def insured(base: str = "3800.00") -> list[AnyRecord]:
    return [a_contribution(base, month) for month in WINDOW]


# An answer that is missing, and one that is whole


@pytest.mark.parametrize(("source", "kind"), KINDS)
@pytest.mark.parametrize("state", [FAILED, PENDING])
def test_what_a_missing_answer_would_tell_and_what_it_would_miss(
    source: str, kind: str, state: dict[str, Any]
) -> None:
    had, miss = holding(source, kind).probability.mean, priors().sources[source].miss_rate.mean
    telling, *missed = from_source(known_of(states={("m1", source): state}), source, kind)
    assert telling.action == f"source:{source}:m1"
    assert telling.probability.mean == pytest.approx(had * (1 - miss))
    # A chance of next to nothing is left out.
    assert sum(means(missed)) == pytest.approx(had * miss, abs=1e-5)
    assert actions_of(missed) == set()
    assert causes_of([telling, *missed]) == {Cause.SOURCE_GAP}


@pytest.mark.parametrize(("source", "kind"), KINDS)
def test_what_a_whole_answer_missed_follows_by_bayes(source: str, kind: str) -> None:
    had, miss = holding(source, kind).probability.mean, priors().sources[source].miss_rate.mean
    (one,) = from_source(known_of(), source, kind)
    assert one.probability.mean == pytest.approx(had * miss / (1 - had + had * miss))
    assert (one.cause, one.action) == (Cause.SOURCE_GAP, "")


def test_of_whole_answers_nothing_can_be_asked_again() -> None:
    everything = [*wages(), *insured(), a_home(), a_vehicle(), an_account()]
    for known in (known_of(), known_of(*everything), known_of(request=COUPLE)):
        found = list(gaps(known))
        assert found
        assert actions_of(found) == set()
        assert causes_of(found) == {Cause.SOURCE_GAP}


@pytest.mark.parametrize(
    ("source", "kind", "record"),
    [
        ("bank", "deposits", an_account()),
        ("vehicle", "car", a_vehicle()),
        ("vehicle", "vessel", a_vessel()),
        ("tax", "wage", a_tax_entry()),
    ],
)
def test_who_was_found_to_have_one_hardly_has_another(
    source: str, kind: str, record: AnyRecord
) -> None:
    had, another = holding(source, kind).probability.mean, priors().another.mean
    miss, more = priors().sources[source].miss_rate.mean, priors().more_where_open.mean
    whole = from_source(known_of(record), source, kind)
    assert sum(means(whole)) == pytest.approx(had * another * miss, abs=1e-5)
    partial = from_source(known_of(record, states={("m1", source): FAILED}), source, kind)
    assert sum(means(partial)) == pytest.approx(had * more, abs=1e-5)


@pytest.mark.parametrize("source", ["bank", "tax", "property"])
def test_who_did_not_sign_can_be_asked_to(source: str) -> None:
    known = known_of(states={("m1", source): UNSIGNED})
    found = [one for one in gaps(known) if one.cause is Cause.CONSENT_GAP]
    assert actions_of(found) == {"household:consent:m1"}
    assert actions_of(gaps(known)) == {"household:consent:m1"}
    failed = known_of(states={("m1", source): FAILED})
    assert means(list(gaps(known))) == means(list(gaps(failed)))


def test_of_a_source_without_a_connection_nothing_can_be_asked() -> None:
    known = known_of(states={("m1", "bank"): NOT_CONNECTED})
    assert actions_of(gaps(known)) == set()
    failed = known_of(states={("m1", "bank"): FAILED})
    assert means(from_source(known, "bank", "deposits")) == means(
        from_source(failed, "bank", "deposits")
    )


def test_only_grown_up_members_who_count_have_things_of_their_own() -> None:
    request = a_request(
        a_member("m1"), a_member("m2", excluded=Exclusion.CONSCRIPT), a_member("m3"), a_member("m4")
    )
    dead = accepted(a_registered_person("m4", dead=True), "m4")
    states: Told_ = {(ref, "bank"): FAILED for ref in ("m1", "m2", "m3", "m4")}
    known = known_of(dead, request=request, states=states)
    assert actions_of(gaps(known)) == {"source:bank:m1"}
    unseen = [one for one in gaps(known) if one.probability == UNSEEN]
    assert len(unseen) == 1


def test_every_grown_up_member_may_earn_what_nobody_shows() -> None:
    unseen = [one for one in gaps(known_of(request=COUPLE)) if one.probability == UNSEEN]
    assert len(unseen) == 2
    assert {(one.cause, one.action) for one in unseen} == {(Cause.SOURCE_GAP, "")}


def test_a_source_that_no_prior_knows_is_left_out() -> None:
    known = known_of()
    strange = replace(known.statuses[0], source="funerals", complete=False)
    more = replace(known, statuses=(*known.statuses, strange))
    assert list(gaps(more)) == list(gaps(known))


# What is declared

HELD: Final = priors().declared_held.mean
HIDES: Final = priors().undeclared_share.mean


@pytest.mark.parametrize(
    ("source", "kind", "what", "amount"),
    [
        ("tax", "wage", declared_income("1200.00"), 1200.0),
        ("tax", "property_income", declared_income("150.00", "property"), 150.0),
        ("social_insurance", "pension", declared_income("640.00", "transfer"), 640.0),
        ("bank", "deposits", declared_asset("deposit", "5200.00"), 5200.0),
        ("insurance", "cash_value", declared_asset("insurance", "8100.00"), 8100.0),
        ("securities", "holdings", declared_asset("security", "2500.00"), 2500.0),
        ("business_registration", "enterprise", declared_asset("business", "30000.00"), 30000.0),
        ("housing_fund", "account", declared_asset("housing_fund", "9000.00"), 9000.0),
    ],
)
def test_what_is_declared_is_there_about_as_declared_or_only_a_part_of_it(
    source: str, kind: str, what: Any, amount: float
) -> None:
    known = known_of(request=a_request(declared=declared(what)), states={("m1", source): FAILED})
    found = from_source(known, source, kind)
    assert sum(means(found)) == pytest.approx(HELD)
    sized = [one for one in found if isinstance(one, Hidden) and one.median == amount]
    assert sum(means(list(sized))) == pytest.approx(HELD * (1 - HIDES))
    assert {one.sigma for one in sized} == {priors().declared_sigma}
    usual = [one for one in found if one not in sized]
    assert {one.median for one in usual if isinstance(one, Hidden)} == {
        holding(source, kind).median
    }


@pytest.mark.parametrize(
    ("source", "kind", "asset"),
    [
        ("vehicle", "car", "vehicle"),
        ("vehicle", "vessel", "vessel"),
        ("property", "first_home", "home"),
        ("bank", "deposits", "deposit"),
    ],
)
def test_what_is_declared_without_a_value_is_there_in_the_usual_size(
    source: str, kind: str, asset: str
) -> None:
    request = a_request(declared=declared(declared_asset(asset)))
    found = from_source(known_of(request=request, states={("m1", source): FAILED}), source, kind)
    miss = priors().sources[source].miss_rate.mean
    assert means(found) == pytest.approx([HELD * (1 - miss), HELD * miss])


def test_who_declares_other_things_has_less_of_what_is_left_out() -> None:
    silent = known_of(states={("m1", "bank"): FAILED})
    request = a_request(declared=declared(declared_asset("vehicle")))
    telling = known_of(request=request, states={("m1", "bank"): FAILED})
    had = holding("bank", "deposits").probability.mean
    assert sum(means(from_source(silent, "bank", "deposits"))) == pytest.approx(had)
    expected = had * HIDES / (1 - had + had * HIDES)
    assert sum(means(from_source(telling, "bank", "deposits"))) == pytest.approx(expected)


def test_an_income_of_nothing_is_no_income_declared() -> None:
    request = a_request(declared=declared(declared_income("0.00")))
    found = from_source(known_of(request=request, states={("m1", "tax"): FAILED}), "tax", "wage")
    assert sum(means(found)) < holding("tax", "wage").probability.mean


@pytest.mark.parametrize(
    ("source", "kind", "amount"), [("tax", "wage", 900.0), ("social_insurance", "transfer", 640.0)]
)
def test_an_income_declared_that_whole_answers_lack_is_probably_there(
    source: str, kind: str, amount: float
) -> None:
    request = a_request(declared=declared(declared_income(f"{amount}", kind)))
    found = [one for one in gaps(known_of(request=request)) if one.action]
    (one,) = found
    assert isinstance(one, Hidden)
    assert one.probability == priors().declared_unseen
    assert (one.median, one.sigma) == (amount, priors().declared_sigma)
    assert one.action == "household:income_proof:m1"


@pytest.mark.parametrize(
    "record",
    [a_tax_entry("500.00"), a_contribution("3800.00")],
    ids=["of the tax office", "a base"],
)
def test_an_income_declared_stands_in_its_line_where_there_is_one(record: AnyRecord) -> None:
    request = a_request(declared=declared(declared_income("900.00")))
    known = known_of(record, request=request)
    assert all(one.probability != priors().declared_unseen for one in gaps(known))
    assert actions_of(gaps(known)) == set()


@pytest.mark.parametrize(
    ("beside", "record"),
    [
        (declared_income("200.00", basis=IncomeBasis.ODD_JOBS.value), None),
        (None, a_tax_entry("90.00", item=None)),
    ],
    ids=["odd jobs declared", "another entry at the tax office"],
)
def test_what_is_no_wage_that_a_source_shows_does_not_stand_for_the_declared_one(
    beside: Any, record: AnyRecord | None
) -> None:
    told = [declared_income("900.00"), *([] if beside is None else [beside])]
    rows = [] if record is None else [record]
    known = known_of(*rows, request=a_request(declared=declared(*told)))
    assert priors().declared_unseen in [one.probability for one in gaps(known)]


def test_what_came_of_another_kind_does_not_stand_for_what_is_declared() -> None:
    """A car came from the register before it failed; the vessel that is declared may be there."""
    request = a_request(declared=declared(declared_asset("vessel")))
    known = known_of(a_vehicle(), request=request, states={("m1", "vehicle"): FAILED})
    assert sum(map(chance_of, moving(gaps(known), "vessels"))) == pytest.approx(HELD)
    had = holding("vehicle", "car").probability.mean * priors().more_where_open.mean
    assert sum(map(chance_of, moving(gaps(known), "vehicles"))) == pytest.approx(had)


@pytest.mark.parametrize(
    ("source", "kind", "what", "record"),
    [
        ("vehicle", "car", declared_asset("vehicle"), a_vehicle()),
        ("bank", "deposits", declared_asset("deposit", "1000.00"), an_account("1000.00")),
    ],
)
def test_what_is_declared_and_came_is_not_there_again(
    source: str, kind: str, what: Any, record: AnyRecord
) -> None:
    request = a_request(declared=declared(what))
    known = known_of(record, request=request, states={("m1", source): FAILED})
    had, more = holding(source, kind).probability.mean, priors().more_where_open.mean
    assert sum(means(from_source(known, source, kind))) == pytest.approx(had * more)


# Once, whoever tells


def homes(known: Known) -> dict[float, float]:
    """Floor area → chance of a home more."""
    found: dict[float, float] = {}
    for one in moving(gaps(known), "homes"):
        assert isinstance(one, Presence)
        area = one.effects["floor_area"]
        found[area] = found.get(area, 0.0) + one.probability.mean
    return found


def test_a_household_with_a_home_may_have_only_a_second_one() -> None:
    states: Told_ = {("m1", "property"): FAILED, ("m2", "property"): FAILED}
    first, second = (holding("property", kind) for kind in ("first_home", "second_home"))
    without = homes(known_of(request=COUPLE, states=states))
    assert without[first.floor_area] == pytest.approx(first.probability.mean)
    with_one = homes(known_of(a_home(), request=COUPLE, states=states))
    assert set(with_one) == {second.floor_area}
    assert 0 < with_one[second.floor_area] < 2 * second.probability.mean


def test_of_a_home_that_no_register_tells_there_is_hardly_a_second() -> None:
    """By the household: a couple has one home more often than two."""
    states: Told_ = {("m1", "property"): FAILED, ("m2", "property"): FAILED}
    first, second = (holding("property", kind) for kind in ("first_home", "second_home"))
    for request, members in ((a_request(), 1), (COUPLE, 2)):
        found = homes(known_of(request=request, states=states))
        assert found == pytest.approx(
            {
                first.floor_area: first.probability.mean,
                second.floor_area: members * second.probability.mean,
            }
        )


def test_the_home_would_be_whose_it_is_declared_to_be() -> None:
    request = a_request(
        a_member("m1"),
        a_member("m2"),
        declared=declared(declared_asset("home", person="m2")),
    )
    states: Told_ = {("m1", "property"): FAILED, ("m2", "property"): FAILED}
    known = known_of(request=request, states=states)
    told = [one for one in moving(gaps(known), "homes") if chance_of(one) > 0.5]
    assert [one.action for one in told] == ["source:property:m2"]
    only_one: Told_ = {("m1", "property"): FAILED}
    known = known_of(request=request, states=only_one)
    assert actions_of(moving(gaps(known), "homes")) == {"source:property:m1"}


def test_a_home_in_doubt_is_hardly_one_more_than_the_one_that_was_missed() -> None:
    """Whether it counts is a variable of its own."""
    doubtful = homes(known_of(a_home(use=None)))
    assert sum(doubtful.values()) < sum(homes(known_of()).values())


def test_a_wage_is_missed_once_whoever_would_tell() -> None:
    failed: Told_ = {("m1", "housing_fund"): FAILED}
    assert from_source(known_of(states=failed), "housing_fund", "wage")
    assert from_source(known_of(*wages(), states=failed), "housing_fund", "wage") == []
    assert from_source(known_of(*insured(), states=failed), "housing_fund", "wage") == []


@pytest.mark.parametrize("what", [(), (declared_income("3800.00"),)])
def test_a_base_stands_for_the_wage_that_the_tax_office_would_tell(what: tuple[Any, ...]) -> None:
    request = a_request(declared=declared(*what))
    known = known_of(*insured(), request=request, states={("m1", "tax"): FAILED})
    found = sum(means(from_source(known, "tax", "wage")))
    had, more = holding("tax", "wage").probability.mean, priors().more_where_open.mean
    assert found == pytest.approx(had * more)


def test_a_pension_is_no_gift_that_is_declared() -> None:
    gift = declared_income("300.00", "transfer", IncomeBasis.GIFT.value)
    known = known_of(
        request=a_request(declared=declared(gift)), states={("m1", "social_insurance"): FAILED}
    )
    silent = from_source(known, "social_insurance", "pension")
    pension = [a_benefit(BenefitKind.OLD_AGE_PENSION, "700.00", month) for month in WINDOW]
    told = known_of(*pension, states={("m1", "social_insurance"): FAILED})
    had, more = holding("social_insurance", "pension").probability.mean, priors().more_where_open
    hidden = had * HIDES / (1 - had + had * HIDES)
    assert sum(means(silent)) == pytest.approx(hidden)
    assert sum(means(from_source(told, "social_insurance", "pension"))) == pytest.approx(
        had * more.mean
    )


# Age


@pytest.mark.parametrize("months", [1, 6, 24])
def test_what_began_after_the_answer_can_be_asked_again(months: int) -> None:
    known = known_of(states={("m1", "vehicle"): aged(months)})
    begun = [one for one in gaps(known) if one.cause is Cause.STALENESS]
    cars = moving(begun, "vehicles")
    rate = priors().sources["vehicle"].change_per_month.mean
    had = holding("vehicle", "car").probability.mean
    age = known.months_old("vehicle", "m1")
    assert [chance_of(one) for one in cars] == pytest.approx([had * (1 - (1 - rate) ** age)])
    assert actions_of(begun) == {"source:vehicle:m1"}
    fresh = [one for one in gaps(known_of()) if one.cause is not Cause.STALENESS]
    assert len(list(gaps(known))) == len(fresh) + len(begun)


def test_an_answer_of_the_day_leaves_nothing_to_begin() -> None:
    for changes in ({}, aged(0), aged(-3)):
        known = known_of(states={("m1", "vehicle"): changes})
        assert causes_of(gaps(known)) == {Cause.SOURCE_GAP}


# Supporters

WITH_SUPPORTERS: Final = a_request(a_member("m1"), a_supporter("s1"), a_supporter("s2"))


def payments(
    *rows: Evidence[AnyRecord], states: Told_, request: VerificationRequest = WITH_SUPPORTERS
) -> Iterator[Gap]:
    wanted = priors().supporter_payment
    for one in gaps(known_of(*rows, request=request, states=states)):
        if one.probability == wanted.probability:
            yield one


@pytest.mark.parametrize(
    ("states", "actions"),
    [
        ({}, []),
        ({("s1", "bank"): FAILED}, []),
        ({("s1", "tax"): FAILED}, ["source:tax:s1"]),
        ({("s1", "social_insurance"): FAILED, ("s1", "tax"): PENDING}, ["source:tax:s1"]),
        (
            {("s1", "tax"): NOT_CONNECTED, ("s1", "social_insurance"): FAILED},
            ["source:social_insurance:s1"],
        ),
        ({("s1", "tax"): NOT_CONNECTED}, [""]),
        ({("s1", "tax"): UNSIGNED}, []),
        ({("s1", "tax"): FAILED, ("s2", "tax"): FAILED}, ["source:tax:s1", "source:tax:s2"]),
    ],
)
def test_a_supporter_whose_income_is_not_known_may_pay(states: Told_, actions: list[str]) -> None:
    found = list(payments(states=states))
    assert [one.action for one in found] == actions
    assert causes_of(found) <= {Cause.SOURCE_GAP}


def test_the_source_that_tells_most_is_named_whatever_the_order() -> None:
    states: Told_ = {("s1", "tax"): FAILED, ("s1", "business_registration"): FAILED}
    known = known_of(request=WITH_SUPPORTERS, states=states)
    turned = replace(known, statuses=tuple(reversed(known.statuses)))
    for each in (known, turned):
        assert actions_of(gaps(each)) == {"source:tax:s1"}


def test_who_was_born_when_is_read_from_the_number_or_told() -> None:
    """Whoever may be grown up has things of his own."""
    born = a_member("m1", id_number="", birth_date=date(2012, 1, 1))
    assert list(gaps(known_of(request=a_request(born)))) == []
    unknown = a_member("m1", id_number="", birth_date=None)
    assert list(gaps(known_of(request=a_request(unknown)))) == list(gaps(known_of()))
