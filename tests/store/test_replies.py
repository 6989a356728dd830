"""Which reply may stand in another's place."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import sqlalchemy as sa

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
    """What is stored after one was put after the other, in the order given."""
    store = Replies(cipher)

    def put(tx: sa.Connection) -> tuple[StoredReply, ...]:
        for one in replies:
            store.put(tx, [one])
        return store.all_of(tx, replies[0].verification_id)

    [kept] = await database.write(put)
    return kept


async def test_a_worse_answer_never_replaces_a_better_one(
    migrated: Database, cipher: FieldCipher
) -> None:
    for first, second in product(STATES, STATES):
        id_ = f"{first}-{second}"
        kept = await _kept(
            migrated,
            cipher,
            a_reply(first, "1", verification_id=id_),
            a_reply(second, "2", verification_id=id_, answered_at=NOON + timedelta(hours=1)),
        )
        better = STATES.index(second) >= STATES.index(first)
        assert kept.state == (second if better else first), id_
        assert kept.raw == (b"2" if better else b"1"), id_


async def test_a_repeat_is_a_no_op(migrated: Database, cipher: FieldCipher) -> None:
    for state in STATES:
        first = a_reply(state, "1", verification_id=state)
        again = replace(first, answered_at=NOON + timedelta(hours=1))
        assert await _kept(migrated, cipher, first, again, again) == first


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
