"""An explanation says how each limit comes about, and until when it stays so."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import mul
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import NoStandardInForce, UnknownProgramme
from app.domain.money import round_yuan
from app.domain.profile import COUNT_TOTALS
from app.programmes.explain import Explanation, as_document, explain
from app.programmes.resolve import ChangeKind
from tests.programmes.drafts import A_DRAFT, shipped

D = Decimal
TOWN, COUNTRY = "220102003", "220102102"
IN_2026 = date(2026, 11, 24)


def explained(programme: str, region: str = TOWN, day: date = IN_2026) -> Explanation:
    return explain(shipped(), programme, region, day)


def test_a_limit_is_the_product_of_its_figures() -> None:
    found = explained("dibao_edge").tests[0]
    assert (found.test, found.limit) == ("monthly_income_per_person", D("1140.00"))
    told = [
        (one.name, one.value, one.since, one.region, one.unit, one.example) for one in found.factors
    ]
    assert told == [
        ("income_multiple", D("1.5"), date(2014, 7, 1), "all", "times the local standard", False),
        (
            "local_standard", D("760.00"), date(2026, 1, 1), "220102", "yuan a month and person",
            True,
        ),
    ]  # fmt: skip
    assert "1.5 times" in found.factors[0].reference


def in_force(region: str, day: date) -> list[Explanation]:
    """What is explained of every programme that is in force there that day."""
    found = []
    for programme in shipped().programmes:
        with suppress(NoStandardInForce):
            found.append(explained(programme, region, day))
    return found


@pytest.mark.parametrize("region", [TOWN, COUNTRY])
@pytest.mark.parametrize("day", [date(2015, 5, 1), date(2025, 5, 1), IN_2026])
def test_every_limit_follows_from_the_figures_told(region: str, day: date) -> None:
    everything = in_force(region, day)
    assert len(everything) == 24  # all but urban_three_nos, or rigid_expenditure_hardship
    for found in everything:
        assert found.standard == shipped().in_force(found.standard.programme, region, day)
        for test in found.tests:
            product = reduce(mul, (D(str(one.value)) for one in test.factors))
            limit = product if test.test in COUNT_TOTALS else round_yuan(product)
            assert test.limit == limit
        assert max(one.since for one in figures_of(found)) <= found.standard.valid_from
        json.dumps(as_document(found))


def figures_of(found: Explanation) -> list[Any]:
    factors = [one for test in found.tests for one in test.factors]
    months = [] if found.valid_months is None else [found.valid_months]
    return [*factors, *found.counting, *found.benefits, *months]


def test_what_changes_next_is_told_with_who_changes_it() -> None:
    found = explained("urban_dibao", day=date(2025, 5, 1))
    assert found.holds_until == date(2025, 12, 31)
    told = {one.name: (one.on, one.value, one.region) for one in found.changes}
    assert told["local_standard"] == (date(2026, 1, 1), D("760.00"), "220102")
    assert told["minimum_wage"] == (date(2026, 1, 1), D("2120.00"), "22")
    assert {one.kind for one in found.changes} == {ChangeKind.VALUE}


@pytest.mark.parametrize(
    ("programme", "day", "name", "kind", "until"),
    [
        ("urban_three_nos", date(2015, 1, 1), "urban_three_nos", "ends", date(2016, 2, 9)),
        ("medical_relief", date(2015, 1, 1), "urban_three_nos", "ends", date(2016, 2, 9)),
    ],
)
def test_a_programme_that_ends_is_a_change(
    programme: str, day: date, name: str, kind: str, until: date
) -> None:
    found = explained(programme, day=day)
    assert [(one.name, str(one.kind)) for one in found.changes] == [(name, kind)]
    assert found.holds_until == until


def test_a_category_that_begins_is_a_change() -> None:
    text = A_DRAFT + "holds_one_of: [rigid_expenditure_hardship]\n"
    standards, key = shipped().with_draft(text)
    found = explain(standards, key, TOWN, date(2024, 1, 1))
    assert [(one.kind, one.name) for one in found.changes] == [
        (ChangeKind.BEGINS, "rigid_expenditure_hardship")
    ]
    assert found.holds_until == date(2024, 10, 23)


def test_where_nothing_is_written_down_there_is_no_last_day() -> None:
    found = explained("urban_dibao")
    assert (found.changes, found.holds_until) == ((), None)


def what_holds(found: Explanation) -> Mapping[str, Any]:
    left_out = {"as_of", "holds_until", "changes", "targets"}  # no standard rests on a target
    return {key: one for key, one in as_document(found).items() if key not in left_out}


@given(
    st.sampled_from(shipped().programmes),
    st.sampled_from([TOWN, COUNTRY, "220102", "220199001"]),
    st.dates(min_value=date(2014, 7, 1), max_value=date(2027, 1, 1)),
)
@settings(max_examples=60, deadline=None)
def test_up_to_the_day_told_all_stays_as_it_is(programme: str, region: str, day: date) -> None:
    try:
        now = explained(programme, region, day)
    except NoStandardInForce:
        return
    last = now.holds_until or date(2030, 1, 1)
    assert what_holds(explained(programme, region, last)) == what_holds(now)
    if now.holds_until is None:
        return
    try:
        after = explained(programme, region, last + timedelta(days=1))
    except NoStandardInForce:
        assert now.standard.until == last
    else:
        assert after.standard.id != now.standard.id


def test_the_document_has_every_part() -> None:
    document: Any = as_document(explained("special_support", COUNTRY, date(2017, 5, 1)))
    assert document["standard"] == "special_support@2014-07-01/22/rural"
    assert (document["area"], document["clause"], document["set_by"]) == ("rural", "4", "22")
    benefits = {one["name"]: (one["value"], one["since"]) for one in document["benefits"]}
    assert benefits["rural_centralised_yearly"] == ("4200.00", "2014-07-01")
    assert [one["name"] for one in document["targets"]] == ["rural_living_level_share_least"]
    assert any("no ability to work" in one for one in document["left_to_case_system"])
    assert {"title", "articles"} == set(document["sources"][0])
    counting = {one["name"]: one["value"] for one in document["counting"]}
    assert counting["window_months"] == 12
    assert counting["medical_limit_yearly"] is None
    assert counting["residents_pension_counted_from"] == "2026-01-01"
    assert counting["stale_after_days"]["tax"] == 60


def test_a_target_that_has_not_begun_is_not_told() -> None:
    assert explained("special_support", COUNTRY, date(2016, 12, 31)).targets == ()


def test_a_draft_is_explained_too() -> None:
    standards, key = shipped().with_draft(A_DRAFT)
    found = explain(standards, key, TOWN, IN_2026)
    assert found.standard.id.endswith("+draft")
    assert (found.holds_until, found.changes[0].name) == (date(2026, 12, 31), "factor")


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(UnknownProgramme):
        explained("dibao")
    with pytest.raises(NoStandardInForce):
        explained("urban_dibao", "110101001")
