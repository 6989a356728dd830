"""The rules file: what holds where and when, and every fault with its place."""

from datetime import date, time
from pathlib import Path

import pytest

from app.domain.errors import ConfigurationError
from app.domain.recipient import Cadence
from app.recipients.rules import FaultyRules, NoCadenceInForce, Rules

TOWN, COUNTRY = "220102003", "220102103"

OWN = """\
cadences:
  reference: example notice
  example: true
  urban:
    all:
      2020-01-01: {A: yearly, C: half_yearly}
    "2201":
      2024-01-01: {A: yearly, C: quarterly}
      2026-07-01: {A: half_yearly, C: quarterly}
  rural:
    all:
      2020-01-01: {A: yearly}
schedule:
  enabled: true
  window: "23:30-05:15"
  regions: ["220102"]
  most_households: 500
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("class_", "region", "wanted"),
    [
        ("A", TOWN, Cadence.YEARLY),
        ("B", COUNTRY, Cadence.YEARLY),
        ("C", TOWN, Cadence.QUARTERLY),
        ("C", COUNTRY, Cadence.HALF_YEARLY),
    ],
)
def test_the_shipped_examples(class_: str, region: str, wanted: Cadence) -> None:
    rules = Rules.load()
    assert rules.cadence(class_, region, date(2026, 11, 24)) is wanted
    assert rules.cadences.example
    assert not rules.schedule.enabled


@pytest.mark.parametrize(
    ("region", "day", "wanted"),
    [
        (TOWN, "2026-07-01", Cadence.HALF_YEARLY),
        (TOWN, "2026-06-30", Cadence.YEARLY),
        (TOWN, "2022-01-01", Cadence.YEARLY),  # the level above, before the own values
        ("220202001", "2026-07-01", Cadence.YEARLY),  # another city
    ],
)
def test_the_nearest_level_with_a_value_in_force(
    tmp_path: Path, region: str, day: str, wanted: Cadence
) -> None:
    rules = Rules.load(written(tmp_path, OWN))
    assert rules.cadence("A", region, date.fromisoformat(day)) is wanted
    assert (rules.schedule.opens, rules.schedule.closes) == (time(23, 30), time(5, 15))


def test_before_the_first_date_and_for_an_unknown_class_nothing_holds(tmp_path: Path) -> None:
    rules = Rules.load(written(tmp_path, OWN))
    with pytest.raises(NoCadenceInForce, match="the first starts 2020-01-01"):
        rules.cadence("A", TOWN, date(2019, 12, 31))
    with pytest.raises(NoCadenceInForce, match="there are A"):
        rules.cadence("C", COUNTRY, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("C: half_yearly", "C: monthly", r"6:\d+: .*must be one of yearly, half_yearly"),
        ('"2201":', '"22O1":', "7:5: .*is no region"),
        ("2026-07-01:", "2026-13-01:", r"9:\d+: .*"),
        ("  example: true\n", "", "example: is missing"),
        ("  enabled: true", "  enabled: maybe", "true or false"),
        ('window: "23:30-05:15"', 'window: "23:30-25:15"', "HH:MM-HH:MM"),
        ('window: "23:30-05:15"', 'window: "23:30-23:30"', "must not close when it opens"),
        ("most_households: 500", "most_households: 0", "above 0"),
        ('regions: ["220102"]', "regions: [220102]", "list of regions"),
        ("schedule:", "schedul:", r"schedule: is missing \(and 1 more\)"),
        ("{A: yearly}", "{}", "a cadence for each class"),
        ("{A: yearly}", '{"=A()": yearly}', "is no class"),
        ("reference: example notice", "reference: [1]", "must be text"),
        ("  rural:", "  rural: [\n#", "not readable as YAML"),
        (OWN, "[]", "must hold cadences, schedule"),
    ],
)
def test_faults_are_told_with_file_and_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in OWN
    path = written(tmp_path, OWN.replace(old, new, 1))
    with pytest.raises(FaultyRules, match=said) as told:
        Rules.load(path)
    assert str(told.value).startswith(str(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Rules.load(tmp_path / "none.yaml")
