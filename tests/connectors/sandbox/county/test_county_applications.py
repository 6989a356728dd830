"""Applications are complete request bodies, with the differences a clerk would meet."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.county import County, HouseholdType, generate
from connectors.sandbox.county.applications import write_applications

AS_OF = date(2026, 11, 24)


@pytest.fixture(scope="module")
def county() -> County:
    return generate(8, 80, AS_OF, background=100, fault_rate=0)


def bodies(county: County, kind: HouseholdType | None = None) -> list[Any]:
    return [home.application for home in county.households if kind in (None, home.type)]


def test_every_adult_has_signed_and_no_child(county: County) -> None:
    for household, body in zip(county.households, bodies(county), strict=True):
        adults = {
            member["ref"]
            for member in body["household"]["members"]
            if county.people[household.refs[member["ref"]]].age(AS_OF) >= 18
        }
        signed = set(body["consent"]["signatories"])
        assert adults == {ref for ref in signed if ref.startswith("m")}
        assert signed - adults <= {item["ref"] for item in body["household"]["supporters"]}


def test_a_consent_covers_the_day(county: County) -> None:
    for body in bodies(county):
        consent = body["consent"]
        assert consent["signed_on"] <= body["as_of"] <= consent["valid_until"]
        assert len(consent["document_sha256"]) == 64


def test_some_supporters_have_not_signed_and_say_what_they_pay(county: County) -> None:
    open_ones = [
        supporter
        for body in bodies(county)
        for supporter in body["household"]["supporters"]
        if supporter["ref"] not in body["consent"]["signatories"]
    ]
    assert open_ones
    assert all(item["declared_payment_monthly"] is not None for item in open_ones)


def test_references_are_unique_and_people_belong_to_them(county: County) -> None:
    references = [body["case_reference"] for body in bodies(county)]
    assert len(set(references)) == len(references)
    for household, body in zip(county.households, bodies(county), strict=True):
        people = body["household"]["members"] + body["household"]["supporters"]
        assert [person["ref"] for person in people] == list(household.refs)
        for person in people:
            assert person["id_number"] == county.people[household.refs[person["ref"]]].id_number
        declared = body["declared"]["income"] + body["declared"]["assets"]
        assert {line["person"] for line in declared} <= set(household.refs)


@pytest.mark.parametrize(
    ("kind", "asset"),
    [(HouseholdType.HIDDEN_CAR, "vehicle"), (HouseholdType.HIDDEN_COMPANY, "business")],
)
def test_what_is_hidden_is_not_declared(county: County, kind: HouseholdType, asset: str) -> None:
    (body, *_) = bodies(county, kind)
    assert asset not in {line["kind"] for line in body["declared"]["assets"]}


def test_a_second_home_and_a_big_deposit_are_not_declared(county: County) -> None:
    (with_home, *_) = bodies(county, HouseholdType.HIDDEN_HOME)
    homes = [line for line in with_home["declared"]["assets"] if line["kind"] == "home"]
    assert len(homes) == 1
    (with_deposit, *_) = bodies(county, HouseholdType.HIDDEN_DEPOSIT)
    values = [line.get("value", "0") for line in with_deposit["declared"]["assets"]]
    assert all(float(value) < 60_000 for value in values)


def test_the_first_household_declares_less_than_half_of_its_wage(county: County) -> None:
    income = bodies(county)[0]["declared"]["income"]
    assert income == [{"person": "m1", "kind": "wage", "monthly": "1200.00"}]


def test_left_out_members_are_in_the_truth_and_not_in_the_application(county: County) -> None:
    household = next(
        item for item in county.households if item.type is HouseholdType.UNDECLARED_MEMBER
    )
    left_out = set(household.composition) - set(household.refs.values())
    assert len(left_out) == 1
    assert left_out <= set(household.truth)


def test_the_dead_are_declared_and_not_of_the_family(county: County) -> None:
    household = next(
        item for item in county.households if item.type is HouseholdType.DECEASED_MEMBER
    )
    dead = [person for person, truth in household.truth.items() if not truth.alive]
    assert len(dead) == 1
    assert dead[0] in household.refs.values()
    assert dead[0] not in household.composition


def test_files_hold_the_applications(county: County, tmp_path: Path) -> None:
    written = write_applications(county, tmp_path / "applications")
    assert [path.stem for path in written] == [body["case_reference"] for body in bodies(county)]
    read = [json.loads(path.read_text(encoding="utf-8")) for path in written]
    assert read == bodies(county)
