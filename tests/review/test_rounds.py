"""Who speaks next, and what comes of it: for every sequence of words, by law."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import ActionKind
from app.domain.errors import Conflict, NotFound
from app.domain.review import Choice, ItemState, Role, WhyClosed
from app.review.rounds import (
    last_round,
    next_step,
    reversible,
    round_of,
    seen_decisions,
    seen_state,
    step_of_asking,
)
from app.store.review_decisions import ReviewDecision
from tests.review_parts import RECORD, a_word, an_item

SAME, OTHER = Choice.SAME_PERSON, Choice.ANOTHER_PERSON
KEYS = frozenset({RECORD.record})


@pytest.mark.parametrize(
    ("spoken", "choice", "adverse", "role", "state", "holds"),
    [
        ((), OTHER, False, Role.FIRST, ItemState.DECIDED, True),
        ((), SAME, True, Role.FIRST, ItemState.AWAITING_SECOND, False),
        ((SAME,), SAME, True, Role.SECOND, ItemState.DECIDED, True),
        ((SAME,), OTHER, False, Role.SECOND, ItemState.DISAGREED, False),
        ((SAME, OTHER), SAME, True, Role.THIRD, ItemState.DECIDED, True),
        ((SAME, OTHER), OTHER, False, Role.THIRD, ItemState.DECIDED, True),
    ],
)
def test_the_next_word(
    spoken: tuple[Choice, ...],
    choice: Choice,
    adverse: bool,
    role: Role,
    state: ItemState,
    holds: bool,
) -> None:
    words = [a_word(n, one, f"cl_{n}") for n, one in enumerate(spoken, 1)]
    step = next_step(an_item(), words, choice, by="cl_9", adverse=adverse)
    assert (step.role, step.state, step.holds) == (role, state, holds)


CALLS = st.lists(
    st.tuples(st.sampled_from(["cl_1", "cl_2", "cl_3", "cl_4"]), st.sampled_from([SAME, OTHER])),
    max_size=8,
)


@given(CALLS)
def test_what_is_adverse_never_holds_by_one_persons_word(calls: list[tuple[str, Choice]]) -> None:
    """Whoever says what in whatever order: two different persons stand behind what holds."""
    item, words = an_item(), list[ReviewDecision]()
    for by, choice in calls:
        try:
            step = next_step(item, words, choice, by=by, adverse=choice is SAME)
        except Conflict:
            continue
        words.append(a_word(len(words) + 1, choice, by, role=step.role))
        item = replace(item, state=step.state)
        if step.holds and choice is SAME:
            assert len({one.reviewer for one in words if one.choice is SAME}) >= 2
        assert step.holds == (step.state is ItemState.DECIDED)
    assert len({one.reviewer for one in words}) == len(words) <= 3


def test_a_word_about_other_records_does_not_count() -> None:
    """The reply came anew: whoever spoke of the old one has not spoken of this."""
    old = replace(RECORD, record="ev_1/sha256:11")
    words = [a_word(1, SAME, "cl_1", records=(old,))]
    assert round_of(words, KEYS) == ()
    assert last_round(words) == tuple(words)


def test_a_reversal_ends_the_round() -> None:
    words = [
        a_word(1, SAME, "cl_1"),
        a_word(2, SAME, "cl_2"),
        a_word(3, Choice.REVERSED, "cl_3", records=(), role=Role.REVERSAL),
        a_word(4, OTHER, "cl_1"),
    ]
    assert [one.version for one in round_of(words, KEYS)] == [4]
    assert [one.version for one in last_round(words)] == [4]
    assert last_round(words[:3]) == ()
    assert last_round([]) == ()


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (ItemState.DECIDED, None),
        (ItemState.CLOSED, WhyClosed.RECHECKED),
        (ItemState.CLOSED, WhyClosed.CANCELLED),
    ],
)
def test_what_is_settled_takes_no_more_words(state: ItemState, why: WhyClosed | None) -> None:
    item = an_item(state=state, why_closed=why)
    with pytest.raises(Conflict):
        next_step(item, (), OTHER, by="cl_1", adverse=False)
    with pytest.raises(Conflict):
        step_of_asking(item, Choice.OBTAINED)


def test_a_word_on_a_record_that_nothing_names_may_be_given() -> None:
    item = an_item(state=ItemState.CLOSED, why_closed=WhyClosed.NOT_NAMED)
    assert next_step(item, (), OTHER, by="cl_1", adverse=False).holds
    asking = replace(item, kind=ActionKind.ASK_SOURCE, subject="source:bank:m1")
    with pytest.raises(Conflict):
        step_of_asking(asking, Choice.ASKED)


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        (Choice.ASKED, ItemState.ASKED),
        (Choice.OBTAINED, ItemState.DECIDED),
        (Choice.NOT_OBTAINABLE, ItemState.DECIDED),
    ],
)
def test_what_came_of_asking_needs_nobody_else(choice: Choice, state: ItemState) -> None:
    for before in (ItemState.OPEN, ItemState.ASKED):
        step = step_of_asking(an_item(state=before), choice)
        assert (step.role, step.state, step.holds) == (Role.FIRST, state, True)


def test_the_last_word_of_the_round_is_taken_back() -> None:
    item = an_item(state=ItemState.DECIDED, first_reviewer="cl_1", second_reviewer="cl_2")
    words = [a_word(3, SAME, "cl_1"), a_word(4, SAME, "cl_2")]
    for version in (3, 4):
        assert reversible(item, words, version, by="cl_9").version == 4
    for version in (0, 1, 2, 5):
        with pytest.raises(NotFound):
            reversible(item, words, version, by="cl_9")


def test_two_who_differ_are_not_taken_back_but_decided_between() -> None:
    item = an_item(state=ItemState.DISAGREED, first_reviewer="cl_1", second_reviewer="cl_2")
    words = [a_word(1, SAME, "cl_1"), a_word(2, OTHER, "cl_2")]
    with pytest.raises(Conflict):
        reversible(item, words, 2, by="cl_2")


def test_whoever_speaks_second_knows_of_no_first() -> None:
    item = an_item(state=ItemState.AWAITING_SECOND, first_reviewer="cl_1")
    words = [
        a_word(1, OTHER, "cl_2"),
        a_word(2, Choice.REVERSED, "cl_2", role=Role.REVERSAL),
        a_word(3, SAME, "cl_1"),
    ]
    assert seen_state(item, "cl_1") is ItemState.AWAITING_SECOND
    assert seen_state(item, "cl_2") is ItemState.OPEN
    assert len(seen_decisions(item, words, "cl_1")) == 3
    assert [one.version for one in seen_decisions(item, words, "cl_2")] == [1, 2]
    with pytest.raises(NotFound):
        reversible(item, words[2:], 3, by="cl_2")
    assert reversible(item, words[2:], 3, by="cl_1").version == 3
