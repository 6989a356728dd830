"""The worklist on both databases: order, pages, who sees what, locks, words, what they teach."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.domain.decision import ActionKind
from app.domain.errors import NotFound
from app.domain.review import Choice, ItemState, Role, WhyClosed
from app.store.crypto import FieldCipher
from app.store.judgements import Judgements, StoredJudgement, Withdrawal
from app.store.review_decisions import Agreement, ReviewDecisions
from app.store.review_items import ReviewItem, ReviewItems
from app.store.review_queue import Listed, Place, Queue, ReviewQueue
from app.store.session import Database
from app.store.verifications import Verifications
from tests.review_parts import a_gain, a_word, an_item
from tests.service_parts import NOON
from tests.store.test_verifications import a_request as a_request_at
from tests.store.test_verifications import a_verification

ITEMS, QUEUE = ReviewItems(), ReviewQueue()
UNTIL = NOON + timedelta(minutes=10)
SAME, OTHER = Choice.SAME_PERSON, Choice.ANOTHER_PERSON


@pytest.fixture
async def store(migrated: Database, cipher: FieldCipher) -> Database:
    """Two verifications, one in each of two districts."""
    verifications = Verifications(cipher)
    for id_, region in (("vf_1", "220102003"), ("vf_2", "220103001")):
        new = a_verification(id_, request=a_request_at(f"case-{id_}", region), status="in_review")
        await migrated.write(lambda tx, new=new: verifications.add(tx, new))  # type: ignore[misc]
    return migrated


def worth(reduction: float, name: str, **changes: Any) -> ReviewItem:
    return an_item(subject=f"review:{name}", gains=(a_gain(reduction),), **changes)


async def add(store: Database, *items: ReviewItem) -> None:
    await store.write(lambda tx: ITEMS.add(tx, items))


def queue(**changes: Any) -> Queue:
    values: dict[str, Any] = {"region": "22", "reviewer": "cl_9", "state": ItemState.OPEN}
    return Queue(**{**values, **changes})


async def listed(
    store: Database, wanted: Queue, *, after: Place | None = None, limit: int = 100
) -> list[str]:
    """The subjects in their order."""
    page: Sequence[Listed] = await store.read(
        lambda tx: QUEUE.page(tx, wanted, after=after, limit=limit)
    )
    return [one.item.subject.removeprefix("review:") for one in page]


async def test_an_item_is_read_as_it_was_stored(store: Database) -> None:
    item = worth(
        0.25,
        "a",
        state=ItemState.CLOSED,
        why_closed=WhyClosed.RECHECKED,
        first_reviewer="cl_1",
        second_reviewer="cl_2",
        locked_by="cl_1",
        locked_until=UNTIL,
    )
    await add(store, item)
    assert await store.read(lambda tx: ITEMS.get(tx, item.id, region="220102")) == item
    assert await store.write(lambda tx: ITEMS.of_many(tx, ["vf_1"])) == {"vf_1": (item,)}
    changed = replace(item.moved(ItemState.OPEN, UNTIL), gains=(a_gain(0.5),))
    await store.write(lambda tx: ITEMS.change(tx, (changed,)))
    assert await store.read(lambda tx: ITEMS.find(tx, item.id)) == changed
    for id_, region in ((item.id, "220103"), ("ri_none", "22"), ("ri_\x00", "22")):
        with pytest.raises(NotFound):
            await store.read(lambda tx, i=id_, r=region: ITEMS.get(tx, i, region=r))  # type: ignore[misc]


async def test_pages_hold_every_item_once_the_most_worth_first(store: Database) -> None:
    """Equal worth is in the order of the ids; a page may end between two that are equal."""
    items = [worth(one / 8, f"{one}-{n}") for one in (0, 3, 1, 2) for n in range(3)]
    await add(store, *items)
    expected = sorted(items, key=lambda one: (one.expected_reduction, one.id), reverse=True)
    names = [one.subject.removeprefix("review:") for one in expected]
    for limit in (1, 2, 4, 5, 12):
        seen: list[str] = []
        after, page = None, ["before the first"]
        while page:
            page = await listed(store, queue(), after=after, limit=limit)
            seen += page
            last = expected[len(seen) - 1]
            after = Place(last.expected_reduction, last.id)
        assert seen == names


async def test_the_worth_of_all_and_of_the_first(store: Database) -> None:
    reductions = {"a": 0.5, "b": 0.25, "c": 0.125, "d": 0.125}
    await add(store, *(worth(one, name) for name, one in reductions.items()))
    await add(store, worth(0.5, "closed", state=ItemState.CLOSED))
    found = await store.read(lambda tx: QUEUE.worth(tx, queue(), first=2))
    assert (found.items, found.reduction, found.of_first) == (4, 1.0, 0.75)
    nothing = await store.read(lambda tx: QUEUE.worth(tx, queue(region="2204"), first=2))
    assert (nothing.items, nothing.reduction, nothing.of_first) == (0, 0.0, 0.0)


async def test_only_what_is_asked_for_and_below_the_region(store: Database) -> None:
    await add(
        store,
        worth(0.5, "here"),
        worth(0.25, "there", verification_id="vf_2", region="220103001"),
        an_item(
            kind=ActionKind.ASK_SOURCE,
            subject="source:bank:m1",
            gains=(a_gain(0.125, "dibao_edge"),),
        ),
    )
    assert await listed(store, queue()) == ["here", "there", "source:bank:m1"]
    assert await listed(store, queue(region="220103")) == ["there"]
    assert await listed(store, queue(region="")) == ["here", "there", "source:bank:m1"]
    assert await listed(store, queue(kind=ActionKind.ASK_SOURCE)) == ["source:bank:m1"]
    assert await listed(store, queue(programme="dibao_edge")) == ["source:bank:m1"]
    for unknown in ("dibao", "urban_dibao dibao_edge", "%", "urban%", "urbanXdibao", ""):
        assert await listed(store, queue(programme=unknown)) == [], unknown
    [one] = await store.read(lambda tx: QUEUE.page(tx, queue(region="220103"), after=None, limit=9))
    assert (one.case_reference, one.status) == ("case-vf_2", "in_review")


async def test_what_waits_for_a_second_is_open_to_all_but_the_first(store: Database) -> None:
    await add(
        store,
        worth(0.5, "waits", state=ItemState.AWAITING_SECOND, first_reviewer="cl_1"),
        worth(0.25, "differ", state=ItemState.DISAGREED, first_reviewer="cl_1"),
        worth(0.125, "open"),
    )
    assert await listed(store, queue(reviewer="cl_1")) == ["open"]
    assert await listed(store, queue(reviewer="cl_2")) == ["waits", "open"]
    waits = ItemState.AWAITING_SECOND
    assert await listed(store, queue(reviewer="cl_1", state=waits)) == ["waits"]
    assert await listed(store, queue(reviewer="cl_2", state=waits)) == []
    assert await listed(store, queue(state=ItemState.DISAGREED)) == ["differ"]


async def test_the_next_item_is_the_best_that_the_reviewer_may_decide(store: Database) -> None:
    states: dict[str, dict[str, Any]] = {
        "waits": {"state": ItemState.AWAITING_SECOND, "first_reviewer": "cl_1"},
        "differ": {
            "state": ItemState.DISAGREED,
            "first_reviewer": "cl_1",
            "second_reviewer": "cl_2",
        },
        "taken": {"locked_by": "cl_5", "locked_until": UNTIL},
        "asked": {"state": ItemState.ASKED},
        "open": {},
    }
    for number, (name, changes) in enumerate(states.items()):
        await add(store, worth((8 - number) / 16, name, **changes))

    async def taken(reviewer: str, seconds: int = 0) -> str | None:
        now, wanted = NOON + timedelta(seconds=seconds), queue(reviewer=reviewer, state=None)
        found = await store.write(lambda tx: QUEUE.take(tx, wanted, now=now, until=UNTIL))
        return None if found is None else found.item.subject.removeprefix("review:")

    assert await taken("cl_1") == "open"
    assert await taken("cl_2") == "waits"
    assert await taken("cl_2") is None
    assert await taken("cl_3") == "differ"
    assert await taken("cl_3") is None
    assert await taken("cl_4", seconds=600) == "waits"
    assert await taken("cl_1", seconds=600) == "taken"


async def test_a_lock_holds_for_one_until_its_time(store: Database) -> None:
    item = worth(0.5, "a")
    await add(store, item)

    async def locked(reviewer: str, minutes: int) -> bool:
        now = NOON + timedelta(minutes=minutes)
        until = now + timedelta(minutes=10)
        return await store.write(lambda tx: ITEMS.lock(tx, item.id, reviewer, now=now, until=until))

    assert await locked("cl_1", 0)
    assert not await locked("cl_2", 9)
    assert await locked("cl_1", 9)
    assert not await locked("cl_2", 18)
    assert await locked("cl_2", 19)


async def test_closing_leaves_what_is_decided(store: Database) -> None:
    items = [worth(0.5, state.value, state=state) for state in ItemState]
    await add(store, *items, worth(0.5, "other", verification_id="vf_2"))
    await store.write(lambda tx: ITEMS.close_all(tx, "vf_1", WhyClosed.RECHECKED, now=UNTIL))
    after = (await store.write(lambda tx: ITEMS.of_many(tx, ["vf_1"])))["vf_1"]
    untouched = {one.subject for one in after if one.changed_at == NOON}
    assert untouched == {"review:decided", "review:closed"}
    assert all(one.why_closed is WhyClosed.RECHECKED for one in after if one.changed_at == UNTIL)
    assert await listed(store, queue()) == ["other"]


# Words


async def test_words_are_versions_and_their_reasons_are_sealed(
    store: Database, cipher: FieldCipher
) -> None:
    decisions = ReviewDecisions(cipher)
    words = (
        a_word(1, SAME, "cl_1", judgements=("jd_1",)),
        a_word(2, Choice.REVERSED, "cl_2", role=Role.REVERSAL, records=(), reverses=1),
    )
    for one in reversed(words):
        await store.write(lambda tx, one=one: decisions.add(tx, one))  # type: ignore[misc]
    assert await store.read(lambda tx: decisions.all_of(tx, "ri_1")) == words
    assert "seen" not in repr(words[0])


async def test_how_often_two_agree(store: Database, cipher: FieldCipher) -> None:
    """Each second word beside the first of its own round."""
    decisions = ReviewDecisions(cipher)
    items = [worth(0.5, str(n), state=ItemState.AWAITING_SECOND) for n in range(3)]
    await add(store, *items)
    rounds = {
        items[0].id: ((SAME, Role.FIRST), (SAME, Role.SECOND)),
        items[1].id: ((SAME, Role.FIRST), (OTHER, Role.SECOND), (SAME, Role.THIRD)),
        items[2].id: (
            (OTHER, Role.FIRST),
            (Choice.REVERSED, Role.REVERSAL),
            (SAME, Role.FIRST),
            (SAME, Role.SECOND),
        ),
    }
    for item, said in rounds.items():
        for version, (choice, role) in enumerate(said, 1):
            word = a_word(
                version, choice, f"cl_{version}", id=f"{item}{version}", item_id=item, role=role
            )
            await store.write(lambda tx, word=word: decisions.add(tx, word))  # type: ignore[misc]
    found = await store.read(lambda tx: decisions.agreement(tx, "2201"))
    assert found == (Agreement("bank", 3, 2),)
    assert await store.read(lambda tx: decisions.agreement(tx, "220103")) == ()
    assert await store.read(lambda tx: decisions.waiting_for_second(tx, "22")) == 3


async def test_the_last_word_on_what_is_decided_is_a_label(
    store: Database, cipher: FieldCipher
) -> None:
    decisions = ReviewDecisions(cipher)
    decided, open_ = worth(0.5, "a", state=ItemState.DECIDED), worth(0.5, "b")
    await add(store, decided, open_)
    words = [
        a_word(1, SAME, "cl_1", item_id=decided.id),
        a_word(2, OTHER, "cl_2", item_id=decided.id),
        a_word(3, OTHER, "cl_3", item_id=decided.id),
        a_word(4, SAME, "cl_1", item_id=open_.id),
    ]
    for word in words:
        await store.write(lambda tx, word=word: decisions.add(tx, word))  # type: ignore[misc]
    assert await store.read(lambda tx: list(decisions.labels(tx))) == [words[2]]


# Judgements


def a_judgement(same: bool, minutes: int, record: str = "ev_1/sha256:00") -> StoredJudgement:
    return StoredJudgement(
        evidence_id="ev_1",
        record=record,
        same_person=same,
        reviewer="cl_1",
        reason="seen",
        decided_at=NOON + timedelta(minutes=minutes),
    )


async def test_what_was_said_before_holds_again(store: Database, cipher: FieldCipher) -> None:
    """A withdrawal takes back what it names and nothing else; it may be taken in advance."""
    judgements, where = Judgements(cipher), ("vf_1", "220102003")
    said = {"jd_1": a_judgement(True, 1), "jd_2": a_judgement(False, 2)}
    for id_, one in said.items():
        await store.write(lambda tx, i=id_, o=one: judgements.add(tx, where, i, o))  # type: ignore[misc]

    async def holds(*less: str) -> dict[str, tuple[bool, str]]:
        return await store.read(lambda tx: judgements.all_of(tx, "vf_1", less=less))

    async def withdraw(old: str, new: str) -> None:
        withdrawal = Withdrawal(of={old: new}, reviewer="cl_2", reason="wrong", at=UNTIL)
        await store.write(lambda tx: judgements.withdraw(tx, withdrawal))

    assert await holds() == {"ev_1/sha256:00": (False, "cl_1")}
    assert await holds("jd_2") == {"ev_1/sha256:00": (True, "cl_1")}
    await withdraw("jd_2", "jd_3")
    assert await holds() == {"ev_1/sha256:00": (True, "cl_1")}
    await withdraw("jd_1", "jd_4")
    assert await holds() == {}
    await withdraw("jd_none", "jd_5")
    assert await holds() == {}
