"""Heads: made in time, anchored in order, repeated after faults; without them nothing is asked."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web
from httpx import codes

from app.audit.anchors import anchors_of, heads_in
from app.audit.chain import LONGEST, NOT_ANCHORED
from app.audit.verify import verify
from app.domain.errors import ConfigurationError
from app.jobs.anchoring import MOST
from app.store.audit_entries import AuditEntries
from app.store.migrate import upgrade
from app.store.tables_audit import audit_anchored, audit_head
from tests.audit.trails import KEY, Bench, a_bench, found, heads_of, intruding
from tests.connectors.web_server import serving
from tests.service_parts import NOON, REGION, Running, ScriptedSource, all_ten, running


@pytest.fixture
async def bench(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    built = await a_bench(database_url, tmp_path)
    yield built
    await built.database.aclose()


async def since(bench: Bench) -> Any:
    return await bench.database.read(AuditEntries().waiting_since)


async def test_a_head_is_made_after_a_minute_or_a_thousand_entries(bench: Bench) -> None:
    await bench.append(3)
    assert await bench.anchoring.run() == 0
    assert await since(bench) == bench.clock()
    bench.clock.forward(seconds=60)
    assert await bench.anchoring.run() == 1
    await bench.append(MOST + 500, 4)
    assert [await bench.anchoring.run() for _ in range(2)] == [1, 0]
    assert [(head.number, head.entries) for head in heads_of(bench)] == [(1, 3), (2, MOST)]
    assert await since(bench) == bench.clock(), "500 wait for their minute"
    await bench.anchoring.finish()
    assert [head.entries for head in heads_of(bench)] == [3, MOST, 500]
    assert await since(bench) is None
    assert await bench.anchoring.run() == 0, "where nothing was done nothing is said"


async def test_who_is_far_behind_catches_up(bench: Bench) -> None:
    await bench.append(10 * MOST + 1)
    assert [await bench.anchoring.run() for _ in range(2)] == [1, 0]
    assert [head.entries for head in heads_of(bench)] == [10 * MOST]


async def test_two_at_once_make_one_head(database_url: str, tmp_path: Path) -> None:
    first = await a_bench(database_url, tmp_path)
    second = await a_bench(database_url, tmp_path)
    await first.append(5)
    first.clock.forward(minutes=2)
    second.clock.forward(minutes=2)
    await asyncio.gather(*(one.anchoring.run() for one in (first, second) for _ in range(3)))
    with intruding(database_url) as tx:
        report = found(tx, first.given(key=KEY))
    assert (report.broken, report.heads) == ([], 1)
    for one in (first, second):
        await one.database.aclose()


async def test_nothing_bent_is_vouched_for(bench: Bench) -> None:
    await bench.append(5)
    with intruding(bench.url) as tx:
        tx.execute(sa.text("UPDATE audit_entry SET actor = 'cl_x' WHERE position = 3"))
        tx.commit()
    bench.clock.forward(minutes=2)
    assert await bench.anchoring.run() == 0
    assert not bench.anchor_file.exists()


async def test_entries_that_are_gone_are_not_passed_over(bench: Bench) -> None:
    await bench.append(5)
    bench.clock.forward(minutes=2)
    await bench.anchoring.run()
    await bench.append(5, 6)
    with intruding(bench.url) as tx:
        tx.execute(sa.text("DELETE FROM audit_entry WHERE position > 5"))
        tx.commit()
    bench.clock.forward(minutes=2)
    assert await bench.anchoring.run() == 0
    assert len(heads_of(bench)) == 1
    assert await since(bench) is not None


@dataclass
class Notary:
    """An anchor that is posted to."""

    statuses: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        status = self.statuses.pop(0) if self.statuses else 201
        if status == 201:
            self.lines.append(body)
        return web.Response(status=status, body=b"receipt", headers={"Location": "/elsewhere"})


async def test_an_address_as_an_anchor(database_url: str, tmp_path: Path) -> None:
    notary = Notary([500, 302, 201, 503])
    async with serving(notary.take) as url, httpx.AsyncClient(trust_env=False) as http:
        bench = await a_bench(database_url, tmp_path, anchor=f"{url}/heads", http=http)
        for first in (1, 4):
            await bench.append(3, first)
            bench.clock.forward(minutes=2)
            for _ in range(3):
                await bench.anchoring.run()
        rows = await bench.database.read(
            lambda tx: tx.execute(sa.select(audit_anchored).order_by("number")).all()
        )
    await bench.database.aclose()
    assert [head.number for line in notary.lines for head in heads_in(line)] == [1, 2]
    assert [(row.number, bytes(row.receipt)) for row in rows] == [(1, b"receipt"), (2, b"receipt")]


async def test_a_program_as_an_anchor(database_url: str, tmp_path: Path) -> None:
    script, target = tmp_path / "notary.py", tmp_path / "program.jsonl"
    script.write_text(
        "import sys\nopen(sys.argv[1], 'ab').write(sys.stdin.buffer.read())\nprint('taken')\n"
    )
    bench = await a_bench(
        database_url, tmp_path, anchor=f"command:{sys.executable} {script} {target}"
    )
    await bench.append(3)
    await bench.anchoring.finish()
    receipts: Any = await bench.database.read(
        lambda tx: tx.execute(sa.select(audit_anchored.c.receipt)).scalars().all()
    )
    await bench.database.aclose()
    assert [head.number for head in heads_in(target.read_bytes())] == [1]
    assert [bytes(one) for one in receipts] == [b"taken\n"]


@pytest.mark.parametrize("command", ["/no/such/program", f"{sys.executable} -c 'exit(3)'"])
async def test_a_program_that_fails(tmp_path: Path, command: str) -> None:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    bench = await a_bench(url, tmp_path, anchor=f"command:{command}")
    await bench.append(3)
    await bench.anchoring.finish()
    assert await since(bench) is not None
    await bench.database.aclose()


async def test_a_second_anchor_is_given_all_that_was_before(
    database_url: str, tmp_path: Path
) -> None:
    bench = await a_bench(database_url, tmp_path)
    await bench.fill(6, 2)
    later = tmp_path / "later.jsonl"
    text = f"file:{bench.anchor_file}; file:{later}"
    bench.anchoring.anchors = anchors_of(text, httpx.AsyncClient(trust_env=False))
    await bench.anchoring.run()
    await bench.database.aclose()
    assert later.read_bytes() == bench.anchor_file.read_bytes()


async def test_an_anchor_that_was_lost_is_given_all_again(bench: Bench) -> None:
    await bench.fill(6, 2)
    whole = bench.anchor_file.read_bytes()
    bench.anchor_file.unlink()
    await bench.anchoring.run()
    assert bench.anchor_file.read_bytes() == whole


async def test_one_anchor_that_is_away_does_not_keep_the_other_from_being_enough(
    database_url: str, tmp_path: Path
) -> None:
    bench = await a_bench(database_url, tmp_path)
    text = f"file:{tmp_path / 'no' / 'such' / 'folder'}; file:{bench.anchor_file}"
    bench.anchoring.anchors = anchors_of(text, httpx.AsyncClient(trust_env=False))
    await bench.append(3)
    await bench.anchoring.finish()
    assert await since(bench) is None
    await bench.database.aclose()


async def test_a_line_that_was_broken_off_is_ended_and_repeated(bench: Bench) -> None:
    await bench.fill(2, 2)
    whole = bench.anchor_file.read_bytes()
    bench.anchor_file.write_bytes(whole[:-20])
    with intruding(bench.url) as tx:
        tx.execute(audit_anchored.delete())
        tx.commit()
    await bench.anchoring.run()
    assert bench.anchor_file.read_bytes() == whole[:-20] + b"\n" + whole
    await bench.anchoring.run()
    with intruding(bench.url) as tx:
        assert found(tx, bench.given()).holds


@pytest.mark.parametrize(
    "text", ["file:", "ftp://x/y", "nowhere", "command: ", "https:x", "command:'"]
)
def test_what_is_no_anchor(text: str) -> None:
    with pytest.raises(ConfigurationError, match="HEDUI_AUDIT_ANCHOR"):
        anchors_of(text, httpx.AsyncClient(trust_env=False))


async def test_sm3_and_a_change_of_algorithm(database_url: str, tmp_path: Path) -> None:
    bench = await a_bench(database_url, tmp_path)
    await bench.fill(4, 2)
    await bench.database.aclose()
    bench = await a_bench(database_url, tmp_path, algorithm="sm3")
    bench.clock.forward(hours=1)
    await bench.append(2, 5)
    bench.clock.forward(seconds=61)
    await bench.anchoring.run()
    await bench.database.aclose()
    assert [head.algorithm for head in heads_of(bench)] == ["sha256", "sha256", "sm3"]
    with intruding(database_url) as tx:
        report = found(tx, bench.given(key=KEY))
        assert (report.broken, report.entries) == ([], 6)
        names = tx.execute(sa.text("SELECT algorithm FROM audit_entry ORDER BY position"))
        assert names.scalars().all() == ["hmac-sha256"] * 4 + ["hmac-sm3"] * 2


APPENDER = """
import asyncio, sys
from datetime import datetime
from app.audit.chain import AuditTrail
from app.store.audit_entries import AuditEntries
from app.store.session import connect

async def main(url, name, key, noon, region):
    database, at = connect(url), datetime.fromisoformat(noon)
    trail = AuditTrail(bytes.fromhex(key), AuditEntries(), lambda: at)
    print("there", flush=True)
    sys.stdin.readline()
    for number in range(60):
        await database.write(lambda tx: trail.append(
            tx, actor=name, action="test", about=(f"vf_{number}", region), details={}))
    await database.aclose()

asyncio.run(main(*sys.argv[1:]))
"""  # it loads what it needs and no more: there are several of them


@pytest.mark.promise(24)
def test_processes_that_append_at_once_never_fork_the_chain(database_url: str) -> None:
    """Planted: the end read without its lock (`_HELD = _END`): on PostgreSQL two entries of one
    position were tried, the database refused one of them, and its process failed.
    """
    upgrade(database_url)
    given = (KEY.hex(), NOON.isoformat(), REGION)
    several = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDER, database_url, f"cl_{number}", *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for one in several:
        assert one.stdout is not None
        assert one.stdout.readline() == "there\n"
    for one in several:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in several:
        one.communicate(timeout=100)
    assert [one.returncode for one in several] == [0, 0, 0]
    with intruding(database_url) as tx:
        rows = list(AuditEntries().all(tx))
    assert verify(rows, KEY).broken_at is None
    assert len({row.previous for row in rows}) == len(rows) == 180
    turns = sum(a.actor != b.actor for a, b in pairwise(rows))
    assert turns > 2, "they did append at once"


async def test_an_end_that_is_gone_stops_everything(bench: Bench) -> None:
    with intruding(bench.url) as tx:
        tx.execute(audit_head.delete())
        tx.commit()
    with pytest.raises(Exception, match="the row that says where the audit trail ends is gone"):
        await bench.append(1)


async def later_on(service: Running, **by: float) -> None:
    """A token lasts ten minutes."""
    service.clock.forward(**by)
    service.headers = await service.client()


def asked(sources: list[ScriptedSource]) -> int:
    return sum(len(source.asked) + source.polled for source in sources)


@pytest.mark.promise(24)
async def test_no_anchor_no_query(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After four hours without an anchor nothing reaches a source, until there is one again.

    Planted: `is_overdue` always false: the second household was verified at once.
    """
    away = tmp_path / "mount"  # the other mount is not there: a file cannot be made in it
    monkeypatch.setenv("HEDUI_AUDIT_ANCHOR", f"file:{away / 'heads.jsonl'}")
    sources = all_ten()
    async with running(tmp_path, sources, database_url=database_url) as service:
        first = await service.post()
        assert first.json()["status"] == "final", "within the four hours all goes on"
        count = asked(sources)
        await later_on(service, seconds=LONGEST.total_seconds() + 1)
        later = await service.post(wait=2)
        assert later.status_code == codes.ACCEPTED, "it is taken in, and kept"
        held = await service.shown(later.json()["id"])
        assert {one["state"] for one in held["sources"]} <= {"pending", "not_asked"}
        details = {one["detail"] for one in held["sources"] if one["state"] == "pending"}
        assert details == {NOT_ANCHORED}
        ready = await service.get("/readyz")
        assert ready.status_code == codes.SERVICE_UNAVAILABLE
        assert ready.json()["checks"]["audit_anchor"]["state"] == "failed"
        assert asked(sources) == count
        away.mkdir()  # the mount is back
        done = await service.status_becomes(held["id"], "final")
        assert {one["detail"] for one in done["sources"]}.isdisjoint({NOT_ANCHORED})
        assert asked(sources) == 2 * count


@pytest.mark.promise(24)
async def test_no_anchor_no_poll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is outstanding is looked for later; it is not lost.

    Planted: as above; the insurer was polled.
    """
    away = tmp_path / "mount"
    monkeypatch.setenv("HEDUI_AUDIT_ANCHOR", f"file:{away / 'heads.jsonl'}")
    slow = ScriptedSource("insurance", answers_later=True, ready=False)
    async with running(tmp_path, [slow]) as service:
        posted = await service.post(wait=2)
        service.clock.forward(seconds=LONGEST.total_seconds() + 1)
        polled = slow.polled
        slow.ready = True
        with suppress(ExceptionGroup):  # or the loop has taken the ticket before
            await service.parts.verifier.collect_due()
        assert slow.polled == polled
        away.mkdir()
        async with asyncio.timeout(30):
            while slow.polled == polled:
                service.clock.forward(seconds=61)  # a ticket that was held up rests for a minute
                await service.parts.verifier.wait_changed(posted.json()["id"], 0.2)


async def test_a_machine_that_slept_anchors_first(tmp_path: Path) -> None:
    """What waited while it slept is anchored when the first question is about to leave."""
    sources = all_ten()
    async with running(tmp_path, sources) as service:
        await service.post()
        await later_on(service, hours=20)
        assert (await service.post()).json()["status"] == "final"
        assert (await service.get("/readyz")).status_code == codes.OK
    lines = (tmp_path / "audit-anchor.jsonl").read_bytes().splitlines()
    assert json.loads(lines[-1])["number"] == len(lines) > 1, "the rest is anchored at the end"


async def test_the_hash_goes_with_the_suite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SM4 the trail is of SM3; heads and entries say so themselves."""
    monkeypatch.setenv("HEDUI_SUITE", "sm4-gcm")
    async with running(tmp_path, all_ten()) as service:
        assert (await service.post()).json()["status"] == "final"
        rows = await service.parts.shelf.database.read(lambda tx: list(AuditEntries().all(tx)))
    assert {row.algorithm for row in rows} == {"hmac-sm3"}
    heads = list(heads_in((tmp_path / "audit-anchor.jsonl").read_bytes()))
    assert {head.algorithm for head in heads} == {"sm3"}
