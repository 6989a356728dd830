"""Which reply may stand in another's place."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from app.store.crypto import FieldCipher
from app.store.evidence import Replies, StoredReply
from app.store.session import Database
from tests.service_parts import NOON, REGION

STATES = ("unknown", "partial", "no_record", "found")


def a_reply(state: str, raw: str = "", **changes: object) -> StoredReply:
    values = StoredReply(
        verification_id="vf_1",
        person="m1",
        source="bank",
        institution="icbc",
        region=REGION,
        state=state,
        failure="timed_out" if state in ("unknown", "partial") else None,
        outcome=state.encode(),
        raw=raw.encode(),
        raw_digest=f"sha256:{raw or state}",
        data_as_of=None,
        answered_at=NOON,
    )
    return replace(values, **changes)  # type: ignore[arg-type]


async def _kept(database: Database, cipher: FieldCipher, *replies: StoredReply) -> StoredReply:
    store = Replies(cipher)
    for one in replies:
        await database.write(lambda tx, one=one: store.put(tx, [one]))  # type: ignore[misc]
    [kept] = await database.read(lambda tx: store.all_of(tx, "vf_1"))
    return kept


@pytest.mark.parametrize(("first", "second"), list(product(STATES, STATES)))
async def test_a_worse_answer_never_replaces_a_better_one(
    migrated: Database, cipher: FieldCipher, first: str, second: str
) -> None:
    later = NOON + timedelta(hours=1)
    kept = await _kept(
        migrated, cipher, a_reply(first, "1"), a_reply(second, "2", answered_at=later)
    )
    better = STATES.index(second) >= STATES.index(first)
    assert kept.state == (second if better else first)
    assert kept.raw == (b"2" if better else b"1")


@pytest.mark.parametrize("state", STATES)
async def test_a_repeat_is_a_no_op(migrated: Database, cipher: FieldCipher, state: str) -> None:
    again = a_reply(state, "1", answered_at=NOON + timedelta(hours=1))
    kept = await _kept(migrated, cipher, a_reply(state, "1"), again, again)
    assert kept == a_reply(state, "1")


async def test_another_failure_of_the_same_emptiness_is_noted(
    migrated: Database, cipher: FieldCipher
) -> None:
    kept = await _kept(
        migrated, cipher, a_reply("unknown"), a_reply("unknown", failure="unreachable")
    )
    assert kept.failure == "unreachable"


async def test_institutions_and_persons_have_replies_of_their_own(
    migrated: Database, cipher: FieldCipher
) -> None:
    store = Replies(cipher)
    several = [
        a_reply("found", "1"),
        a_reply("no_record", institution="abc"),
        a_reply("unknown", person="m2"),
    ]
    await migrated.write(lambda tx: store.put(tx, several))
    heads = await migrated.read(lambda tx: store.heads(tx, "vf_1"))
    assert {(one.person, one.institution, one.state) for one in heads} == {
        ("m1", "icbc", "found"),
        ("m1", "abc", "no_record"),
        ("m2", "icbc", "unknown"),
    }
    assert len(await migrated.read(lambda tx: store.all_of(tx, "vf_1"))) == 3
    assert await migrated.read(lambda tx: store.heads(tx, "vf_2")) == frozenset()
