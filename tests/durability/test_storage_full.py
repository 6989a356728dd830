"""A full disk: what comes is refused with 503, nothing is half done, and it heals without help."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.store.scope import nothing_yet
from tests.durability.parts import bodies, finish, outside, the_trail, url_of, whole
from tests.service_parts import Running, all_ten, running

_MOST = 60
_READY_WITHIN = 10  # seconds
_CONNECTIONS = 10
_ROOM = 40  # pages
_NO_LIMIT = 1 << 30
_KEPT_FREE = 1_500_000  # bytes


async def limit_pages(service: Running, more: int) -> None:
    """The database may grow by so many pages, on whichever connection is written."""
    database = service.parts.shelf.database
    pages = await database.read(
        lambda tx: int(tx.exec_driver_sql("PRAGMA page_count").scalar_one())
    )

    async def limit_all() -> None:
        for _ in range(_CONNECTIONS):
            await database.write(
                lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}").close()
            )

    await limit_all()
    with nothing_yet():  # what is done for a caller has connections of its own
        await limit_all()


async def until_refused(service: Running) -> tuple[list[str], str, httpx.Response]:
    """Ids of what was accepted, and the first request that was not, with its answer."""
    accepted: list[str] = []
    for body in bodies(_MOST):
        reply = await service.post(body, key=body["case_reference"], wait=0)
        if reply.status_code not in (httpx.codes.CREATED, httpx.codes.ACCEPTED):
            return accepted, body["case_reference"], reply
        accepted.append(reply.json()["id"])
    pytest.fail("the disk is not full")


def is_refusal(reply: httpx.Response) -> None:
    assert reply.status_code == httpx.codes.SERVICE_UNAVAILABLE, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert int(reply.headers["retry-after"]) > 0


async def goes_on(service: Running, url: str, accepted: list[str], refused: str) -> None:
    """With room again, the same request is taken, and all that was accepted comes to its end."""
    [body] = [one for one in bodies(_MOST) if one["case_reference"] == refused]
    reply = await service.post(body, key=refused, wait=0)
    assert reply.status_code in (httpx.codes.CREATED, httpx.codes.ACCEPTED), reply.text
    await finish(service, url, [*accepted, reply.json()["id"]])
    async with asyncio.timeout(_READY_WITHIN):
        while (await service.get("/readyz")).status_code != httpx.codes.OK:
            await asyncio.sleep(0.1)
    with outside(url) as tx:
        assert tx.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        whole(tx)


@pytest.mark.promise(8)
async def test_a_database_that_may_not_grow(tmp_path: Path) -> None:
    """Refused, ready again without a restart, and no half state.

    Planted: `StorageUnavailable` had no status of its own: 500 where 503 is promised.
    """
    async with running(tmp_path, all_ten()) as service:
        first = (await service.post()).json()["id"]
        await limit_pages(service, _ROOM)
        accepted, refused, reply = await until_refused(service)
        is_refusal(reply)
        assert (await service.get("/healthz")).status_code == httpx.codes.OK
        await limit_pages(service, _NO_LIMIT)
        await goes_on(service, url_of(tmp_path), [first, *accepted], refused)
    assert the_trail(tmp_path, url_of(tmp_path)).broken_at is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory; large enough to be ready when it is empty."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=400m,mode=0700", "tmpfs", str(folder)]
    done = subprocess.run(["mount", *options], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("mounting a file system needs root: the full disk is NOT TESTED here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.promise(8)
async def test_a_disk_without_room(small_disk: Path) -> None:
    """Everything is on it: the database, its journal, what is learned.

    Planted: the same: 500.
    """
    async with running(small_disk, all_ten()) as service:
        first = (await service.post()).json()["id"]
        ballast = small_disk / "ballast"
        fill(ballast, small_disk)
        accepted, refused, reply = await until_refused(service)
        is_refusal(reply)
        assert (await service.get("/healthz")).status_code == httpx.codes.OK
        is_refusal(await service.get("/readyz"))  # a reading alone would not notice
        ballast.unlink()
        await goes_on(service, url_of(small_disk), [first, *accepted], refused)
    assert the_trail(small_disk, url_of(small_disk)).broken_at is None


def fill(ballast: Path, disk: Path) -> None:
    """Leave a little room, so that it runs out in the midst of work."""
    shown = subprocess.run(
        ["df", "--block-size=1", "--output=avail", str(disk)],
        capture_output=True,
        text=True,
        check=True,
    )
    free = int(shown.stdout.split()[-1])
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - _KEPT_FREE)
