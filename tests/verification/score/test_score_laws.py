"""Laws of scoring: chances, order, and what an answer that comes does to what is left to do."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from random import Random
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.decision import Cause
from app.domain.evidence import Link
from app.domain.household import Declared, DeclaredAsset, DeclaredIncome
from app.error_rate.variables import Spread, Variable
from app.verification.plan import SOURCES
from app.verification.score.known import Difference, Known
from app.verification.score.score import score
from tests.builders import a_material, a_member, a_request, a_supporter, declared
from tests.builders import declared_asset as asset
from tests.builders import declared_income as income
from tests.verification.merge.test_laws import Rows, evidence
from tests.verification.score.knowing import (
    FAILED,
    NOT_CONNECTED,
    PENDING,
    UNSIGNED,
    actions_of,
    aged,
    as_set,
    known_from,
)

LAWS: Final = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PERSONS: Final = ("m1", "m2", "s1")
HOUSEHOLD: Final = (a_member("m1"), a_member("m2"), a_supporter("s1"))
ROLES: Final = ("source", "review", "household")
States = Mapping[tuple[str, str], Mapping[str, Any]]

missing = st.sampled_from([FAILED, PENDING, UNSIGNED, NOT_CONNECTED])
pairs = st.tuples(st.sampled_from(PERSONS), st.sampled_from(SOURCES))
open_states = st.dictionaries(pairs, missing, min_size=1, max_size=6)
states = st.dictionaries(pairs, st.one_of(missing, st.integers(0, 60).map(aged)), max_size=6)
WORDS: Final[tuple[DeclaredIncome | DeclaredAsset, ...]] = (
    income("900.00"),
    income("0.00"),
    income("640.00", "transfer", person="m2"),
    income("300.00", basis="odd_jobs"),
    asset("home"),
    asset("deposit", "5200.00"),
    asset("vehicle", person="m2"),
)
words = st.lists(st.sampled_from(WORDS), max_size=4).map(lambda items: declared(*items))
differences = st.lists(
    st.builds(
        lambda number, probability, counted, cars, money: Difference(
            evidence=(f"ev_{number}",),
            probability=probability,
            counted=counted,
            totals={"vehicles": cars, "financial_assets": money},
        ),
        st.integers(90, 99),
        st.floats(0.0, 1.0),
        st.booleans(),
        st.floats(0.0, 3.0),
        st.floats(0.0, 1e6),
    ),
    max_size=3,
)


def known_with(rows: Rows, changed: States, said: Declared, random: Random | None = None) -> Known:
    """The household of these records; in another order where `random` mixes them."""
    request = a_request(*HOUSEHOLD, declared=said)
    material = a_material(*rows, request=request)
    statuses = [
        replace(one, **changed.get((one.person, one.source), {})) for one in material.statuses
    ]
    mixed = list(material.evidence)
    if random is not None:
        random.shuffle(statuses)
        random.shuffle(mixed)
    return known_from(replace(material, statuses=tuple(statuses), evidence=tuple(mixed)))


def with_differences(known: Known, found: list[Difference]) -> Known:
    whole = [replace(one, totals={**known.base, **one.totals}) for one in found]
    return replace(known, differences=whole)


def is_sound(one: Variable) -> bool:
    """A probability, or ends that enclose what the base holds; finite sizes."""
    if isinstance(one, Spread):
        ends = one.low <= one.base and (one.high is None or one.base <= one.high)
        sizes = one.sigma >= 0.0 and (one.median is None or one.median > 0.0)
        return ends and sizes and 0.0 <= one.off <= 1.0 and isfinite(one.base)
    return 0.0 <= one.probability.mean <= 1.0 and one.probability.weight > 0.0


@LAWS
@given(evidence(), states, words, differences)
def test_every_doubt_is_a_chance_with_a_cause_and_a_way_to_settle_it(
    rows: Rows, changed: States, said: Declared, found: list[Difference]
) -> None:
    scored = score(with_differences(known_with(rows, changed, said), found))
    assert all(is_sound(one) for one in scored.variables)
    assert all(isinstance(one.cause, Cause) for one in scored.variables)
    actions = actions_of(scored.variables)
    assert {one.split(":", maxsplit=1)[0] for one in actions} <= set(ROLES)
    assert all(isfinite(value) and value >= 0.0 for value in scored.base.values())
    assert scored.size >= 1


@LAWS
@given(evidence(), states, words, st.randoms(use_true_random=False))
def test_the_order_of_answers_and_records_changes_nothing(
    rows: Rows, changed: States, said: Declared, random: Random
) -> None:
    one = score(known_with(rows, changed, said))
    other = score(known_with(rows, changed, said, random))
    assert as_set(one.variables) == as_set(other.variables)
    assert (one.base, one.size) == (other.base, other.size)
    assert {name: set(items) for name, items in one.open_by_total.items()} == {
        name: set(items) for name, items in other.open_by_total.items()
    }


@LAWS
@given(evidence(), states, words)
def test_the_same_household_has_the_same_doubts(
    rows: Rows, changed: States, said: Declared
) -> None:
    assert score(known_with(rows, changed, said)) == score(known_with(rows, changed, said))


@LAWS
@given(evidence(), st.dictionaries(pairs, missing, min_size=1, max_size=6), words, st.data())
def test_a_whole_answer_never_leaves_more_to_do(
    rows: Rows, changed: States, said: Declared, data: st.DataObject
) -> None:
    """The source answers in the end, and has nothing of the person.

    That a county is connected to a source, or somebody signs, is another matter: it can show that
    what was declared is not there.
    """
    failed = [pair for pair, state in changed.items() if state in (FAILED, PENDING)]
    if not failed:
        return
    pair = data.draw(st.sampled_from(failed))
    left = tuple(row for row in rows if (row.person, row.source) != pair)
    before = known_with(left, changed, said)
    after = known_with(left, {key: one for key, one in changed.items() if key != pair}, said)
    told, untold = (actions_of(score(known).variables) for known in (after, before))
    assert len(told) <= len(untold)
    assert f"source:{pair[1]}:{pair[0]}" not in told


@LAWS
@given(evidence(), words)
def test_of_fresh_and_whole_answers_no_source_need_be_asked(rows: Rows, said: Declared) -> None:
    scored = score(known_with(rows, {}, said))
    assert not any(one.startswith("source:") for one in actions_of(scored.variables))


@LAWS
@given(evidence(), states, words)
def test_what_a_person_must_judge_is_in_no_base(
    rows: Rows, changed: States, said: Declared
) -> None:
    settled = tuple(row for row in rows if row.link is Link.ACCEPTED)
    assert known_with(rows, changed, said).base == known_with(settled, changed, said).base
