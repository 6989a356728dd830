"""Which things the members whom a source told all about have, read from a profile."""

from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pytest

from app.domain.evidence import Evidence
from app.domain.household import Exclusion, VerificationRequest
from app.error_rate.holdings import AT_A_BANK, SeenHolding
from app.verification.score.holdings import holdings_of
from connectors.records import AnyRecord, BankAccountKind, BenefitKind
from tests.builders import a_member, a_request, a_supporter, accepted
from tests.records import (
    WINDOW,
    a_benefit,
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
    subject,
)
from tests.verification.score.knowing import FAILED, NOT_CONNECTED, Told_, known_of, priors

COUPLE: Final = a_request(a_member("m1"), a_member("m2"))
OF_ONE_PERSON: Final = {
    (source, kind)
    for source, prior in priors().sources.items()
    for kind in prior.has
    if (source, kind) not in {("property", "second_home"), ("housing_fund", "wage")}
}


def seen(
    *rows: Evidence[AnyRecord] | AnyRecord,
    request: VerificationRequest | None = None,
    states: Told_ | None = None,
) -> list[SeenHolding]:
    known = known_of(*rows, request=request, states=states)
    return list(holdings_of(known.profile, known.statuses, known.adults))


def of_kind(found: list[SeenHolding], kind: str) -> list[tuple[bool, float | None]]:
    return [(one.has, one.amount) for one in found if one.kind == kind]


def wages(gross: str = "3000.00") -> list[AnyRecord]:
    return [a_tax_entry(gross, month) for month in WINDOW]


def test_of_whom_all_told_nothing_has_nothing() -> None:
    found = seen()
    assert {(one.source, one.kind) for one in found} == OF_ONE_PERSON
    assert len(found) == len(OF_ONE_PERSON)
    assert {(one.has, one.amount) for one in found} == {(False, None)}


@pytest.mark.parametrize(
    ("rows", "kind", "amount"),
    [
        (wages(), "wage", 3000.0),
        ([a_benefit(BenefitKind.OLD_AGE_PENSION, "720.00", m) for m in WINDOW], "pension", 720.0),
        ([an_account("900.00"), an_account("50.00", account="2")], "deposits", 950.0),
        ([an_account("900.00", kind=BankAccountKind.WEALTH_PRODUCT)], "deposits", 900.0),
        ([a_policy("8000.00")], "cash_value", 8000.0),
        ([a_holding("2931.00"), a_holding("69.00", code="600001")], "holdings", 3000.0),
        ([a_shareholding("30000.00")], "enterprise", 30000.0),
        ([a_fund_account(balance=5000)], "account", 5000.0),
        ([a_vehicle()], "car", 1.0),
        ([a_vessel()], "vessel", 1.0),
    ],
)
def test_what_is_shown_is_had_with_its_amount(
    rows: list[AnyRecord], kind: str, amount: float
) -> None:
    assert of_kind(seen(*rows), kind) == [(True, amount)]


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (an_account(None), "deposits"),
        (an_account("900.00", state=None), "deposits"),
        (a_limit(over=True), "deposits"),
        (a_limit(over=False), "deposits"),
        (a_policy(None), "cash_value"),
        (a_shareholding(None), "enterprise"),
    ],
    ids=["balance", "state", "over a limit", "not over it", "cash value", "capital"],
)
def test_what_is_had_without_an_amount_that_is_known_has_none(record: AnyRecord, kind: str) -> None:
    assert of_kind(seen(record), kind) == [(True, None)]


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (a_vehicle(plate_kind="13"), "car"),
        (a_home(in_force=False), "first_home"),
        (an_account("900.00", kind=BankAccountKind.LOAN), "deposits"),
        (a_benefit(BenefitKind.OLD_AGE_PENSION, "700.00", None), "wage"),
    ],
)
def test_what_does_not_count_is_not_had(record: AnyRecord, kind: str) -> None:
    assert of_kind(seen(record), kind) == [(False, None)]


def test_each_bank_is_seen_apart() -> None:
    rows: list[AnyRecord] = [
        an_account("900.00"),
        an_account("50.00", account="2"),
        an_account("7.00", bank="ccb"),
        a_limit(over=False),
    ]
    found = seen(*rows)
    assert of_kind(found, AT_A_BANK) == [(True, 7.0), (True, 950.0), (True, None)]
    assert of_kind(found, "deposits") == [(True, None)]
    assert of_kind(seen(), AT_A_BANK) == []


@pytest.mark.parametrize("state", [FAILED, NOT_CONNECTED])
def test_a_source_that_did_not_tell_all_tells_nothing(state: dict[str, Any]) -> None:
    found = seen(
        an_account("900.00"), a_vehicle(), states={("m1", "bank"): state, ("m1", "property"): state}
    )
    assert not {one.source for one in found} & {"bank", "property"}
    assert of_kind(found, "car") == [(True, 1.0)]


def test_only_grown_up_members_who_count_are_seen() -> None:
    request = a_request(
        a_member("m1"), a_member("m2", excluded=Exclusion.CONSCRIPT), a_member("m3"), a_supporter()
    )
    hers = accepted(a_vehicle(subjects=(subject("m2"),)), "m2")
    assert of_kind(seen(hers, request=request), "car") == [(False, None)]
    two = Counter(one.kind for one in seen(request=COUPLE))
    assert two.pop("first_home") == 1
    assert set(two.values()) == {2}


def test_of_children_alone_nothing_is_seen() -> None:
    assert seen(a_home("m3"), request=a_request(a_member("m3"))) == []


def test_a_couples_home_is_one() -> None:
    home = a_home("m1", "m2")
    rows = [accepted(home, subject=0), accepted(home, "m2", subject=1)]
    found = seen(*rows, request=COUPLE)
    assert of_kind(found, "first_home") == [(True, None)]
    assert of_kind(found, "second_home") == [(False, None)]


def test_a_home_may_be_the_others_of_whom_the_register_did_not_tell() -> None:
    found = seen(a_home(), request=COUPLE, states={("m2", "property"): FAILED})
    assert not {one.kind for one in found} & {"first_home", "second_home"}


@pytest.mark.parametrize(
    ("homes", "second"),
    [
        ([], []),
        ([a_home()], [(False, None)]),
        ([a_home(), a_home(unit="220102003041GB00012F00030099")], [(True, None)]),
    ],
)
def test_a_second_home_is_asked_for_where_there_is_a_first(
    homes: list[AnyRecord], second: list[tuple[bool, float | None]]
) -> None:
    assert of_kind(seen(*homes), "second_home") == second
    unknown = seen(*homes, states={("m1", "property"): FAILED})
    assert of_kind(unknown, "second_home") == []


def test_the_order_of_the_answers_changes_nothing() -> None:
    known = known_of(*wages(), a_home(), an_account(), a_limit(over=True), request=COUPLE)
    turned = replace(known, statuses=tuple(reversed(known.statuses)))
    one, other = (
        Counter(holdings_of(each.profile, each.statuses, each.adults)) for each in (known, turned)
    )
    assert one == other
