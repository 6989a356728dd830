"""Records under one name and different numbers: the person can hardly be all of them."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.evidence import Evidence, Link
from app.verification.score.rivals import _SECOND_ENTRY, chances
from connectors.records import AnyRecord
from tests.builders import accepted, in_review, refused
from tests.records import an_account

Row = Evidence[AnyRecord]
probabilities = st.floats(0.0, 1.0)


def by_name(id_: str, probability: float, person: str = "m1", **changes: Any) -> Row:
    """A record of an account that only the name speaks for."""
    values = {"id": id_, "probability": probability, "rule": "name_only", **changes}
    return in_review(an_account(account=id_), person, **values)


def alone(*rows: Row) -> list[frozenset[str]]:
    return [frozenset({row.id}) for row in rows]


def found(*rows: Row, groups: Sequence[frozenset[str]] | None = None) -> list[float]:
    wanted = alone(*rows) if groups is None else list(groups)
    chance = chances(rows, wanted)
    assert set(chance) == set(wanted)
    return [chance[one] for one in wanted]


@pytest.mark.parametrize("probability", [0.0, 0.2, 0.5, 0.97])
def test_one_record_alone_has_its_own_chance(probability: float) -> None:
    assert found(by_name("a", probability)) == pytest.approx([probability])


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        # Odds 1 each, halved: 0.5 among 1 + 0.5 + 0.5.
        ([0.5, 0.5], [0.25, 0.25]),
        # Odds 4 and 1, halved: 2 and 0.5 among 3.5.
        ([0.8, 0.5], [2 / 3.5, 0.5 / 3.5]),
        ([0.5, 0.5, 0.5], [1 / 6] * 3),
        ([0.0, 0.5], [0.0, 1 / 3]),
    ],
)
def test_rivals_share_the_odds(given_: list[float], expected: list[float]) -> None:
    rows = [by_name(str(place), one) for place, one in enumerate(given_)]
    assert found(*rows) == pytest.approx(expected)


@given(st.lists(probabilities, min_size=2, max_size=9))
def test_the_person_is_at_most_one_of_them(given_: list[float]) -> None:
    rows = [by_name(str(place), one) for place, one in enumerate(given_)]
    together = found(*rows)
    assert 0.0 <= sum(together) < 1.0
    assert all(one <= alone_ + 1e-6 for one, alone_ in zip(together, given_, strict=True))


@given(st.lists(probabilities, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_the_order_changes_nothing(given_: list[float], random: Random) -> None:
    whose = ("m2", "m1", "m1")
    rows = [by_name(str(place), one, whose[place % 3]) for place, one in enumerate(given_)]
    groups = [*alone(*rows[2:]), frozenset(row.id for row in rows[:2] if row.person == "m2")]
    groups = [one for one in groups if one]
    turned, mixed = list(rows), list(groups)
    random.shuffle(turned)
    random.shuffle(mixed)
    assert chances(turned, mixed) == chances(rows, groups)


@given(st.lists(probabilities, min_size=1, max_size=5))
def test_the_likelier_stays_the_likelier(given_: list[float]) -> None:
    rows = [by_name(str(place), one) for place, one in enumerate(given_)]
    together = found(*rows)
    for one, chance in zip(given_, together, strict=True):
        for other, other_chance in zip(given_, together, strict=True):
            assert one > other or chance <= other_chance


@pytest.mark.parametrize(
    "there",
    [
        accepted(an_account(), id="there"),
        accepted(an_account(), id="there", decided_by="model", rule=None, probability=0.995),
        accepted(an_account(), id="there", decided_by="u_17", rule="name_only", probability=1.0),
    ],
    ids=["by rule", "by model", "by a reviewer"],
)
def test_who_stands_there_already_is_hardly_another(there: Row) -> None:
    row = by_name("a", 0.5)
    (chance,) = chances([there, row], alone(row)).values()
    # Odds 1, a small part of them.
    assert chance == pytest.approx(_SECOND_ENTRY / (1.0 + _SECOND_ENTRY))
    assert chance < 0.1


@pytest.mark.parametrize(
    "beside",
    [
        accepted(an_account(), "m2", id="there"),
        accepted(an_account(), id="there", source="insurance"),
        refused(an_account(), id="there"),
    ],
    ids=["another person", "another source", "a stranger's"],
)
def test_who_stands_elsewhere_is_as_likely(beside: Row) -> None:
    row = by_name("a", 0.5)
    assert list(chances([beside, row], alone(row)).values()) == pytest.approx([0.5])


@pytest.mark.parametrize(
    "beside",
    [
        by_name("b", 0.5, "m2"),
        by_name("b", 0.5, source="insurance"),
        by_name("b", 0.5, rule="mistyped_number"),
    ],
    ids=["another person", "another source", "a number"],
)
def test_what_is_no_rival_takes_nothing_away(beside: Row) -> None:
    assert found(by_name("a", 0.5), beside) == pytest.approx([0.5, 0.5])


def test_a_group_has_the_mean_of_its_records() -> None:
    rows = [by_name("a", 0.4), by_name("b", 0.6)]
    assert found(*rows, groups=[frozenset({"a", "b"})]) == pytest.approx([0.5])
    number = [in_review(an_account(), id=id_, probability=p) for id_, p in (("c", 0.1), ("d", 0.3))]
    assert found(*number, groups=[frozenset({"c", "d"})]) == pytest.approx([0.2])


def test_a_group_of_what_is_accepted_keeps_its_chance() -> None:
    row = accepted(an_account(), id="a", probability=0.98, rule="name_only", link=Link.ACCEPTED)
    assert found(row, by_name("b", 0.5))[0] == 0.98


def test_the_surest_of_rivals_is_never_certain() -> None:
    assert found(by_name("a", 1.0))[0] < 1.0
    assert found(by_name("a", 1.0), by_name("b", 1.0)) == pytest.approx([0.5, 0.5], abs=1e-6)
