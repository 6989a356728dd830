"""What is measured with: applications, what the sources answer to them, and the calls it takes.

The calls are those of the connectors, recorded byte for byte by a relay before each source.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson
from aiohttp import web
from yarl import URL

from app.api.schemas.verification import VerificationIn
from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import VerificationRequest
from app.programmes.needs import Needs
from app.verification.answers import Reply, from_stored, status_of, to_stored
from app.verification.errands import query_of
from app.verification.plan import plan
from connectors.contract import Progress, Source, SourceQuery
from connectors.registry import build_sources

AT_ONCE: Final = (
    "household_registry",
    "tax",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
)
"""Sources that answer in the call itself."""
BY_STATEMENT: Final = "housing_fund"
_UNLIMITED: Final[Mapping[str, Any]] = {"rate": None, "concurrency": 64}
LIMITS: Final = {name: dict(_UNLIMITED) for name in AT_ONCE}
"""The sandbox bears any rate here, so none is kept."""
_DROPPED: Final = frozenset({"host", "content-length", "accept", "connection"})
_PAUSE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded request; `url` percent-encoded as it was sent."""

    source: str
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """What is asked of one source about one person: calls one after another, or one statement."""

    source: str
    name: str = field(repr=False)
    id_number: str = field(repr=False)
    calls: tuple[Call, ...]

    @property
    def length(self) -> int:
        """Answers waited for one after another over HTTP; a statement has no latency set."""
        return len(self.calls)


@dataclass(frozen=True, slots=True)
class Measured:
    """A household: its application's body and request, its calls, and all ten sources' replies."""

    body: bytes = field(repr=False)
    request: VerificationRequest = field(repr=False)
    chains: tuple[Chain, ...]
    replies: tuple[Reply, ...] = field(repr=False)
    statuses: tuple[SourceStatus, ...]

    @property
    def longest(self) -> int:
        """Calls one after another of the source that takes longest."""
        return max((chain.length for chain in self.chains), default=0)


@dataclass(slots=True)
class _Relay:
    """Passes each request on to a source and keeps it."""

    source: str
    target: str
    http: aiohttp.ClientSession
    calls: list[Call] = field(default_factory=list)

    async def pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        url = self.target + request.raw_path
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in _DROPPED
        }
        if not request.path.endswith("/oauth/token"):  # once for all households
            self.calls.append(Call(self.source, request.method, url, headers, body))
        async with self.http.request(
            request.method, URL(url, encoded=True), headers=headers, data=body
        ) as reply:
            content = await reply.read()
            kept = {"Content-Type": reply.headers.get("Content-Type", "")}
            return web.Response(body=content, status=reply.status, headers=kept)


@asynccontextmanager
async def _relayed(
    sources: Mapping[str, Mapping[str, Any]],
) -> AsyncIterator[tuple[dict[str, Any], dict[str, _Relay]]]:
    """The configuration with a relay's address for each source over HTTP that answers at once."""
    changed = {name: dict(its) for name, its in sources.items()}
    relays = {}
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
        )
        for name in AT_ONCE:
            if name == BY_STATEMENT:
                continue
            relays[name] = _Relay(name, changed[name]["url"], http)
            app = web.Application()
            app.router.add_route("*", "/{rest:.*}", relays[name].pass_on)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            changed[name]["url"] = "http://{}:{}".format(*runner.addresses[0][:2])
        yield changed, relays


async def read_households(folder: Path, sources: Mapping[str, Mapping[str, Any]]) -> list[Measured]:
    """Every application asked about once, at all ten sources."""
    bodies = [path.read_bytes() for path in sorted((folder / "applications").glob("*.json"))]
    async with _relayed(sources) as (changed, relays), AsyncExitStack() as closing:
        connected = build_sources(changed, LIMITS)
        for source in connected.values():
            closing.push_async_callback(source.aclose)
        later = {name: one for name, one in connected.items() if name not in AT_ONCE}
        requests = [
            VerificationIn.model_validate(orjson.loads(body)).to_domain() for body in bodies
        ]
        slow = asyncio.gather(
            *(_asked_later(later, one, place) for place, one in enumerate(requests, 1))
        )
        quick = [await _asked_at_once(connected, relays, request) for request in requests]
        replies = [at_once + others for (_, at_once), others in zip(quick, await slow, strict=True)]
    return [
        Measured(body, request, chains, tuple(found), _statuses(connected, request, found))
        for body, request, (chains, _), found in zip(bodies, requests, quick, replies, strict=True)
    ]


def _whom(request: VerificationRequest, sources: Mapping[str, Source]) -> dict[str, list[str]]:
    whom = defaultdict(list)
    for status in plan(request, sources, Needs.load()):
        if status.state is SourceState.PENDING and status.source in sources:
            whom[status.source].append(status.person)
    return whom


def _query(request: VerificationRequest, refs: list[str], sequence: int) -> SourceQuery:
    today = datetime.now(UTC).date()
    return query_of(
        request,
        (tuple(refs), None),
        reference=f"bench-{sequence}",
        sequence=sequence,
        sent_on=today,
    )


async def _permit() -> None:
    """Consent is given in the applications."""


async def _asked_at_once(
    sources: Mapping[str, Source], relays: Mapping[str, _Relay], request: VerificationRequest
) -> tuple[tuple[Chain, ...], list[Reply]]:
    """One person after another, so that each call is known to be about whom."""
    chains, replies = [], []
    at_once = {name: sources[name] for name in AT_ONCE}
    for name, refs in _whom(request, at_once).items():
        for ref in refs:
            query = _query(request, [ref], 1)
            kept = relays[name].calls if name in relays else []
            kept.clear()
            replies += _read(name, request, await sources[name].ask(query, _permit))
            person = query.persons[0]
            chains.append(Chain(name, person.name, person.id_number, tuple(kept)))
    return tuple(chains), replies


async def _asked_later(
    sources: Mapping[str, Source], request: VerificationRequest, sequence: int
) -> list[Reply]:
    replies = []
    for name, refs in _whom(request, sources).items():
        query = _query(request, refs, sequence)
        progress = await sources[name].ask(query, _permit)
        replies += _read(name, request, progress)
        while progress.ticket is not None:
            await asyncio.sleep(_PAUSE)
            progress = await sources[name].collect(progress.ticket, query, _permit)
            replies += _read(name, request, progress)
    return replies


def _read(name: str, request: VerificationRequest, progress: Progress) -> list[Reply]:
    now = datetime.now(UTC)
    return [
        from_stored(to_stored(one, where=("vf_bench", request.region), source=name, now=now))
        for one in progress.replies
    ]


def _statuses(
    sources: Mapping[str, Source], request: VerificationRequest, replies: list[Reply]
) -> tuple[SourceStatus, ...]:
    grouped = defaultdict(list)
    for reply in replies:
        grouped[reply.person, reply.source].append(reply)
    return tuple(
        status_of(
            status, grouped[status.person, status.source], sources[status.source].institutions
        )
        if status.state is SourceState.PENDING
        else status
        for status in plan(request, sources, Needs.load())
    )
