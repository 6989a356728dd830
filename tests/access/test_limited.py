"""What somebody sees whose right ends at some programmes: source, programme, field."""

from typing import Any

import pytest

from app.access.limited import Limited, must_concern, must_see_all
from app.access.tokens import Caller
from app.domain.errors import NotAllowed, NotFound
from app.domain.household import Purpose
from app.verification.plan import SOURCES
from tests.builders import NEEDS, a_request, shipped

PROGRAMMES = shipped().programmes


def a_caller(*programmes: str, purposes: tuple[str, ...] = ()) -> Caller:
    return Caller("cl_1", "22", ("read",), programmes=programmes, purposes=purposes)


def limited(to: str, *asked: str) -> Limited:
    return Limited(NEEDS, a_caller(to), a_request(programmes=asked or (to,)))


def a_row(source: str) -> dict[str, Any]:
    """A record of evidence with every field that any group names, and one that none does."""
    fields = [field for group in NEEDS.fields[source].values() for field in group]
    record = dict.fromkeys([*fields, "a_new_field"], "canary")
    comparison = [{"field": "name", "differences": [{"left": "李*", "right": "李*"}]}]
    return {"id": "ev_1", "source": source, "record": record, "comparison": comparison}


@pytest.mark.promise(13)
@pytest.mark.parametrize("programme", PROGRAMMES)
@pytest.mark.parametrize("source", SOURCES)
def test_every_field_of_every_cell(source: str, programme: str) -> None:
    """A record holds exactly the fields of the cell; of an empty cell there is no record.

    Planted: `evidence` gave the whole record where any field was shown: each cell with groups
    failed on `a_new_field`.
    """
    cells = NEEDS.cells[programme].get(source, ())
    wanted = {field for group in cells for field in NEEDS.fields[source][group]}
    seen = limited(programme).evidence(a_row(source))
    assert (set() if seen is None else set(seen["record"])) == wanted
    if seen is not None:
        assert bool(seen["comparison"]) == ("identity" in cells)
        assert seen["problems"] == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_programme_of_another_office_in_the_same_request_widens_nothing(source: str) -> None:
    alone = limited("medical_relief").evidence(a_row(source))
    beside = limited("medical_relief", "urban_dibao", "medical_relief").evidence(a_row(source))
    assert alone is None
    assert beside is None


DOCUMENT: dict[str, Any] = {
    "id": "vf_1",
    "sources": [{"source": "tax"}, {"source": "bank"}],
    "profile": {
        "persons": [{"ref": "m1"}],
        "income": [
            {"sources": ["tax"], "evidence": ["ev_1"]},
            {"sources": [], "evidence": []},
        ],
        "assets": [{"kind": "deposit", "sources": ["bank"], "evidence": ["ev_2"]}],
        "totals": {"household_size": 1, "monthly_income": "1.00", "financial_assets": "2.00"},
    },
    "findings": [
        {"code": "income_above_declared", "evidence": ["ev_1"]},
        {"code": "asset_not_declared", "evidence": ["ev_2"]},
        {"code": "source_failed", "evidence": []},
        {"code": "deceased", "evidence": []},
    ],
    "decisions": [
        {"programme": "retrenched_workers", "tests": [{"test": "monthly_income_per_person"}]},
        {"programme": "urban_dibao", "tests": [{"test": "financial_assets_per_person"}]},
        {"programme": "medical_relief", "tests": [{"test": "holds_one_of"}], "missing": ["x"]},
    ],
    "also_confirmed_for": ["dibao_edge"],
    "report": {"number": "HD-1"},
}
ASKED = ("retrenched_workers", "urban_dibao", "medical_relief")
SOURCE_OF = {"ev_1": "tax", "ev_2": "bank"}


@pytest.mark.promise(13)
def test_a_profile_ends_where_the_programmes_tests_end() -> None:
    """Of a request for several programmes, one office sees its own lines, totals and decision.

    Planted: totals were left as they are: `financial_assets` was there and the test failed.
    """
    seen = limited("retrenched_workers", *ASKED).verification(DOCUMENT, SOURCE_OF)
    assert [one["source"] for one in seen["sources"]] == ["tax"]
    assert [one["programme"] for one in seen["decisions"]] == ["retrenched_workers"]
    assert seen["profile"]["totals"] == {"household_size": 1, "monthly_income": "1.00"}
    assert seen["profile"]["income"] == DOCUMENT["profile"]["income"]
    assert seen["profile"]["assets"] == []
    assert [one["code"] for one in seen["findings"]] == ["income_above_declared", "deceased"]
    assert (seen["also_confirmed_for"], seen["report"]) == ([], None)


@pytest.mark.promise(13)
def test_a_department_sees_the_outcome_and_no_number() -> None:
    """Planted: `_decision` gave the tests of a department's programme: the test failed."""
    seen = limited("medical_relief", *ASKED).verification(DOCUMENT, SOURCE_OF)
    assert (seen["sources"], seen["profile"]) == ([], None)
    assert [one["code"] for one in seen["findings"]] == ["deceased"]
    [decision] = seen["decisions"]
    assert (decision["tests"], decision["missing"]) == ([], [])


def test_who_may_decide_on_all_of_it_sees_the_report() -> None:
    who, whole = a_caller(*PROGRAMMES), a_request(programmes=("urban_dibao", "rural_dibao"))
    must_see_all(who, NEEDS, whole)
    must_see_all(a_caller(), NEEDS, a_request(programmes=ASKED))
    for foreign in (a_request(programmes=ASKED), a_request(programmes=("medical_relief",))):
        with pytest.raises(NotAllowed):
            must_see_all(who, NEEDS, foreign)


def test_what_is_for_none_of_the_callers_programmes_or_purposes_is_nowhere() -> None:
    request = a_request(programmes=("urban_dibao",))
    must_concern(a_caller(), request)
    must_concern(a_caller("urban_dibao", purposes=(Purpose.APPLICATION,)), request)
    for who in (a_caller("medical_relief"), a_caller(purposes=("spot_check",))):
        with pytest.raises(NotFound, match="no such verification"):
            must_concern(who, request)
