"""Homes: one a unit whatever the share and however many certificates; floor area by shares."""

from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from app.domain.evidence import Evidence
from app.domain.household import Exclusion
from app.domain.interval import UNKNOWN, Interval
from app.domain.profile import FindingCode, Profile
from app.verification.merge.profile import merge
from connectors.records import AnyRecord, PlannedUse, Sharing
from tests.builders import a_material, a_member, a_request, accepted
from tests.records import a_home, shares, stranger, subject

D = Decimal
COUPLE = a_request(a_member("m1"), a_member("m2"))
OLD: dict[str, Any] = {
    "unit": None,
    "certificate": "长房权证南字第12345号",
    "address": "平阳街十二号3-2-501",
    "registered_on": None,
}
"""The same home as it was taken over from before 2015."""


def profile_of(*evidence: Evidence[AnyRecord] | AnyRecord) -> Profile:
    return merge(a_material(*evidence, request=COUPLE))


def homes(*evidence: Evidence[AnyRecord] | AnyRecord) -> Interval:
    return profile_of(*evidence).totals.homes


def area(*evidence: Evidence[AnyRecord] | AnyRecord) -> Interval:
    return profile_of(*evidence).totals.value("floor_area")


def test_a_couples_home_that_comes_back_for_both_is_one() -> None:
    home = a_home("m1", "m2")
    both = (accepted(home, subject=0), accepted(home, "m2", subject=1))
    assert homes(*both) == Interval.exactly(1)
    assert area(*both) == Interval.exactly(60)


def test_old_and_new_certificate_of_one_home_are_one() -> None:
    """The couple's home, under the old certificate and the new one, each told for both."""
    new, old = a_home("m1", "m2"), a_home(**OLD, area="60.20")
    rows = (accepted(new), accepted(new, "m2", subject=1), accepted(old))
    for order in permutations(rows):
        assert homes(*order) == Interval.exactly(1)
        assert area(*order) == Interval.exactly(60)


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({"unit": "220102003041GB00012F00030012", "certificate": None, "address": None}, 1),
        ({"unit": "220102003041GB00012F00030099"}, 2),  # the unit number decides
        ({"unit": None}, 1),  # by certificate
        ({"unit": None, "certificate": "另一", "area": D("60.49")}, 1),  # by address and area
        ({"unit": None, "certificate": "另一", "area": D("75.00")}, 2),
        ({"unit": None, "certificate": "另一", "address": "平阳街12号3栋2单元502室"}, 2),
        ({"unit": None, "certificate": None, "address": None}, 2),
    ],
)
def test_a_unit_is_one_by_number_else_by_certificate_or_address_and_area(
    other: dict[str, Any], count: int
) -> None:
    assert homes(a_home(), a_home(**other)) == Interval.exactly(count)
    assert homes(a_home(**other), a_home()) == Interval.exactly(count)


def test_a_registration_can_be_the_link_between_two() -> None:
    rows = (
        a_home(address=None, certificate="甲"),
        a_home(unit=None, certificate="乙", address=OLD["address"]),
        a_home(certificate="丙"),
    )
    for order in permutations(rows):
        assert homes(*order) == Interval.exactly(1)


def test_an_old_registration_never_makes_one_of_two_numbered_units() -> None:
    """The flat and its cellar have one address; the old row can be only one of them."""
    flat = a_home(unit="220102003041GB00012F00030012", certificate="甲")
    cellar = a_home(unit="220102003041GB00012F00030900", certificate="乙")
    old = a_home(unit=None, certificate="丙")
    for order in permutations((flat, cellar, old)):
        assert homes(*order) == Interval.exactly(2)


@pytest.mark.parametrize(
    ("use", "kind"),
    [(one, "home" if one is PlannedUse.HOME else "other_building") for one in PlannedUse],
)
def test_only_dwellings_are_homes(use: PlannedUse, kind: str) -> None:
    profile = profile_of(a_home(use=use))
    (line,) = profile.assets
    assert line.kind.value == kind
    expected = 1 if kind == "home" else 0
    assert profile.totals.homes == Interval.exactly(expected)
    assert profile.totals.floor_area == Interval.exactly(60 * expected)


def test_what_has_ended_does_not_count() -> None:
    profile = profile_of(a_home(in_force=False))
    (line,) = profile.assets
    assert (line.counted, line.why) == (False, "ownership_ended")
    assert profile.totals.homes == Interval.exactly(0)


def test_a_unit_counts_while_one_of_its_registrations_is_in_force() -> None:
    ended = a_home(in_force=False, registered_on=date(2021, 1, 1))
    assert homes(ended, a_home()) == homes(a_home(), ended) == Interval.exactly(1)


def test_who_gave_a_home_away_has_no_part_in_it_any_more() -> None:
    """m1's registration ended when m2's half began; the other half is a stranger's."""
    before = a_home(in_force=False, registered_on=date(2010, 1, 1))
    after = a_home(
        "m2", subjects=(subject("m2"), stranger()), sharing=Sharing.JOINT, shares=shares(None, None)
    )
    assert area(before, accepted(after, "m2")) == Interval.exactly(30)


def test_members_parts_are_never_more_than_the_whole() -> None:
    """By the new certificate m2 and a stranger have half each; the old one names m1 alone."""
    new = a_home(
        "m2", subjects=(subject("m2"), stranger()), sharing=Sharing.JOINT, shares=shares(None, None)
    )
    assert area(a_home(**OLD), accepted(new, "m2")) == Interval.exactly(60)


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        (a_home(), "60.00"),
        (a_home(subjects=(subject(), stranger()), sharing=Sharing.JOINT), "30.00"),
        (
            a_home(
                subjects=(subject(), stranger()),
                sharing=Sharing.BY_SHARES,
                shares=shares("1/3", "2/3"),
            ),
            "20.00",
        ),
        (
            a_home(
                subjects=(subject(), stranger(), stranger()),
                sharing=Sharing.BY_SHARES,
                shares=shares(None, "1/2", None),
            ),
            "15.00",  # the rest in equal parts
        ),
        (
            a_home(
                subjects=(subject(), stranger(), stranger()),
                area="58.42",
                sharing=Sharing.JOINT,
            ),
            "19.47",
        ),
    ],
)
def test_floor_area_counts_by_shares_and_the_unit_as_one_home(
    home: AnyRecord, expected: str
) -> None:
    assert area(home) == Interval.exactly(D(expected))
    assert homes(home) == Interval.exactly(1)


def test_thirds_of_two_members_are_two_thirds() -> None:
    home = a_home(
        "m1", "m2", subjects=(subject("m1"), subject("m2"), stranger()), sharing=Sharing.JOINT
    )
    rows = (accepted(home, subject=0), accepted(home, "m2", subject=1))
    assert area(*rows) == Interval.exactly(40)


def test_the_part_of_a_member_who_does_not_count_is_not_the_households() -> None:
    request = a_request(a_member("m1"), a_member("m2", excluded=Exclusion.CONSCRIPT))
    home = a_home("m1", "m2")
    rows = (accepted(home, subject=0), accepted(home, "m2", subject=1))
    totals = merge(a_material(*rows, request=request)).totals
    assert (totals.homes, totals.floor_area) == (Interval.exactly(1), Interval.exactly(30))
    alone = merge(a_material(accepted(a_home("m2"), "m2"), request=request))
    assert alone.totals.homes == Interval.exactly(0)
    assert alone.assets[0].why == "excluded_conscript"


@pytest.mark.parametrize(
    ("home", "count", "square_metres"),
    [
        (a_home(area=None), Interval.exactly(1), UNKNOWN),
        (a_home(use=None), Interval(D(0), D(1)), Interval(D(0), D(60))),
        (a_home(in_force=None), Interval(D(0), D(1)), Interval(D(0), D(60))),
    ],
)
def test_what_the_register_does_not_tell(
    home: AnyRecord, count: Interval, square_metres: Interval
) -> None:
    assert homes(home) == count
    assert area(home) == square_metres


def test_mortgaged_and_sealed_homes_count() -> None:
    assert homes(a_home(mortgaged=True, sealed=True)) == Interval.exactly(1)


# Areas that were keyed in another unit (亩, 公顷)

KEYED: dict[str, Any] = {"unit": None, "certificate": "另一", "registered_on": None}


@pytest.mark.parametrize(
    ("keyed", "count"),
    [
        ("0.09", 1),  # 60 square metres are 0.09 亩
        ("0.006", 1),
        ("4.99", 1),
        ("5.00", 2),
        ("59.40", 2),
        (None, 1),
    ],
)
def test_an_area_that_is_no_homes_does_not_tell_two_homes_of_one_address_apart(
    keyed: str | None, count: int
) -> None:
    rows = (a_home(), a_home(area=keyed, **KEYED))
    for order in permutations(rows):
        assert homes(*order) == Interval.exactly(count)


def test_homes_of_two_addresses_stay_two_whatever_their_areas() -> None:
    other = a_home(area="0.09", **KEYED, address="平阳街12号3栋2单元502室")
    assert homes(a_home(), other) == Interval.exactly(2)


@pytest.mark.parametrize("newer", [date(2010, 1, 1), date(2025, 1, 1)])
def test_the_plausible_area_is_taken_whichever_registration_holds(newer: date) -> None:
    keyed = a_home(area="0.09", **{**KEYED, "registered_on": newer})
    older = a_home(**KEYED | {"certificate": "丙"}, area="60.00")
    for rows in ((a_home(), keyed), (older, keyed)):
        for order in permutations(rows):
            assert homes(*order) == Interval.exactly(1)
            assert area(*order) == Interval.exactly(60)


def test_where_no_area_is_plausible_it_is_not_known() -> None:
    assert area(a_home(area="0.09")) == UNKNOWN
    assert area(a_home(area="0.09"), a_home(area="4.00", **KEYED)) == UNKNOWN
    (line,) = profile_of(a_home(area="0.09")).assets
    assert (line.details["area"], line.counted) == ("", True)


@pytest.mark.parametrize(
    ("square_metres", "is_told"), [("0.09", True), ("4.99", True), ("5.00", False), (None, False)]
)
def test_an_area_that_is_no_homes_is_told(square_metres: str | None, is_told: bool) -> None:
    findings = profile_of(accepted(a_home(area=square_metres), id="ev_7")).findings
    told = [one for one in findings if one.code is FindingCode.IMPLAUSIBLE_VALUE]
    assert bool(told) is is_told
    for one in told:
        assert (one.person, one.evidence) == ("m1", ("ev_7",))
        assert one.detail == "an area of less than 5 square metres"


def test_what_a_source_said_of_the_record_is_told_beside_it() -> None:
    home = a_home(area="0.09", problems=("unreadable use: 5",))
    told = [one.detail for one in profile_of(home).findings if one.detail]
    assert {"unreadable use: 5", "an area of less than 5 square metres"} <= set(told)
