"""What others notice of one client that asks a hundred times as often as they do.

`python -m tests.benchmarks.fairness [--seconds 60] [--database URL]`: a service in a process of
its own with the rates of the release; five calm clients read a verification four times a second
each, first alone, then beside a client in a third process that asks 400 times a second. Times are
counted from when a call was due, so that a late one is a slow one.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import orjson
import structlog

from app.demo import Remote, add_client, free_port
from app.logs import configure
from app.serving import served
from app.settings import Settings
from tests.benchmarks.load import percentile
from tests.benchmarks.processes import answering, child, said, say
from tests.service_parts import a_body

CALM, A_SECOND, TIMES = 5, 4.0, 100
_AT_ONCE = 64
_MODULE = "tests.benchmarks.fairness"


@dataclass
class Seen:
    """What came of calls: seconds of each that was answered 2xx, and how many of which status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def line(self, name: str) -> str:
        told = ", ".join(f"{count} x {status}" for status, count in sorted(self.statuses.items()))
        if not self.seconds:
            return f"{name:<22} {told}"
        p50, p99 = statistics.median(self.seconds), percentile(self.seconds, 0.99)
        return f"{name:<22} p50 {p50 * 1e3:6.1f} ms  p99 {p99 * 1e3:6.1f} ms  {told}"


async def reading(
    http: httpx.AsyncClient, path: str, rate: float, seconds: float, seen: Seen
) -> None:
    """At that rate, whatever the answers take; at most 64 are under way at once."""
    slots = asyncio.Semaphore(_AT_ONCE)
    begun = time.perf_counter()

    async def one(due: float) -> None:
        try:
            reply = await http.get(path)
        finally:
            slots.release()
        seen.statuses[reply.status_code] += 1
        if reply.is_success:
            seen.seconds.append(time.perf_counter() - due)

    async with asyncio.TaskGroup() as group:
        for number in range(round(rate * seconds)):
            due = begun + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await slots.acquire()
            group.create_task(one(due))


async def opened(remote: Remote) -> httpx.AsyncClient:
    http = httpx.AsyncClient(base_url=remote.url, timeout=60, trust_env=False)
    http.headers["Authorization"] = f"Bearer {await remote.token(http)}"
    return http


async def calm(remotes: Sequence[Remote], path: str, seconds: float) -> Seen:
    seen = Seen()
    https = [await opened(remote) for remote in remotes]
    await asyncio.gather(*(reading(http, path, A_SECOND, seconds, seen) for http in https))
    for http in https:
        await http.aclose()
    return seen


async def flood(given: Sequence[str]) -> None:
    """The third process: asks when it is told to, and tells what it got.

    By plain sockets: it is the service that is measured, and the machine is one.
    """
    remote, path, seconds = Remote(*given[:3]), given[3], float(given[4])
    http = await opened(remote)
    asked = (
        f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {http.headers['Authorization']}\r\n\r\n"
    )
    await http.aclose()
    say("ready")
    await said()
    url, statuses = httpx.URL(remote.url), Counter[int]()
    begun = time.perf_counter()
    numbers = iter(range(round(A_SECOND * TIMES * seconds)))

    async def connection(_number: int) -> None:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        for number in numbers:
            await asyncio.sleep(max(0.0, begun + number / (A_SECOND * TIMES) - time.perf_counter()))
            if time.perf_counter() - begun > seconds:
                break
            writer.write(asked.encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            statuses[int(head[9:12])] += 1
        writer.close()

    await asyncio.gather(*map(connection, range(_AT_ONCE)))
    say(Seen(statuses=statuses).line("the flood"))


async def serve(folder: str, database: str) -> None:
    """The second process: tells its clients, then serves until the input ends."""
    configure()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(
        data_dir=Path(folder), database_url=database, port=port, public_url=url, batch_workers=0
    )
    async with served(settings) as parts:
        clients = [await add_client(parts, url) for _ in range(CALM + 1)]
        told = [[one.url, one.client_id, one.client_secret] for one in clients]
        await answering(told, {"cpu": time.process_time})


async def main(seconds: float, database: str) -> None:
    with TemporaryDirectory() as folder:
        async with child(_MODULE, "serve", folder, database) as service:
            *others, last = [Remote(*one) for one in service.ready]
            first = await others[0].verify(orjson.dumps(_household()), 20.0)
            path = f"/v1/verifications/{first['id']}"
            await calm(others, path, 5.0)  # connections, caches
            begun = await service.ask("cpu")
            alone = await calm(others, path, seconds)
            used = await service.ask("cpu")
            credentials = (last.url, last.client_id, last.client_secret)
            async with child(_MODULE, "flood", *credentials, path, str(seconds)) as flooding:
                told = asyncio.create_task(flooding.ask("begin"))
                beside = await calm(others, path, seconds)
                lines = [alone.line("others, alone"), beside.line("others, beside it"), await told]
            then = await service.ask("cpu")
    ratio = percentile(beside.seconds, 0.99) / percentile(alone.seconds, 0.99)
    lines += [
        f"CPU of the service      {used - begun:.1f} s alone, {then - used:.1f} s beside it",
        f"p99 beside / alone      {ratio:.2f}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _household() -> dict[str, Any]:
    """Of the demo's county and of today."""
    today = datetime.now(UTC).date()
    body = a_body(as_of=(today - timedelta(days=1)).isoformat())
    body["consent"]["valid_until"] = (today + timedelta(days=300)).isoformat()
    body["consent"]["signed_on"] = (today - timedelta(days=2)).isoformat()
    return body


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["serve"]:
        asyncio.run(serve(given[1], given[2]))
    elif given[:1] == ["flood"]:
        asyncio.run(flood(given[1:]))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--seconds", type=float, default=60.0)
        parser.add_argument("--database", default="")
        options = parser.parse_args()
        asyncio.run(main(options.seconds, options.database))
