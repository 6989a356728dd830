"""What applicants have, learned from complete answers: towards what was seen, and valid always."""

from copy import deepcopy
from math import log, sqrt
from random import Random
from statistics import fmean, pvariance
from typing import Any, Final

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.error_rate.holdings import AT_A_BANK, SIZES, SeenHolding, with_holdings
from app.error_rate.parameters import SHIPPED, Parameters

CONTENT: Final[dict[str, Any]] = yaml.safe_load(SHIPPED.read_text("utf-8"))
KINDS: Final = [
    (source, kind) for source, content in CONTENT["sources"].items() for kind in content["has"]
]
AMOUNTS: Final = [
    (source, kind)
    for source, kind in KINDS
    if not CONTENT["sources"][source]["has"][kind].get("whole", False)
]
LAWS: Final = settings(max_examples=60, deadline=None)


def of(content: dict[str, Any], source: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = content["sources"][source]["has"][kind]
    return found


def persons(source: str, kind: str, *amounts: float | None, without: int = 0) -> list[SeenHolding]:
    having = [SeenHolding(source, kind, True, amount) for amount in amounts]
    return [*having, *(SeenHolding(source, kind, False) for _ in range(without))]


seen = st.lists(
    st.builds(
        lambda place, has, amount: SeenHolding(place[0], place[1], has, amount if has else None),
        st.sampled_from([*KINDS, *(("bank", kind) for kind in SIZES), ("bank", "gold")]),
        st.booleans(),
        st.none() | st.floats(0.0, 1e7) | st.floats(0.0008, 0.02),
    ),
    max_size=40,
)


def test_without_anything_seen_all_is_as_assumed() -> None:
    assert with_holdings(CONTENT, []) == CONTENT


@LAWS
@given(seen)
def test_the_assumed_content_stays_as_it_is(found: list[SeenHolding]) -> None:
    before = deepcopy(CONTENT)
    with_holdings(before, found)
    assert before == CONTENT


@LAWS
@given(seen, st.randoms(use_true_random=False))
def test_the_order_of_persons_means_nothing(found: list[SeenHolding], random: Random) -> None:
    turned = list(found)
    random.shuffle(turned)
    assert with_holdings(CONTENT, turned) == with_holdings(CONTENT, found)


@LAWS
@given(seen)
def test_what_is_learned_can_be_used(found: list[SeenHolding]) -> None:
    Parameters.of(with_holdings(CONTENT, found), file="learned")


def test_even_pennies_leave_a_size_that_can_be_used() -> None:
    pennies = persons("tax", "wage", *[0.01 / 12] * 5000)
    learned = Parameters.of(with_holdings(CONTENT, pennies), file="learned")
    assert learned.sources["tax"].has["wage"].median == 0.01


# Shares


@pytest.mark.parametrize(("source", "kind"), KINDS)
def test_a_share_is_the_mean_of_what_was_assumed_and_seen_by_weight(source: str, kind: str) -> None:
    found = persons(source, kind, *[None] * 30, without=70)
    share = of(with_holdings(CONTENT, found), source, kind)["probability"]
    assumed = of(CONTENT, source, kind)["probability"]
    expected = (assumed["mean"] * assumed["weight"] + 30) / (assumed["weight"] + 100)
    assert share["mean"] == pytest.approx(expected, abs=1e-6)
    assert share["weight"] == assumed["weight"] + 100


@LAWS
@given(st.sampled_from(KINDS), st.integers(0, 400), st.integers(0, 400))
def test_a_share_moves_towards_what_is_seen(place: tuple[str, str], hits: int, misses: int) -> None:
    if hits + misses == 0:
        return
    found = persons(*place, *[None] * hits, without=misses)
    before = of(CONTENT, *place)["probability"]["mean"]
    after = of(with_holdings(CONTENT, found), *place)["probability"]["mean"]
    rate = hits / (hits + misses)
    assert min(before, rate) - 1e-6 <= after <= max(before, rate) + 1e-6


def test_with_enough_seen_the_assumed_is_forgotten() -> None:
    found = persons("vehicle", "car", *[1.0] * 5000, without=5000)
    assert of(with_holdings(CONTENT, found), "vehicle", "car")["probability"][
        "mean"
    ] == pytest.approx(0.5, abs=0.005)


def test_only_what_was_seen_is_learned() -> None:
    learned = with_holdings(CONTENT, persons("vehicle", "car", 1.0, without=9))
    assert of(learned, "vehicle", "car") != of(CONTENT, "vehicle", "car")
    of(learned, "vehicle", "car")["probability"] = of(CONTENT, "vehicle", "car")["probability"]
    assert learned == CONTENT


@pytest.mark.parametrize(
    ("source", "kind"), [("funerals", "urn"), ("bank", "gold"), ("household_registry", "car")]
)
def test_what_nothing_is_assumed_of_is_left_out(source: str, kind: str) -> None:
    assert with_holdings(CONTENT, persons(source, kind, 5.0, without=3)) == CONTENT


# Sizes


@pytest.mark.parametrize(("source", "kind"), AMOUNTS)
def test_a_size_moves_towards_the_amounts_seen(source: str, kind: str) -> None:
    assumed = of(CONTENT, source, kind)
    usual = assumed["median"] * 8
    learned = of(with_holdings(CONTENT, persons(source, kind, *[usual] * 20)), source, kind)
    # As many as the assumed median stands for: half way, in logarithms.
    assert learned["median"] == pytest.approx(assumed["median"] * sqrt(8), rel=1e-4)
    many = of(with_holdings(CONTENT, persons(source, kind, *[usual] * 4000)), source, kind)
    assert many["median"] == pytest.approx(usual, rel=0.03)


def test_the_spread_is_that_of_the_amounts_and_of_how_far_they_are_from_the_assumed() -> None:
    random = Random(7)
    amounts = [random.lognormvariate(log(5000.0), 0.9) for _ in range(4000)]
    learned = of(with_holdings(CONTENT, persons("bank", "deposits", *amounts)), "bank", "deposits")
    logs = [log(one) for one in amounts]
    assert learned["sigma"] == pytest.approx(sqrt(pvariance(logs)), rel=0.02)
    assert log(learned["median"]) == pytest.approx(fmean(logs), abs=0.01)
    assumed = of(CONTENT, "bank", "deposits")
    as_assumed = persons("bank", "deposits", assumed["median"])
    far_off = persons("bank", "deposits", assumed["median"] * 1000)
    near, far = (
        of(with_holdings(CONTENT, found), "bank", "deposits")["sigma"]
        for found in (as_assumed, far_off)
    )
    assert near < assumed["sigma"] < far


def test_amounts_that_are_all_the_same_still_have_a_spread() -> None:
    found = persons("bank", "deposits", *[3000.0] * 100_000)
    assert of(with_holdings(CONTENT, found), "bank", "deposits")["sigma"] == 0.1


@pytest.mark.parametrize("amount", [None, 0.0])
def test_an_amount_that_is_not_known_or_nothing_is_a_share_and_no_size(
    amount: float | None,
) -> None:
    learned = of(with_holdings(CONTENT, persons("bank", "deposits", amount)), "bank", "deposits")
    assumed = of(CONTENT, "bank", "deposits")
    assert (learned["median"], learned["sigma"]) == (assumed["median"], assumed["sigma"])
    assert learned["probability"]["mean"] > assumed["probability"]["mean"]


def test_a_count_has_no_size() -> None:
    learned = of(with_holdings(CONTENT, persons("vehicle", "car", 1.0)), "vehicle", "car")
    assert set(learned) == set(of(CONTENT, "vehicle", "car"))


@pytest.mark.parametrize("kind", SIZES)
def test_some_kinds_have_only_a_size(kind: str) -> None:
    before, after = CONTENT, with_holdings(CONTENT, persons("bank", kind, *[1e6] * 20, without=9))
    for step in SIZES[kind]:
        before, after = before[step], after[step]
    assert after["median"] == pytest.approx(sqrt(before["median"] * 1e6), rel=1e-4)
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {"median", "sigma"}


def test_a_bank_has_what_one_person_has_there() -> None:
    learned = with_holdings(CONTENT, persons("bank", AT_A_BANK, 900.0, None))
    assert learned[AT_A_BANK] != CONTENT[AT_A_BANK]
    assert learned["sources"] == CONTENT["sources"]
