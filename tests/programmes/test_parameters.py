"""A dated parameter: nearest level, newest date, and nothing before the first."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.programmes.parameters import Kind, Parameter, area_of, levels_of, value_of

D = Decimal
BY_REGION = {
    "22": ((date(2014, 7, 1), D("100")), (date(2026, 1, 1), D("300"))),
    "220102": ((date(2020, 1, 1), D("200")),),
    "220102003": ((date(2027, 1, 1), D("400")),),
}
A_PARAMETER = Parameter(
    name="local_standard",
    reference="test",
    example=True,
    by_area={"urban": BY_REGION, "rural": {"all": ((date(2014, 7, 1), D("50")),)}},
)


@pytest.mark.parametrize(
    ("region", "day", "value", "since", "level"),
    [
        ("220102003", date(2014, 7, 1), "100", date(2014, 7, 1), "22"),
        ("220102003", date(2019, 12, 31), "100", date(2014, 7, 1), "22"),
        ("220102003", date(2020, 1, 1), "200", date(2020, 1, 1), "220102"),
        ("220102003", date(2026, 6, 1), "200", date(2020, 1, 1), "220102"),  # nearer than newer
        ("220102003", date(2027, 1, 1), "400", date(2027, 1, 1), "220102003"),
        ("220102003001", date(2027, 1, 1), "400", date(2027, 1, 1), "220102003"),
        ("220103", date(2026, 1, 1), "300", date(2026, 1, 1), "22"),
        ("2201", date(2025, 12, 31), "100", date(2014, 7, 1), "22"),
    ],
)
def test_the_newest_value_of_the_nearest_level(
    region: str, day: date, value: str, since: date, level: str
) -> None:
    found = A_PARAMETER.in_force(region, day, "urban")
    assert found is not None
    assert (found.value, found.since, found.region) == (D(value), since, level)


@pytest.mark.parametrize(
    ("region", "day"), [("220102", date(2014, 6, 30)), ("11", date(2026, 1, 1))]
)
def test_before_the_first_day_and_elsewhere_there_is_none(region: str, day: date) -> None:
    assert A_PARAMETER.in_force(region, day, "urban") is None


def test_the_area_has_values_of_its_own() -> None:
    found = A_PARAMETER.in_force("110101", date(2026, 1, 1), "rural")
    assert found is not None
    assert found.value == D("50")
    assert A_PARAMETER.first("110101", "urban") is None
    first = A_PARAMETER.first("220102", "urban")
    assert first is not None
    assert (first.since, first.region) == (date(2014, 7, 1), "22")


@pytest.mark.parametrize(
    ("region", "day", "since", "level"),
    [
        ("220102", date(2014, 6, 30), date(2014, 7, 1), "22"),  # nothing in force yet
        ("220102", date(2014, 7, 1), date(2020, 1, 1), "220102"),
        ("220103", date(2014, 7, 1), date(2026, 1, 1), "22"),
        ("220102", date(2020, 1, 1), None, None),  # the county's value hides the province's
        ("220102003", date(2020, 1, 1), date(2027, 1, 1), "220102003"),
        ("220102003", date(2027, 1, 1), None, None),
        ("110101", date(2020, 1, 1), None, None),
    ],
)
def test_the_next_change_is_that_of_a_level_that_counts(
    region: str, day: date, since: date | None, level: str | None
) -> None:
    coming = A_PARAMETER.next_change(region, day, "urban")
    assert (coming and coming.since, coming and coming.region) == (since, level)


@given(
    st.dates(min_value=date(2014, 1, 1), max_value=date(2030, 1, 1)),
    st.sampled_from(["22", "220102", "220103", "220102003"]),
)
def test_up_to_the_next_change_the_value_stays(day: date, region: str) -> None:
    coming = A_PARAMETER.next_change(region, day, "urban")
    last = date(2040, 1, 1) if coming is None else coming.since - timedelta(days=1)
    now = A_PARAMETER.in_force(region, day, "urban")
    assert A_PARAMETER.in_force(region, last, "urban") == now
    if coming is not None:
        assert A_PARAMETER.in_force(region, coming.since, "urban") == coming


@given(st.dates(min_value=date(2014, 7, 1), max_value=date(2040, 1, 1)))
def test_a_value_never_comes_from_a_later_day(day: date) -> None:
    found = A_PARAMETER.in_force("220102003", day, "urban")
    assert found is not None
    assert found.since <= day


@pytest.mark.parametrize(
    ("region", "area"),
    [
        ("220102", "urban"),
        ("220102003", "urban"),
        ("220102099", "urban"),
        ("220102100", "rural"),
        ("220102102", "rural"),
        ("220102203", "rural"),
        ("220102003001", "urban"),
        ("220102102001", "rural"),
    ],
)
def test_the_township_says_town_or_country(region: str, area: str) -> None:
    assert area_of(region) == area


def test_levels_run_from_the_village_to_the_country() -> None:
    assert levels_of("220102003001") == (
        "220102003001", "220102003", "220102", "2201", "22", "all",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        ("371.24", Kind.AMOUNT, D("371.24")),
        ("0", Kind.AMOUNT, D(0)),
        (12, Kind.COUNT, 12),
        (date(2026, 1, 1), Kind.DAY, date(2026, 1, 1)),
        (["tractor"], Kind.WORDS, ("tractor",)),
        ({"tax": 60}, Kind.DAYS_BY_SOURCE, {"tax": 60}),
    ],
)
def test_values_in_our_types(raw: object, kind: Kind, value: object) -> None:
    assert value_of(raw, kind) == value


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (371.24, Kind.AMOUNT),
        (371, Kind.AMOUNT),
        ("-1", Kind.AMOUNT),
        ("NaN", Kind.AMOUNT),
        ("Infinity", Kind.AMOUNT),
        ("much", Kind.AMOUNT),
        (None, Kind.AMOUNT),
        ("12", Kind.COUNT),
        (True, Kind.COUNT),
        (-1, Kind.COUNT),
        ("2026-01-01", Kind.DAY),
        ("tractor", Kind.WORDS),
        ([1], Kind.WORDS),
        ({"tax": "60"}, Kind.DAYS_BY_SOURCE),
        ({1: 60}, Kind.DAYS_BY_SOURCE),
    ],
)
def test_what_is_no_value_of_the_kind(raw: object, kind: Kind) -> None:
    with pytest.raises(ValueError, match="must"):
        value_of(raw, kind)
