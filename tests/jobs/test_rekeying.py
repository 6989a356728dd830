"""Keys rotate while everything goes on, and nothing is left under the old one."""

import asyncio
import os
import signal
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from app.cli_keys import refuse_unless_unused
from app.domain.errors import Conflict, Undecipherable
from app.domain.household import VerificationRequest
from app.store.crypto import Cell, FieldCipher
from app.store.crypto.suites import AES_256_GCM, SM4_GCM, Suite
from app.store.data_keys import KeyState, destroy_key
from app.store.session import connect
from app.store.stored_keys import opened
from app.store.verifications import StoredVerification, Verifications
from tests import builders
from tests.jobs.rekeying_parts import Dying, Stopped, Town, fill, opens
from tests.service_parts import NOON, number

FULL = os.environ.get("HEDUI_CASES") == "full"
STOPS = 50 if FULL else 8
KILLS = 50 if FULL else 4
WRITES = 20_000 if FULL else 600
WRITERS = 8


@pytest.fixture
def town(database_url: str) -> Town:
    town = Town(database_url)
    town.begin()
    return town


def destroy(town: Town, id_: str) -> None:
    """As `hedui keys destroy` does it."""
    with opened(town.url, writing=True) as tx:
        refuse_unless_unused(tx, id_, town.clock())
        destroy_key(tx, id_)


@pytest.mark.promise(22)
@pytest.mark.parametrize(
    ("before", "after"), [(AES_256_GCM, AES_256_GCM), (AES_256_GCM, SM4_GCM), (SM4_GCM, SM4_GCM)]
)
async def test_all_comes_to_the_new_key_and_the_old_one_is_destroyed(
    database_url: str, before: Suite, after: Suite, record_property: Any
) -> None:
    """Every sealed column of the metadata, from suite to suite.

    Planted: `reseal` took a table's first column alone (`of.columns[:1]`): the other cells of
    `reply`, `outbox` and `report` stayed under the old key.
    """
    town = Town(database_url, before)
    town.begin()
    kept = fill(town)
    erase_one(town, kept)
    [old] = town.key_ids()
    new = town.rotate(after)
    assert (new.suite, new.id) == (after.name, new.id)
    assert new.id != old
    with pytest.raises(Conflict, match="is retired"):
        destroy(town, old)
    await town.finish()
    assert town.key_ids() == {new.id}
    destroy(town, old)
    [row] = [one for one in town.rows() if one.id == old]
    assert (row.state, row.wrapped) == (KeyState.DESTROYED, b"")
    assert opens(town, kept) == len(kept)
    record_property("cases", len(kept))


def erase_one(town: Town, kept: dict[tuple[str, str, str], bytes]) -> None:
    """An empty cell stands for what was erased."""
    with opened(town.url, writing=True) as tx:
        tx.execute(sa.text("UPDATE result SET sealed_result = :gone"), {"gone": b""})
    for place in [place for place in kept if place[0] == "result"]:
        del kept[place]


async def test_without_a_rotation_there_is_nothing_to_do(town: Town) -> None:
    fill(town)
    assert await town.finish() == 0


@pytest.mark.timeout(900 if FULL else 120)
@pytest.mark.promise(22)
async def test_stopped_anywhere_it_goes_on(database_url: str, record_property: Any) -> None:
    """A process that ends within a page, or just after it, is followed by another one.

    `HEDUI_CASES=full pytest tests/jobs/test_rekeying.py -k stopped` stops it at 50 points.
    Planted: the position was kept in a transaction of its own before the page, and the first round
    was the last: what the broken-off pages held stayed under the old key.
    """
    town = Town(database_url)
    town.begin()
    random = Random(22)
    kept = fill(town, rows=30)
    old, new = town.key_ids().pop(), town.rotate()
    for _ in range(STOPS):
        dying = Dying(connect(town.url), random.randrange(1, 5), random.random() < 0.5)
        with suppress(Stopped):
            async with town.duty(database=dying) as duty:
                while await duty.run():
                    pass
        town.clock.forward(seconds=random.choice((0, 0, 0, 7)))
        assert opens(town, kept) == len(kept)
    await town.finish()
    assert town.key_ids() == {new.id}
    destroy(town, old)
    assert opens(town, kept) == len(kept)
    record_property("cases", STOPS)


@pytest.mark.timeout(900 if FULL else 120)
@pytest.mark.promise(22)
def test_killed_anywhere_it_goes_on(database_url: str, record_property: Any) -> None:
    """The same with `kill -9`, at some moment after some page was committed.

    `HEDUI_CASES=full pytest tests/jobs/test_rekeying.py -k killed` kills 50 processes.
    Planted: as above.
    """
    town = Town(database_url)
    town.begin()
    random = Random(9)
    kept = fill(town, rows=30)
    old, new = town.key_ids().pop(), town.rotate()
    for _ in range(KILLS):
        _kill_after(town, random.randrange(0, 6))
    town.clock.forward(seconds=1)
    asyncio.run(town.finish())
    assert town.key_ids() == {new.id}
    destroy(town, old)
    assert opens(town, kept) == len(kept)
    record_property("cases", KILLS)


def _kill_after(town: Town, pages: int) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with suppress(BaseException):
            asyncio.run(_work(town, writing))
        os._exit(0)
    os.close(writing)
    for _ in range(pages):
        os.read(reading, 1)  # nothing at its end: it was quicker
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)


async def _work(town: Town, told: int) -> None:
    async with town.duty() as duty:
        while await duty.run():
            os.write(told, b".")


@pytest.mark.timeout(900 if FULL else 120)
@pytest.mark.promise(22)
async def test_whoever_reads_and_writes_meanwhile_notices_nothing(
    town: Town, record_property: Any
) -> None:
    """Writers in one process, the duty in another, four rotations; every old key destroyed.

    `HEDUI_CASES=full pytest tests/jobs/test_rekeying.py -k meanwhile` writes and reads 20,000.
    Planted: `StoredKeys.current` took keys as they were, however old: the writers' process sealed
    with a key that was destroyed, and what it wrote opened nowhere (`Undecipherable`).
    """
    stored = Verifications(FieldCipher(town.keys()))
    database, others = connect(town.url), connect(town.url)
    reader = Verifications(FieldCipher(town.keys()))
    random, written, read = Random(5), list[str](), 0

    async def write_and_read(name: int, count: int) -> None:
        nonlocal read
        for turn in range(count):
            one = a_verification(f"vf_{len(written)}_{name}_{turn}")
            await database.write(partial(_add, stored, one))
            written.append(one.id)
            wanted = random.choice(written)
            got = await others.read(partial(_get, reader, wanted))
            assert got.request == REQUEST
            read += 1

    destroyed = []
    try:
        for _ in range(4):
            old = next(one.id for one in town.rows() if _is_sealing(one))
            town.rotate(random.choice((AES_256_GCM, SM4_GCM)))
            load = [write_and_read(name, WRITES // 4 // WRITERS) for name in range(WRITERS)]
            await asyncio.gather(*load, town.finish())
            await town.finish()
            destroy(town, old)
            destroyed.append(old)
        again = await others.read(lambda tx: reader.get_many(tx, written))
    finally:
        await database.aclose()
        await others.aclose()
    assert len(again) == len(written) >= WRITES - 4 * WRITERS
    assert not town.key_ids() & set(destroyed)
    record_property("cases", read)


@pytest.mark.promise(22)
async def test_a_key_that_came_a_moment_ago_opens(town: Town) -> None:
    """A process that has not heard of it looks again, before it says that nothing opens.

    Planted: no second look where a cell names an unknown key: `Undecipherable`.
    """
    cipher, cell = FieldCipher(town.keys()), Cell("objection", "sealed_text", "ob_1")
    sealed = cipher.seal(cell, b"said before")
    for _ in range(3):
        town.rotate()
        now = FieldCipher(town.keys())
        assert now.open(cell, sealed) == b"said before"
        sealed = now.seal(cell, b"said before")
        assert cipher.open(cell, sealed) == b"said before"
    with pytest.raises(Undecipherable, match="sealed with key 00000000"):
        cipher.open(cell, bytes(4) + sealed[4:])


def _add(stored: Verifications, one: StoredVerification, tx: sa.Connection) -> None:
    stored.add(tx, one)


def _get(stored: Verifications, id_: str, tx: sa.Connection) -> StoredVerification:
    return stored.get(tx, id_, region="22")


def _is_sealing(key: Any) -> bool:
    return key.purpose == "field" and key.state is KeyState.ACTIVE


REQUEST: VerificationRequest = builders.a_request(
    builders.a_member("m1", id_number=number("22990119800307123"))
)


def a_verification(id_: str) -> StoredVerification:
    return StoredVerification(
        id=id_,
        client_id="cl_1",
        status="accepted",
        request=REQUEST,
        requested_at=NOON,
        changed_at=NOON,
        final_at=None,
        recheck_of=None,
    )


async def test_a_cell_that_does_not_open_keeps_its_key_alive(town: Town) -> None:
    """It is told of, everything else goes on, and nothing is destroyed under it."""
    fill(town, rows=3)
    [old] = town.key_ids()
    with opened(town.url, writing=True) as tx:
        bent = sa.text("UPDATE objection SET sealed_text = sealed_reason FROM review_decision")
        tx.execute(bent)
    new = town.rotate()
    await town.finish()
    assert town.key_ids() == {old, new.id}
    with pytest.raises(Conflict, match="is retired"):
        destroy(town, old)
