"""A client's calls take turns among themselves; others' calls need not wait for them."""

import asyncio

import pytest

from app.access.slots import AT_ONCE, WAITING, Slots


@pytest.mark.promise(28)
async def test_a_client_waits_for_itself_and_nobody_else() -> None:
    """Planted: with one semaphore for all, the other client's turn never came."""
    slots = Slots()
    held = [await slots.turn("cl_1") for _ in range(AT_ONCE)]
    waiting = [asyncio.create_task(slots.turn("cl_1")) for _ in range(WAITING)]
    await asyncio.sleep(0)
    assert slots.is_full("cl_1")
    assert not slots.is_full("cl_2")
    (await slots.turn("cl_2")).end()
    assert not [one for one in waiting if one.done()]
    held[0].end()
    held[0].end()  # twice is once
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sum(one.done() for one in waiting) == 1
    for one in waiting[1:]:
        one.cancel()
    await asyncio.gather(*waiting[1:], return_exceptions=True)
    (await waiting[0]).end()
    held[1].end()
    assert not slots._turns
