"""Who speaks next on an item, and what comes of it 双人复核: one word, or two that agree, or three.

A round goes on until it is decided; a reversal ends it, and so does a change of the records that
it is about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from app.domain.decision import ActionKind
from app.domain.errors import Conflict, NotFound
from app.domain.review import ASKS, Choice, ItemState, Role, WhyClosed
from app.store.review_decisions import ReviewDecision
from app.store.review_items import ReviewItem


@dataclass(frozen=True, slots=True)
class Step:
    """In whose place a reviewer speaks, how the item then stands, whether the word holds now."""

    role: Role
    state: ItemState
    holds: bool


def round_of(
    decisions: Iterable[ReviewDecision], records: frozenset[str]
) -> tuple[ReviewDecision, ...]:
    """The words of the round that is under way or was decided last, about these very records."""
    words: list[ReviewDecision] = []
    for one in decisions:
        if one.role is Role.ASIDE:
            continue
        if one.choice is Choice.REVERSED:
            words = []
        else:
            words.append(one)
    return tuple(one for one in words if one.record_keys == records)


def last_round(decisions: Sequence[ReviewDecision]) -> tuple[ReviewDecision, ...]:
    """The words of the last round, whatever records it was about; or that somebody is unsure."""
    if decisions and decisions[-1].choice is Choice.UNSURE:
        return (decisions[-1],)
    words = [one for one in decisions if one.role is not Role.ASIDE]
    return round_of(words, words[-1].record_keys) if words else ()


def next_step(
    item: ReviewItem, spoken: Sequence[ReviewDecision], choice: Choice, *, by: str, adverse: bool
) -> Step:
    """What a word on records does; `spoken` are those of the round. Raises Conflict."""
    check_undecided(item)
    if by in {one.reviewer for one in spoken}:
        raise Conflict("another reviewer is needed: you have given your word on this item")
    match len(spoken):
        case 0:
            state = ItemState.AWAITING_SECOND if adverse else ItemState.DECIDED
            return Step(Role.FIRST, state, not adverse)
        case 1:
            agrees = spoken[0].choice is choice
            state = ItemState.DECIDED if agrees else ItemState.DISAGREED
            return Step(Role.SECOND, state, agrees)
        case _:
            return Step(Role.THIRD, ItemState.DECIDED, holds=True)


def step_of_asking(item: ReviewItem, choice: Choice) -> Step:
    """What is said of an answer that is wanted needs nobody else. Raises Conflict."""
    check_undecided(item)
    state = ItemState.ASKED if choice in ASKS else ItemState.DECIDED
    return Step(Role.FIRST, state, holds=True)


def check_undecided(item: ReviewItem) -> None:
    """Raises Conflict where nothing is left to decide."""
    match item.state:
        case ItemState.DECIDED:
            raise Conflict("the item is decided: reverse the decision before you decide anew")
        case ItemState.CLOSED if item.why_closed is WhyClosed.NOT_NAMED and is_of_records(item):
            return  # a word on a record may be given unasked
        case ItemState.CLOSED:
            raise Conflict(f"the item is closed ({item.why_closed}): nothing is left to decide")
        case ItemState.OPEN | ItemState.ASKED | ItemState.AWAITING_SECOND | ItemState.DISAGREED:
            return
        case _:
            assert_never(item.state)


def reversible(
    item: ReviewItem, spoken: Sequence[ReviewDecision], version: int, *, by: str
) -> ReviewDecision:
    """The word that a reversal takes back: the round's last, whichever of its versions is named.

    A word that waits for a second one only its own reviewer may take back, and nobody else is told
    of it. Raises NotFound, Conflict.
    """
    hidden = waits_for_second(item) and item.first_reviewer != by
    if (hidden and spoken[-1:] and spoken[-1].role is not Role.ASIDE) or version not in {
        one.version for one in spoken
    }:
        raise NotFound("no such decision stands on this item")
    match item.state:
        case ItemState.DECIDED | ItemState.ASKED | ItemState.AWAITING_SECOND:
            return spoken[-1]
        case ItemState.DISAGREED:
            raise Conflict("two reviewers differ: a third one decides")
        case ItemState.OPEN | ItemState.CLOSED:
            raise Conflict("no decision stands on this item")
        case _:
            assert_never(item.state)


def seen_state(item: ReviewItem, by: str) -> ItemState:
    """To all but the first reviewer, an item that waits for the second is one like any other."""
    waits = item.state is ItemState.AWAITING_SECOND
    return ItemState.OPEN if waits and item.first_reviewer != by else item.state


def seen_decisions(
    item: ReviewItem, decisions: Sequence[ReviewDecision], by: str
) -> tuple[ReviewDecision, ...]:
    """All versions; but whoever is to speak second decides without knowing the first word."""
    if not waits_for_second(item) or item.first_reviewer == by:
        return tuple(decisions)
    ends = [one for one in decisions if one.choice is Choice.REVERSED and one.role is Role.REVERSAL]
    last = max((one.version for one in ends), default=0)
    return tuple(one for one in decisions if one.version <= last)


def waits_for_second(item: ReviewItem) -> bool:
    """A first word stands that a second one must follow, set aside meanwhile or not."""
    if item.state is ItemState.ASKED:
        return (
            item.first_reviewer is not None
            and item.second_reviewer is None
            and (is_of_records(item))
        )
    return item.state is ItemState.AWAITING_SECOND


def is_of_records(item: ReviewItem) -> bool:
    """Whether it asks whose records are."""
    return item.kind is ActionKind.REVIEW_RECORD
