"""How long the pages take that somebody works with all day, in a county of 100,000 cases.

`python -m tests.benchmarks.desk [--cases 100000] [--items 10000] [--rounds 40]
[--databases sqlite postgresql]`. The county is made of copies (`copied.py`); the team that the
reviewer is of has all of it in hand. The service runs in this process and is asked as a browser
asks it, without script: seconds by the clock and of CPU, of this process and of the database's.
"""

import argparse
import asyncio
import os
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import lxml.html
import psycopg
import sqlalchemy as sa
import structlog
from rich.console import Console
from rich.table import Table

from app.store.migrate import sync_engine
from app.wiring_types import Parts
from tests.benchmarks.copied import COUNTY, Copying, LiteSink, Original, PostgresqlSink, original
from tests.benchmarks.cpu import tree_cpu
from tests.new_databases import new_postgresql, new_sqlite
from tests.postgresql import PostgresqlServer, running_server
from tests.service_parts import Running, ScriptedSource, all_ten, running
from tests.staff_parts import session_of, with_roles
from tests.web import households, review_parts, test_kinds

ROLE: Final = "county_checker"
_GOALS: Final = {
    "queue": 0.15,
    "profile": 0.15,
    "decision to next item": 0.3,
    "report as PDF": 1.0,
}
"""Seconds, of the median."""

_KEPT: Final = 20
"""Seconds, as in the service's settings."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the county is, and how often each page is asked for."""

    cases: int
    items: int
    rounds: int


@dataclass(frozen=True, slots=True)
class County:
    """A filled database, and the ids of what was copied."""

    url: str
    folder: Path
    final: str
    items: int
    server: PostgresqlServer | None = None

    def database_cpu(self) -> float:
        """Seconds that the database's own processes have used."""
        process = None if self.server is None else self.server.process
        return 0.0 if process is None else tree_cpu(process.pid)


@dataclass
class Timed:
    """What each asking took."""

    clock: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)


async def _verified(service: Running, *bodies: dict[str, Any]) -> list[str]:
    replies = [await service.post(one) for one in bodies]
    return [str(one.json()["id"]) for one in replies]


@asynccontextmanager
async def _first(folder: Path, url: str, sources: list[ScriptedSource]) -> AsyncIterator[Running]:
    async with running(folder, sources, database_url=url) as service:
        yield service


@dataclass(frozen=True, slots=True)
class Seeds:
    """A database with a few verifications: those with something to decide, and a final one."""

    url: str
    of_open: Sequence[str]
    of_closed: Sequence[str]
    parts: Parts
    server: PostgresqlServer | None = None

    def grown(self, plan: Plan, first: int = 0) -> int:
        """Copies put, from this number on; gives how many open items that were."""
        with _sink(self.url, self.server) as (sink, connection):

            def opened(ids: Sequence[str]) -> list[Original]:
                return [original(connection, self.parts.cipher, one) for one in ids]

            copying = Copying(self.parts.cipher, sink, plan.cases, plan.items, ROLE, first)
            return copying.put(opened(self.of_open), opened(self.of_closed))


async def seeds_of(folder: Path, url: str, server: PostgresqlServer | None = None) -> Seeds:
    """What is copied later on, verified by the service on the empty database."""
    async with _first(folder, url, review_parts.doubtful_sources()) as service:
        pairs = await _verified(service, *(review_parts.a_household(n) for n in range(3)))
    async with _first(folder, url, test_kinds.kinds_sources()) as service:
        kinds = await _verified(service, test_kinds.in_question(), test_kinds.alone_with_a_gap())
    async with _first(folder, url, households.sources()) as service:
        body = households.body(case_reference=f"{COUNTY}-2026-900001")
        final = await _verified(service, body)
        return Seeds(url, [*pairs, *kinds], final, service.parts, server)


@contextmanager
def _sink(url: str, server: PostgresqlServer | None) -> Iterator[Any]:
    """Something to put rows into, and a connection to read with."""
    if server is not None:
        name = sa.make_url(url).database or ""
        admin = server.url(name, role="admin")
        engine = sync_engine(admin)
        with psycopg.connect(admin) as writing, engine.connect() as reading:
            yield PostgresqlSink(writing), reading
        engine.dispose()
        server.run("VACUUM (ANALYZE)", database=name)  # as a county that was filled over months is
        return
    engine = sync_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        connection.exec_driver_sql("BEGIN")
        yield LiteSink(connection), connection
        connection.exec_driver_sql("COMMIT")
    engine.dispose()


async def filled(
    plan: Plan, folder: Path, url: str, server: PostgresqlServer | None = None
) -> County:
    """The database behind the URL, of the newest revision and empty before."""
    seeds = await seeds_of(folder, url, server)
    return County(url, folder, seeds.of_closed[0], seeds.grown(plan), server)


@dataclass(slots=True)
class Reviewer:
    """A browser without script, in a session of a reviewer."""

    service: Running
    county: County
    headers: dict[str, str]
    found: dict[str, Timed] = field(default_factory=dict)

    async def page(self, path: str) -> httpx.Response:
        reply = await self.service.http.get(path, headers=self.headers)
        assert reply.status_code == httpx.codes.OK, (path, reply.status_code, reply.text[:300])
        return reply

    async def timed(self, name: str, work: Callable[[], Awaitable[Any]], rounds: int) -> None:
        """So often, after once that is not counted."""
        await work()
        took = self.found.setdefault(name, Timed())
        for _ in range(rounds):
            began, used = time.perf_counter(), time.process_time()
            database = self.county.database_cpu()
            await work()
            took.clock.append(time.perf_counter() - began)
            took.cpu.append(time.process_time() - used)
            took.database.append(self.county.database_cpu() - database)

    async def first_item(self, kind: str) -> str:
        """The page of the first item of that kind."""
        listed = await self.page(f"/ui/review?kind={kind}")
        match = re.search(r'href="(/ui/review/ri_[^"]+)"', listed.text)
        assert match is not None
        return (await self.page(match[1].replace("&amp;", "&"))).text

    async def decided(self, text: str) -> str:
        """What the form of this page was answered with, and the page that followed: the next."""
        form = lxml.html.document_fromstring(text).get_element_by_id("decide")
        assert isinstance(form, lxml.html.FormElement)
        fields = {name: value for name, value in form.form_values() if name != "choice"}
        fields |= {"choice": "unsure", "reason_code": "other", "note": "seen"}
        reply = await self.service.http.post(str(form.action), data=fields, headers=self.headers)
        assert reply.status_code == httpx.codes.SEE_OTHER, reply.text[-3000:]
        return (await self.page(reply.headers["location"])).text


async def measured(plan: Plan, county: County) -> dict[str, Timed]:
    """Every page of the table."""
    sources = all_ten(*households.sources())
    async with running(
        county.folder, sources, database_url=county.url, source_figures_seconds=_KEPT
    ) as service:
        account = await with_roles(service, ROLE)
        reviewer = Reviewer(service, county, await session_of(service, account))
        for name, path in _paths(county):
            await reviewer.timed(name, lambda path=path: reviewer.page(path), plan.rounds)  # type: ignore[misc]

        async def counted_anew() -> None:
            service.clock.forward(seconds=_KEPT)
            await reviewer.page("/ui/")

        await reviewer.timed("home, sources counted anew", counted_anew, plan.rounds)
        here = [await reviewer.first_item("review_record")]

        async def decide() -> None:
            here.append(await reviewer.decided(here[-1]))

        await reviewer.timed("decision to next item", decide, plan.rounds)
        return reviewer.found


def _paths(county: County) -> Iterator[tuple[str, str]]:
    yield "queue", "/ui/review"
    yield "queue, by term", "/ui/review?order=due"
    yield "queue, by doubt", "/ui/review?order=doubt"
    yield "queue, filtered", f"/ui/review?source=bank&programme=urban_dibao&region={COUNTY}005"
    yield "queue, what is mine", "/ui/review?mine=1"
    yield "home", "/ui/"
    yield "cases", "/ui/cases"
    narrow = (
        "/ui/cases?status=final&programme=urban_dibao&outcome=not_confirmed&purpose=application"
        f"&region={COUNTY}003&sort=-changed"
    )
    yield "cases, filtered", narrow
    yield "cases, with open items", "/ui/cases?open=yes&sort=case"
    yield "cases, few of many", "/ui/cases?status=cancelled&outcome=confirmed&sort=changed"
    yield "profile", f"/ui/cases/{county.final}"
    yield "report as PDF", f"/ui/cases/{county.final}/report.pdf?variant=full"


def shown(name: str, plan: Plan, county: County, found: dict[str, Timed]) -> Table:
    """Medians and 95th percentiles in milliseconds, with the goal of the median."""
    load = os.getloadavg()[0]
    title = f"{name}: {plan.cases} cases, {county.items} open items; ms; load {load:.1f}"
    table = Table(title=title, title_justify="left")
    table.add_column("page", no_wrap=True)
    columns = ("p50", "p95", "CPU p50", "CPU p95", "database CPU", "goal")
    for column in columns:
        table.add_column(column, justify="right")
    for page, took in found.items():
        goal = _GOALS.get(page)
        figures = (*_figures(took.clock), *_figures(took.cpu), _ms(statistics.mean(took.database)))
        table.add_row(page, *figures, "" if goal is None else f"{goal * 1000:.0f}")
    return table


def _figures(seconds: Sequence[float]) -> tuple[str, str]:
    return _ms(statistics.median(seconds)), _ms(statistics.quantiles(seconds, n=20)[-1])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


async def run(plan: Plan, databases: Sequence[str], folder: Path) -> None:
    """Fill, measure, print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    console = Console()
    for name in databases:
        with _database(name, folder / name) as (url, server):
            began = time.monotonic()
            county = await filled(plan, folder / name, url, server)
            console.print(f"{name}: filled in {time.monotonic() - began:.0f} s")
            console.print(shown(name, plan, county, await measured(plan, county)))


@contextmanager
def _database(name: str, folder: Path) -> Iterator[tuple[str, PostgresqlServer | None]]:
    folder.mkdir(parents=True)
    if name == "sqlite":
        yield new_sqlite(folder), None
        return
    with running_server() as server:
        yield new_postgresql(server, "hedui"), server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--databases", nargs="+", default=("sqlite", "postgresql"))
    given = parser.parse_args()
    plan = Plan(given.cases, given.items, given.rounds)
    with tempfile.TemporaryDirectory(prefix="hedui-desk-") as folder:
        asyncio.run(run(plan, given.databases, Path(folder)))


if __name__ == "__main__":
    main()
