"""Every fault of a file is told, at the line and column where it stands."""

import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidStandard
from app.programmes.faults import Fault, FaultyStandards, Place, in_order
from tests.programmes.drafts import A_DRAFT, column_of, faults_of, line_of, shipped

A_LIMIT = "[factor, local_standard]"


@pytest.mark.parametrize(
    ("old", "new", "at", "key", "words"),
    [
        ("area: urban", "area: suburb", "suburb", "area", "must be 'urban', 'rural' or"),
        ("area: urban", "area: 3", "3\ntests", "area", "not 3"),
        ("clause:", "klause:", "klause", "klause", "is not known here; known are"),
        ("clause:", "claus:", "claus:", "claus", "is clause meant?"),
        ("comparison: below", "comparison: over", "over", "tests.0.comparison", "not over"),
        ("test: homes", "test: home", "home\n", "tests.1.test", "is homes meant?"),
        (A_LIMIT, "[factr, local_standard]", "factr", "tests.0.limit.0", "is factor meant?"),
        (A_LIMIT, "[factor, cal_standard]", "cal_", "tests.0.limit.1", "is local_standard meant?"),
        (A_LIMIT, "[]", "limit: []", "tests.0.limit", "names no parameter"),
        ("limit: homes_most", "limit: homes", "homes\nparam", "tests.1.limit", "homes_most meant?"),
        ("    limit: homes_most\n", "", "test: homes", "tests.1.limit", "is missing: A parameter"),
        ('"1.1"', "1.1", "1.1", "parameters.factor.values.all.2014-07-01", "decimal in quotes"),
        ("2014-07-01: \"1.1\"", "2014-13-01: \"1.1\"", "2014-13-01",
         "parameters.factor.values.all.2014-13-01", "month must be in 1..12"),
        ("2014-07-01: \"1.1\"", "2028-01-01: \"1.1\"", "2027-01-01",
         "parameters.factor.values.all.2027-01-01", "must come before 2028-01-01"),
        ("2014-07-01: \"1.1\"", "2027-01-01: \"1.1\"", "2027-01-01: \"1.2\"",
         "parameters.factor.values.all.2027-01-01", "is written twice, first in line 13"),
        ("  supporter_share", "  supporter_shar", "supporter_shar", "parameters.supporter_shar",
         "is supporter_share meant?"),
        ('"220102"', '"2201022"', '"2201022"', "parameters.supporter_share.values.2201022",
         "2, 4, 6, 9, 12 digits"),
        ('"220102"', '"990102"', '"990102"', "parameters.supporter_share.values.990102",
         "no province has the code 99"),
        ('"220102"', "220102", "220102", "parameters.supporter_share.values.220102", "in quotes"),
        ("unit: share", "unit: [share]", "unit", "parameters.supporter_share.unit", "valid string"),
        ("  once:", "  Once:", "Once", "benefits.Once", "small letters"),
        ("zh: 测试, ", "", "name", "name.zh", "is missing"),
    ],
)  # fmt: skip
def test_a_fault_has_its_place(old: str, new: str, at: str, key: str, words: str) -> None:
    assert A_DRAFT.count(old) == 1
    text = A_DRAFT.replace(old, new)
    faults = [fault for fault in faults_of(text) if words in fault.words]
    assert [fault.key for fault in faults] == [key]
    assert faults[0].place == Place(line_of(text, at), column_of(text, at))


def test_all_faults_are_told_and_the_first_is_the_message() -> None:
    text = (
        A_DRAFT.replace("area: urban", "area: suburb")
        .replace("comparison: below", "comparison: over")
        .replace("limit: homes_most", "limit: homes_mst")
        .replace('"0.40"', "0.4")
        .replace('"10.00"', '"-10"')
    )
    with pytest.raises(FaultyStandards) as raised:
        shipped().with_draft(text, file="county.yaml")
    lines = [fault.place and fault.place.line for fault in raised.value.faults]
    assert lines == [4, 6, 9, 19, 21]
    assert str(raised.value) == f"{raised.value.faults[0]} (and 4 more)"
    assert str(raised.value).startswith("county.yaml:4:7: area: must be")


def test_a_part_that_several_keys_share_has_its_fault_once() -> None:
    text = A_DRAFT.replace('all: {2014-07-01: "0.30"}', 'all: &x {2014-07-01: 0.3}\n      "22": *x')
    assert len(faults_of(text)) == 1


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is empty"),
        ("# nothing\n", 1, "is empty"),
        ("~", 1, "must be keys with values"),
        ("- a\n- b\n", 1, "must be keys with values"),
        ("area: urban\nname: [\n", 3, "not readable as YAML"),
        ("area: urban\n\tname: x", 2, "not readable as YAML"),
        ("area: *none", 1, "undefined alias"),
        ("area: urban\n---\narea: rural\n", 2, "expected a single document"),
        ("area: \x00", 1, "special characters are not allowed"),
        ("area: !!python/object:os.system x", 1, "could not determine a constructor"),
        ("area: !mine x", 1, "could not determine a constructor"),
        ("area: !!set {urban}", 1, "set is not read here"),
        ("area: 2014-02-30", 1, "cannot be read: day is out of range"),
        ("? [a, b]\n: c", 1, "seq is not read here"),
        ("<<: {area: urban}", 1, "<< is not read here"),
        ("[" * 5000, 1, "is nested too deeply"),
        ("&a [*a]", 1, "an anchor may repeat it without end"),
        ("area: &a {b: *a}", 1, "an anchor may repeat it without end"),
    ],
)
def test_what_is_no_programme_at_all(text: str, line: int, words: str) -> None:
    found = [fault for fault in faults_of(text) if words in fault.words]
    assert found
    assert {fault.place and fault.place.line for fault in found} == {line}


def test_a_short_text_that_stands_for_very_much_is_refused() -> None:
    levels = ["a: &a {" + ", ".join(f"k{n}: 1" for n in range(40)) + "}"]
    for here, above in zip("bcdef", "abcde", strict=True):
        levels.append(f"{here}: &{here} {{" + ", ".join(f"k{n}: *{above}" for n in range(40)) + "}")
    faults = faults_of("\n".join(levels))
    assert all("holds too much" in fault.words for fault in faults)


def test_other_files_that_a_draft_breaks_are_named() -> None:
    text = A_DRAFT.replace("a_draft", "urban_dibao") + "holds_one_of: [orphan]\n"
    files = {fault.file for fault in faults_of(text)}
    assert {"charity.yaml", "medical_relief.yaml"} <= files
    assert "draft.yaml" not in files


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ("[a_draft]", "a_draft is no other programme"),
        ("[urban_dibo]", "urban_dibo is no other programme; is urban_dibao meant?"),
        ("[charity]", "charity itself rests on others"),
        ("[rural_dibao]", "nothing can be held where urban"),
    ],
)
def test_categories_must_be_programmes_of_their_own(held: str, words: str) -> None:
    without_tests = A_DRAFT[: A_DRAFT.index("tests:")] + f"holds_one_of: {held}\n"
    assert words in "\n".join(str(fault) for fault in faults_of(without_tests))


def test_a_way_back_to_oneself_is_told() -> None:
    ring = A_DRAFT.replace("a_draft", "urban_dibao") + "holds_one_of: [charity]\n"
    words = [fault.words for fault in faults_of(ring) if fault.file == "draft.yaml"]
    assert words == ["urban_dibao rests on itself by way of charity"]


def test_data_that_is_no_text_has_keys_and_no_lines() -> None:
    content = yaml.safe_load(A_DRAFT.replace("limit: homes_most", "limit: homes_mst"))
    with pytest.raises(FaultyStandards) as raised:
        shipped().with_draft(content)
    assert str(raised.value).startswith("draft.yaml: tests.1.limit: homes_mst is no parameter")


def test_faults_are_in_the_order_of_the_file() -> None:
    places = [Place(3, 1), Place(2, 9), Place(2, 10)]
    faults = [Fault("a.yaml", place, "key", f"{place.line}") for place in places]
    assert [fault.place for fault in in_order(faults)] == sorted(places)


def values_in(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all scalars."""
    items = enumerate(part) if isinstance(part, list) else part.items()
    nested = [(key, one) for key, one in items]
    found = []
    for key, one in nested:
        here = (*path, key)
        found += values_in(one, here) if isinstance(one, dict | list) else [here]
    return found


def as_json() -> dict[str, Any]:
    def plain(part: Any) -> Any:
        if isinstance(part, dict):
            return {str(key): plain(one) for key, one in part.items()}
        return [plain(one) for one in part] if isinstance(part, list) else part

    content: dict[str, Any] = plain(yaml.safe_load(A_DRAFT))
    return content


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_stands_for_a_value_its_own_line_is_told(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(values_in(as_json())))
    wrong = data.draw(st.sampled_from([None, 7.5, True, [], {}, "", {"a": 1}, [1]]))
    content = as_json()
    part: Any = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = wrong
    text = json.dumps(content, ensure_ascii=False, indent=1)
    key = ".".join(str(step) for step in path)
    try:
        shipped().with_draft(text)
        faults: tuple[Fault, ...] = ()
    except FaultyStandards as error:
        faults = error.faults
    keys = [fault.key for fault in faults]
    may_be_missing = path[-1] in ("en", "unit", "clause")
    assert may_be_missing or any(one == key or one.startswith(f"{key}.") for one in keys), keys
    assert all(fault.place is not None for fault in faults)


@given(st.integers(0, len(A_DRAFT)), st.text(max_size=6), st.integers(0, 12))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_reader(at: int, put: str, taken: int) -> None:
    text = A_DRAFT[:at] + put + A_DRAFT[at + taken :]
    with suppress(InvalidStandard):
        standards, key = shipped().with_draft(text)
        assert key in standards.programmes


def test_a_draft_takes_the_place_of_a_programme_or_is_added() -> None:
    region, day = "220102003", date(2026, 5, 1)
    added, key = shipped().with_draft(A_DRAFT)
    standard = added.in_force(key, region, day)
    assert (key, standard.id) == ("a_draft", "a_draft@2026-01-01/220102+draft")
    assert str(standard.tests[0].limit) == "836.00"
    assert str(standard.counting.supporter_share) == "0.40"
    assert "a_draft" not in shipped().programmes
    changed, key = added.with_draft(A_DRAFT.replace("a_draft", "urban_dibao"))
    assert changed.in_force(key, region, day).id == "urban_dibao@2026-01-01/220102+draft"
    assert shipped().in_force(key, region, day).id == "urban_dibao@2026-01-01/220102"
    others = ("rural_dibao", "charity", "medical_relief")
    for other in others:
        assert changed.in_force(other, region, day) == shipped().in_force(other, region, day)


def test_text_and_data_of_one_draft_are_one_standard() -> None:
    drafts = (A_DRAFT, json.dumps(as_json()), as_json(), yaml.safe_load(A_DRAFT))
    found = [shipped().with_draft(draft)[0] for draft in drafts]
    standards = [one.in_force("a_draft", "220102", date(2026, 5, 1)) for one in found]
    assert standards == [standards[0]] * len(drafts)
