"""Every order of the worklist: all items once, page by page; what a reviewer's filters leave."""

from datetime import timedelta
from random import Random

import pytest

from app.domain.decision import ActionKind
from app.domain.review import Choice, ItemState, Order, Role
from app.review.queue import cursor_of, place_of
from app.store.crypto import FieldCipher
from app.store.review_decisions import ReviewDecisions
from app.store.review_items import ReviewItem, ReviewItems
from app.store.review_queue import Queue, ReviewQueue
from app.store.review_standing import decided_alike, done_since, undoable
from app.store.session import Database
from app.store.verifications import Verifications
from tests.review_parts import a_gain, a_word, an_item
from tests.service_parts import NOON
from tests.store.test_verifications import a_request, a_verification

ITEMS, QUEUE = ReviewItems(), ReviewQueue()


@pytest.fixture
async def store(migrated: Database, cipher: FieldCipher) -> Database:
    new = a_verification("vf_1", request=a_request("case-1", "220102003"), status="in_review")
    await migrated.write(lambda tx: Verifications(cipher).add(tx, new))
    return migrated


def queue(**changes: object) -> Queue:
    values: dict[str, object] = {"region": "22", "reviewer": "cl_9", "todo": True}
    return Queue(**{**values, **changes})  # type: ignore[arg-type]


def some_items() -> list[ReviewItem]:
    """Many that are alike in what an order compares."""
    random = Random(5)
    states = (ItemState.OPEN, ItemState.OPEN, ItemState.AWAITING_SECOND, ItemState.DISAGREED)
    return [
        an_item(
            subject=f"review:ev_{place}",
            gains=(a_gain(random.choice((0.125, 0.25))),),
            state=random.choice(states),
            first_reviewer="cl_1",
            second_reviewer="cl_2",
            decisive=random.random() < 0.5,
            probability=random.choice((None, 0.25, 0.5, 0.875)),
            due_at=random.choice((None, NOON, NOON + timedelta(hours=1))),
            region=random.choice(("220102003", "220102004")),
        )
        for place in range(40)
    ]


def _rank(order: Order, one: ReviewItem) -> tuple[object, ...]:
    late = one.due_at or NOON + timedelta(days=10**5)
    match order:
        case Order.SAVING:
            return (-one.expected_reduction,)
        case Order.EFFECT:
            return (not one.decisive, late, one.id)
        case Order.DUE:
            return (late, one.id)
        case Order.DOUBT:
            return (1.0 if one.probability is None else abs(one.probability - 0.5), one.id)
        case Order.AREA:
            return (one.region, late, one.id)


@pytest.mark.parametrize("order", list(Order))
async def test_page_by_page_everything_comes_once_in_order(store: Database, order: Order) -> None:
    items = some_items()
    await store.write(lambda tx: ITEMS.add(tx, items))
    wanted, after, seen = queue(order=order), None, []
    while True:
        page = await store.read(
            lambda tx, after=after: QUEUE.page(tx, wanted, after=after, limit=7)  # type: ignore[misc]
        )
        seen += [one.item for one in page]
        if len(page) < 7:
            break
        after = place_of(cursor_of(page[-1].item, order), order)
    ranks = [_rank(order, one) for one in seen]
    assert ranks == sorted(ranks)
    assert sorted(one.id for one in seen) == sorted(one.id for one in items)


async def test_what_filters_leave(store: Database) -> None:
    held = an_item(subject="review:a", source="bank", locked_by="cl_9", locked_until=NOON)
    waits = an_item(
        subject="review:b", source="tax", state=ItemState.AWAITING_SECOND, first_reviewer="cl_9"
    )
    third = an_item(
        subject="review:c",
        source="tax",
        state=ItemState.DISAGREED,
        first_reviewer="cl_1",
        second_reviewer="cl_2",
    )
    task = an_item(subject="source:bank:m1", kind=ActionKind.ASK_SOURCE, due_at=NOON)
    await store.write(lambda tx: ITEMS.add(tx, (held, waits, third, task)))

    async def left(**changes: object) -> set[str]:
        page = await store.read(lambda tx: QUEUE.page(tx, queue(**changes), after=None, limit=9))
        return {one.item.subject for one in page}

    assert await left() == {"review:a", "review:c", "source:bank:m1"}
    assert await left(mine=True) == {"review:a", "review:b"}
    assert await left(source="tax") == {"review:c"}
    assert await left(returned=True) == {"review:c"}
    assert await left(due_before=NOON + timedelta(minutes=1)) == {"source:bank:m1"}
    assert await left(reviewer="cl_1") == {"review:a", "review:b", "source:bank:m1"}
    counts = await store.read(lambda tx: QUEUE.counts(tx, queue()))
    assert counts == {"review_record": 2, "ask_source": 1}


async def test_where_a_reviewer_stands(store: Database, cipher: FieldCipher) -> None:
    decisions, minute = ReviewDecisions(cipher), timedelta(minutes=1)
    items = [
        an_item(subject=f"review:{name}", state=ItemState.DECIDED, difference="name:variant")
        for name in "ab"
    ]
    words = [
        a_word(1, Choice.SAME_PERSON, "cl_9", id="rd_a1", item_id=items[0].id),
        a_word(1, Choice.ANOTHER_PERSON, "cl_9", id="rd_b1", item_id=items[1].id,
               decided_at=NOON + minute),
        a_word(2, Choice.REVERSED, "cl_9", id="rd_b2", item_id=items[1].id, role=Role.REVERSAL,
               reverses=1, decided_at=NOON + 2 * minute),
    ]  # fmt: skip

    def work(tx: object) -> None:
        ITEMS.add(tx, items)  # type: ignore[arg-type]
        for one in words:
            decisions.add(tx, one)  # type: ignore[arg-type]

    await store.write(work)
    assert await store.read(lambda tx: done_since(tx, "cl_9", NOON)) == 1
    assert await store.read(lambda tx: done_since(tx, "cl_9", NOON + minute)) == 0
    last = await store.read(lambda tx: undoable(tx, "cl_9", NOON))
    assert last is not None
    assert (last.item_id, last.version) == (items[0].id, 1)
    assert await store.read(lambda tx: undoable(tx, "cl_9", NOON + minute)) is None
    alike = await store.read(
        lambda tx: decided_alike(tx, "220102", source="bank", difference="name:variant", but="ri_x")
    )
    assert alike == {"same_person": 1, "reversed": 1}
