"""The file of alert rules: the shipped one, regions and dates, faults with file and line."""

from dataclasses import replace
from datetime import date
from operator import ge, gt, le, lt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.kinds import TRAITS, ChangeKind
from app.alerts.rules import Condition, CustomRule, NoRulesInForceError, Relation, holds
from app.alerts.rules_file import SHIPPED, FaultyRulesError, load_rules, read_rules
from app.domain.errors import ConfigurationError
from app.domain.interval import Interval
from app.domain.profile import EMPTY_TOTALS
from tests.records import AS_OF

TEXT = SHIPPED.read_text("utf-8")


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def test_the_shipped_rules_are_examples_and_hold_everywhere() -> None:
    rules = load_rules(None, AS_OF).in_force("220102003", AS_OF)
    assert rules.example
    assert rules.region == "all"
    assert rules.compatibility
    for kind in ChangeKind:
        assert rules.raises(kind) in (True, False)
    assert rules.raises(ChangeKind.DEATH)
    assert not rules.raises(ChangeKind.HOME_GONE)
    assert rules.raises(ChangeKind.MEMBER_LEFT) == TRAITS[ChangeKind.MEMBER_LEFT].alerts


def test_the_nearest_region_and_the_newest_day_hold() -> None:
    of_all = TEXT.split("rules:\n", maxsplit=1)[1]
    of_city = of_all.replace("  all:", '  "2201":', 1).replace("2014-07-01:", "2026-03-01:", 1)
    of_city = of_city.replace("explanation_days: 10", "explanation_days: 3", 1)
    rules = read_rules(f"rules:\n{of_all}{of_city}", "rules.yaml")
    days = {
        (region, day): rules.in_force(region, day).explanation_days
        for region in ("220102003", "220202001")
        for day in (date(2026, 2, 28), date(2026, 3, 1))
    }
    assert list(days.values()) == [10, 3, 10, 10]


def test_before_the_first_day_there_are_no_rules(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(changed("2014-07-01:", "2027-01-01:"), "utf-8")
    with pytest.raises(NoRulesInForceError, match=r"none for all on 2026-11-24"):
        load_rules(file, AS_OF)


@pytest.mark.parametrize(
    ("text", "part", "words"),
    [
        (changed("explanation_days: 10", "explanation_days: ten"), "explanation_days", "integer"),
        (changed("explanation_days: 10", "explanation_days: -1"), "explanation_days", "greater"),
        (changed("handling_days:", "handling_dayz:"), "handling_dayz", "is not known here"),
        (changed("        death: true", "        deaht: true"), "deaht", "is death meant?"),
        (changed('balance: "3000.00"', "balance: 3000.00"), "balance:", "decimal in quotes"),
        (changed("total: businesses", "total: bussinesses"), "bussinesses", "is no total"),
        (changed("is: at_least", "is: over"), "is: over", "must be one of above"),
        (changed("  all:\n", '  "99":\n'), '"99"', "no province"),
        (changed("2014-07-01:", "2014-7-1:"), "2014-7-1", "must be a date"),
        (changed("compatibility: true", "compatibility: perhaps"), "compatibility", "boolean"),
        (changed("        marriage: true", "        death: true"), "death: true", "twice"),
    ],
)
def test_a_fault_names_file_and_line(text: str, part: str, words: str) -> None:
    with pytest.raises(FaultyRulesError) as caught:
        read_rules(text, "rules.yaml")
    at = f"rules.yaml:{line_of(text, part)}:"
    assert any(at in str(fault) and words in str(fault) for fault in caught.value.faults) or (
        words == "twice" and "twice" in str(caught.value)
    ), [str(fault) for fault in caught.value.faults]


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FaultyRulesError, match=r"handling_days: is missing"):
        read_rules(changed("      handling_days: 30", "      # handling_days: 30"), "rules.yaml")
    with pytest.raises(FaultyRulesError, match=r"has no part all"):
        read_rules(changed("  all:\n", '  "22":\n'), "rules.yaml")


@pytest.mark.parametrize("text", ["", "rules: [", "- 1", "rules: {}", "\x00"])
def test_what_is_no_file_of_rules_is_refused(text: str) -> None:
    with pytest.raises(FaultyRulesError):
        read_rules(text, "rules.yaml")


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_rules(tmp_path / "none.yaml", AS_OF)
    file = tmp_path / "rules.yaml"
    file.write_bytes("规则".encode("gb18030"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_rules(file, AS_OF)


def test_a_rule_that_stands_twice_is_told() -> None:
    rule = TEXT[TEXT.index("        - key:") :]
    with pytest.raises(FaultyRulesError, match="several_businesses is there twice"):
        read_rules(TEXT + rule, "rules.yaml")


@given(st.sampled_from(Relation), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_a_rule_holds_only_where_it_surely_does(
    relation: Relation, low: int, more: int, value: int
) -> None:
    """Over an interval it holds exactly where it holds of every number in it."""
    rule = CustomRule(
        key="r", name={}, conditions=(Condition("vehicles", relation, Interval.exactly(value).low),)
    )
    of = {
        Relation.ABOVE: gt,
        Relation.AT_LEAST: ge,
        Relation.BELOW: lt,
        Relation.AT_MOST: le,
    }[relation]
    known = Interval(Interval.exactly(low).low, Interval.exactly(low + more).low)
    assert holds(rule, replace(EMPTY_TOTALS, vehicles=known)) == all(
        of(number, value) for number in range(low, low + more + 1)
    )
