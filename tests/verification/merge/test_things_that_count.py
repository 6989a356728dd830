"""Vehicles, vessels and enterprises: which count, each once, and what capital they stand for."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.interval import UNKNOWN, Interval
from app.domain.profile import Totals
from app.verification.merge.profile import merge
from connectors.records import (
    AnyRecord,
    EnterpriseKind,
    EnterpriseState,
    InterestRole,
    VehicleKind,
    VehicleState,
)
from tests.builders import a_material, a_member, a_request, accepted
from tests.records import a_business_interest, a_shareholding, a_vehicle, a_vessel

D = Decimal
PERHAPS = Interval(D(0), D(1))


def totals(*records: AnyRecord) -> Totals:
    return merge(a_material(*records)).totals


@pytest.mark.parametrize("kind", list(VehicleKind))
def test_passenger_cars_and_lorries_count(kind: VehicleKind) -> None:
    expected = 1 if kind in (VehicleKind.PASSENGER_CAR, VehicleKind.LORRY) else 0
    assert totals(a_vehicle(kind=kind)).vehicles == Interval.exactly(expected)


@pytest.mark.parametrize("state", list(VehicleState))
def test_states_a_and_h_count(state: VehicleState) -> None:
    expected = 1 if state in (VehicleState.NORMAL, VehicleState.OVERDUE_INSPECTION) else 0
    assert totals(a_vehicle(state=state)).vehicles == Interval.exactly(expected)


def test_a_farm_vehicle_is_known_by_its_plate() -> None:
    farm = a_vehicle(plate_kind="13", kind=VehicleKind.LORRY)
    assert totals(farm).vehicles == Interval.exactly(0)


@pytest.mark.parametrize(
    ("other", "count"),
    [({}, 1), ({"plate": "吉A00001"}, 2), ({"plate_kind": "01"}, 2), ({"plate": None}, 2)],
)
def test_a_vehicle_is_one_by_kind_of_plate_and_plate(other: dict[str, Any], count: int) -> None:
    assert totals(a_vehicle(), a_vehicle(**other)).vehicles == Interval.exactly(count)


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_vehicle_told_in_two_states_the_one_that_counts_holds(turned: bool) -> None:
    rows: list[AnyRecord] = [a_vehicle(), a_vehicle(state=VehicleState.WRITTEN_OFF)]
    found = totals(*rows[:: -1 if turned else 1])
    assert found.vehicles == Interval.exactly(1)


@pytest.mark.parametrize(
    ("vehicle", "expected"),
    [
        (a_vehicle(state=None), PERHAPS),
        (a_vehicle(kind=None), PERHAPS),
        (a_vehicle(kind=None, state=VehicleState.WRITTEN_OFF), Interval.exactly(0)),
        (a_vehicle(kind=VehicleKind.TRACTOR, state=None), Interval.exactly(0)),
    ],
)
def test_what_the_vehicle_register_does_not_tell(vehicle: AnyRecord, expected: Interval) -> None:
    assert totals(vehicle).vehicles == expected


@pytest.mark.parametrize(
    ("in_register", "expected"),
    [(True, Interval.exactly(1)), (False, Interval.exactly(0)), (None, PERHAPS)],
)
def test_vessels_in_the_register_count(in_register: bool | None, expected: Interval) -> None:
    assert totals(a_vessel(in_register=in_register)).vessels == expected


def test_vessels_are_each_once_and_no_vehicles() -> None:
    found = totals(a_vessel(), a_vessel(), a_vessel(number="220000099999"))
    assert (found.vessels, found.vehicles) == (Interval.exactly(2), Interval.exactly(0))


# Enterprises


@pytest.mark.parametrize(
    ("interest", "count", "capital"),
    [
        (a_business_interest(), 1, "30000"),  # a sole trader's registered capital
        (a_shareholding("205000.00"), 1, "205000"),
        (a_shareholding("0.00"), 1, "0"),
        # who represents a company has not paid its capital
        (a_business_interest(kind=EnterpriseKind.COMPANY), 1, "0"),
        (a_business_interest(kind=EnterpriseKind.SOLE_PROPRIETORSHIP), 1, "0"),
        (a_business_interest(kind=EnterpriseKind.COOPERATIVE), 0, "0"),
        (a_shareholding("5000.00", kind=EnterpriseKind.COOPERATIVE), 0, "0"),
        (a_shareholding("5000.00", role=InterestRole.MANAGER), 0, "0"),
        (a_business_interest(state=EnterpriseState.REVOKED), 0, "0"),
        (a_shareholding("50000.00", state=EnterpriseState.STRUCK_OFF), 0, "0"),
        (a_shareholding("50000.00", state=EnterpriseState.MOVED_OUT), 0, "0"),
    ],
)
def test_which_enterprises_count(interest: AnyRecord, count: int, capital: str) -> None:
    found = totals(interest)
    assert found.businesses == Interval.exactly(count)
    assert found.business_capital == Interval.exactly(D(capital))


@pytest.mark.parametrize(
    ("interest", "why"),
    [
        (a_business_interest(kind=EnterpriseKind.COOPERATIVE), "cooperative_not_counted"),
        (a_shareholding("1.00", state=EnterpriseState.STRUCK_OFF), "not_in_business"),
        (a_shareholding("1.00", role=InterestRole.MANAGER), "manager_only"),
    ],
)
def test_what_does_not_count_is_listed_with_the_rule(interest: AnyRecord, why: str) -> None:
    (line,) = merge(a_material(interest)).assets
    assert (line.kind.value, line.counted, line.why) == ("business", False, why)


def test_all_roles_in_one_enterprise_are_one_entry() -> None:
    represents = a_shareholding(None, role=InterestRole.LEGAL_REPRESENTATIVE)
    found = totals(represents, a_shareholding("50000.00"), a_shareholding("50000.00"))
    assert found.businesses == Interval.exactly(1)
    assert found.business_capital == Interval.exactly(50000)


def test_two_contributions_to_one_enterprise_add_up() -> None:
    found = totals(a_shareholding("50000.00"), a_shareholding("20000.00"))
    assert found.businesses == Interval.exactly(1)
    assert found.business_capital == Interval.exactly(70000)


def test_a_couples_enterprise_is_one_and_both_their_capital() -> None:
    request = a_request(a_member("m1"), a_member("m2"))
    rows = (a_shareholding("60000.00"), accepted(a_shareholding("45000.00"), "m2"))
    found = merge(a_material(*rows, request=request)).totals
    assert found.businesses == Interval.exactly(1)
    assert found.business_capital == Interval.exactly(105000)


@pytest.mark.parametrize(
    ("interest", "count", "capital"),
    [
        (a_shareholding("50000.00", state=None), PERHAPS, Interval(D(0), D(50000))),
        (a_shareholding(None), Interval.exactly(1), UNKNOWN),
        (a_business_interest(registered_capital=None), Interval.exactly(1), UNKNOWN),
    ],
)
def test_what_the_business_register_does_not_tell(
    interest: AnyRecord, count: Interval, capital: Interval
) -> None:
    found = totals(interest)
    assert (found.businesses, found.business_capital) == (count, capital)
