"""Programme files: a folder replaces shipped files, and every fault names file and key."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from app.domain.errors import InvalidStandard
from app.programmes.folder import SHIPPED
from app.programmes.standard import Standards

A_PROGRAMME = """
programme: a_test
name: {zh: 测试, en: test}
clause: "3"
area: urban
tests:
  - {test: monthly_income_per_person, comparison: below, limit: [factor, local_standard]}
parameters:
  factor: {reference: test, values: {all: {2014-07-01: "1.1"}}}
benefits:
  once: {reference: test, values: {"22": {2014-07-01: "10.00", 2027-01-01: "12.00"}}}
"""


def load(folder: Path, text: str, name: str = "a_test.yaml") -> Standards:
    (folder / name).write_text(text, "utf-8")
    return Standards.load(folder)


def test_a_file_in_the_folder_adds_a_programme(tmp_path: Path) -> None:
    standards = load(tmp_path, A_PROGRAMME)
    standard = standards.in_force("a_test", "220102003", date(2026, 5, 1))
    assert standard.tests[0].limit == Decimal("836.00")
    assert standard.benefits == {"once": Decimal("10.00")}
    assert "urban_dibao" in standards.programmes


def test_a_changed_benefit_is_a_new_version(tmp_path: Path) -> None:
    standard = load(tmp_path, A_PROGRAMME).in_force("a_test", "220102003", date(2027, 5, 1))
    assert standard.id == "a_test@2027-01-01/220102"


def test_a_file_in_the_folder_replaces_the_shipped_one(tmp_path: Path) -> None:
    text = (SHIPPED / "local.yaml").read_text("utf-8").replace('"760.00"', '"800.00"')
    standards = load(tmp_path, text, "local.yaml")
    standard = standards.in_force("urban_dibao", "220102003", date(2026, 5, 1))
    assert standard.counting.local_standard == Decimal("800.00")


def test_a_programme_overrides_what_is_shared(tmp_path: Path) -> None:
    own = 'parameters:\n  supporter_share: {reference: t, values: {all: {2014-07-01: "0.30"}}}'
    standards = load(tmp_path, A_PROGRAMME.replace("parameters:", own))
    counting = standards.in_force("a_test", "220102003", date(2026, 5, 1)).counting
    assert counting.supporter_share == Decimal("0.30")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("programme: a_test", "programme: other", "a_test.yaml:2:12: programme: must be a_test"),
        ("area: urban", "area: suburban", "area: "),
        ("area: urban", "area: urban\nlimits: []", "limits: "),
        ("comparison: below", "comparison: above", "tests.0.comparison: "),
        ("test: monthly_income_per_person", "test: cash", "tests.0.test: cash is none of"),
        ("[factor, local_standard]", "[]", "tests.0.limit: names no parameter"),
        ("[factor, local_standard]", "cap", "tests.0.limit: cap is no parameter"),
        ("[factor, local_standard]", "window_months", "window_months is no parameter that is an"),
        ('"1.1"', "1.1", "parameters.factor.values.all.2014-07-01: must be a decimal in quotes"),
        ('"1.1"', '"-1"', "parameters.factor.values.all.2014-07-01: must be a finite decimal"),
        ('"1.1"', "null", "parameters.factor.values.all.2014-07-01: must be a decimal in quotes"),
        ("{all: {2014", "{Jilin: {2014", "parameters.factor.values.Jilin: must be a region's code"),
        ('2014-07-01: "1.1"', 'soon: "1.1"', "parameters.factor.values.all.soon"),
        ('{2014-07-01: "1.1"}', "{}", "parameters.factor.values.all: is empty: at least one"),
        (
            'values: {all: {2014-07-01: "1.1"}}',
            "values: {}",
            "factor.values: is empty: at least one",
        ),
        ('values: {all: {2014-07-01: "1.1"}}', "unit: x", "factor: needs either values, or urban"),
        ("values: {all:", "urban: {all:", "factor: needs either values, or urban and rural"),
        ("reference: test, values: {all", 'reference: "", values: {all', "factor.reference: "),
        ("  once:", "  window_months:", "benefits.window_months: "),
        ("area: urban", "area: urban\narea: rural", "area: is written twice, first in line 5"),
        ("area: urban", "area: urban\nholds_one_of: [none]", "none is no other programme"),
        ("area: urban", "area: urban\nholds_one_of: [charity]", "charity itself rests on others"),
        ("area: urban", "area: [", "not readable as YAML"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in A_PROGRAMME
    with pytest.raises(InvalidStandard) as raised:
        load(tmp_path, A_PROGRAMME.replace(old, new))
    message = str(raised.value)
    assert re.match(r"a_test\.yaml:\d+:\d+: ", message)
    assert words in message


def test_a_programme_needs_a_condition(tmp_path: Path) -> None:
    bare = 'programme: a_test\nname: {zh: 测试}\nclause: "3"\narea: by_township\n'
    with pytest.raises(InvalidStandard, match="needs tests or holds_one_of"):
        load(tmp_path, bare)
    with pytest.raises(InvalidStandard, match="nothing can be held where rural"):
        load(tmp_path, bare + "holds_one_of: [urban_dibao]\n")


def test_a_counting_rule_that_is_missing_is_named(tmp_path: Path) -> None:
    shared = yaml.safe_load((SHIPPED / "local.yaml").read_text("utf-8"))
    del shared["parameters"]["window_months"]
    with pytest.raises(InvalidStandard, match=r"parameters\.window_months: is missing here and in"):
        load(tmp_path, yaml.safe_dump(shared), "local.yaml")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidStandard, match="no such folder"):
        Standards.load(tmp_path / "none")


def test_the_first_fault_is_told_with_how_many_more_and_what_tells_them(tmp_path: Path) -> None:
    with pytest.raises(InvalidStandard) as raised:
        load(tmp_path, A_PROGRAMME.replace("area: urban", "area: suburb").replace('"1.1"', "1.1"))
    message = str(raised.value)
    assert message.startswith("a_test.yaml:5:7: area: must be 'urban', 'rural' or 'by_township'")
    assert message.endswith(f" (and 1 more; hedui programmes check {tmp_path} tells all)")


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_files_keep_the_line_length(path: Path) -> None:
    assert all(len(line) <= 100 for line in path.read_text("utf-8").splitlines())
