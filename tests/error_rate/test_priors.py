"""Shipped priors: complete, and faults named by file and key."""

from pathlib import Path
from typing import Final

import pytest

from app.domain.decision import Cause
from app.domain.errors import ConfigurationError
from app.error_rate.parameters import SHIPPED, Parameters
from app.error_rate.variables import Chance, Hidden, Presence

PRIORS: Final = Parameters.load()


def test_every_source_has_priors() -> None:
    assert set(PRIORS.sources) == {
        "household_registry", "tax", "social_insurance", "property", "business_registration",
        "housing_fund", "vehicle", "bank", "insurance", "securities",
    }  # fmt: skip
    assert PRIORS.version
    assert PRIORS.example


def test_a_thing_of_a_count_is_one_more_of_it() -> None:
    car = PRIORS.sources["vehicle"].has["car"]
    hidden = car.hidden(Cause.SOURCE_GAP, car.probability)
    assert isinstance(hidden, Hidden)
    assert (hidden.total, hidden.whole, hidden.probability.mean) == ("vehicles", True, 0.04)


def test_a_home_brings_its_floor_area() -> None:
    home = PRIORS.sources["property"].has["second_home"]
    second = home.hidden(Cause.SOURCE_GAP, home.probability)
    assert isinstance(second, Presence)
    assert second.effects == {"homes": 1.0, "floor_area": 70.0}
    assert not second.counted


@pytest.mark.parametrize(
    ("relation", "mean"), [("spouse", 0.9), ("child", 0.6), ("sibling", 0.3), (None, 0.3)]
)
def test_who_is_registered_belongs_by_relation(relation: str | None, mean: float) -> None:
    assert PRIORS.registered(relation).mean == mean


def test_amounts_spread_with_age() -> None:
    bank = PRIORS.sources["bank"]
    assert bank.sigma_after(0.0) == bank.amount_sigma
    assert bank.sigma_after(2.0) == pytest.approx((0.02**2 + 0.3**2) ** 0.5)


def test_a_match_probability_is_a_chance() -> None:
    assert PRIORS.link(0.98) == Chance(0.98, 200.0)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("version:", "release:", "parameters.yaml: version: "),
        ("weight: 200}", "weight: 0}", "weight: "),
        ("mean: 0.04", "mean: 4", "mean: "),
        ("total: vehicles", "total: cars", "vehicle.has.car.total: cars is no total"),
        ("sources:", "sources: [", "cannot be read as YAML"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path = tmp_path / "parameters.yaml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationError) as raised:
        Parameters.load(path)
    assert words in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml: cannot be read"):
        Parameters.load(tmp_path / "none.yaml")
