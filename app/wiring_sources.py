"""The clock, ids, and the connected sources with the limits that all processes share."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import structlog
from ulid import ULID

from app.domain.errors import ConfigurationError, HeduiError
from app.jobs.shares import Books, SharedPace, ShareKeeper
from app.jobs.timekeeping import ServiceClock
from app.store.session import Database
from app.verification.errands import Patience
from app.verification.merge.records import Rates
from app.verification.terms import Agreement, SourceTerms, agreements_of
from connectors.by_hand import LIMITS as BY_HAND
from connectors.by_hand import ByHand
from connectors.centres import MAY_BE_ASKED, Centres, build_centres
from connectors.contract import Source
from connectors.registry import build_sources, limits_of, mapping_version
from connectors.transport.limits import Gate, Limits, Shared, Watch
from connectors.transport.signatures import MessageSigner

log = structlog.get_logger()
Clock = Callable[[], datetime]
Sources = tuple[dict[str, Source], dict[str, Patience]]
"""The connected sources by name, and how long each may take."""
_SHARES_RENEWED = 1.0  # seconds


def system_clock() -> datetime:
    """The one clock of the service."""
    return datetime.now(UTC)


async def clock_of(given: Clock, database: Database) -> Clock:
    """The clock of the service: where none was given, the database's where that has one."""
    if given is not system_clock:
        return given
    clock = ServiceClock()
    await clock.correct(database)
    return clock


def new_id(prefix: str) -> str:
    """A unique id that sorts by time, to the millisecond: `vf_01JD…`.

    Made of its parts: `ULID()` counts on within a millisecond, which costs 50 µs an id.
    """
    at = time.time_ns() // 1_000_000
    return f"{prefix}_{ULID(at.to_bytes(6) + os.urandom(10))}"


def exchange_rates(document: Mapping[str, Any]) -> Rates:
    """Yuan for one unit, from decimal strings."""
    rates = {}
    for currency, text in (document.get("exchange_rates") or {}).items():
        try:
            rates[str(currency)] = Decimal(str(text))
        except InvalidOperation:
            raise ConfigurationError(f"exchange_rates: {currency} is not a number") from None
    return Rates(rates)


def sources_of(document: Mapping[str, Any], gate_of: Callable[[str, Limits], Gate]) -> Sources:
    limits = document.get("limits") or {}
    try:
        sources = build_sources(document.get("sources") or {}, limits, gate_of=gate_of)
    except ValueError as error:
        raise ConfigurationError(f"sources: {error}") from None
    patience = {}
    for name in sources:
        own = BY_HAND if isinstance(sources[name], ByHand) else {}
        its = limits_of(name, {**own, **limits.get(name, {})})
        patience[name] = Patience(
            deadline=timedelta(seconds=its.deadline),
            tries=its.tries,
            reuse_days=its.reuse_days,
            window=its.window,
        )
    return sources, patience


def centres_of(
    document: Mapping[str, Any],
    gate_of: Callable[[str, Limits], Gate],
    signer: MessageSigner,
    now: Clock,
) -> Centres:
    """The other centres that are asked 异地协查."""
    try:
        return build_centres(document.get("centres"), signer=signer, now=now, gate_of=gate_of)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


@dataclass(frozen=True, slots=True)
class Answering:
    """For which regions other centres are answered, and of a source with many institutions, by
    which one: by the source's name."""

    regions: tuple[str, ...] = ()
    institutions: Mapping[str, str] = field(default_factory=dict)


def answering_of(given: object, sources: Mapping[str, Source]) -> Answering:
    """The section `assistance`, held against the sources that are connected."""
    if given is None:
        return Answering()
    named = dict(given) if isinstance(given, Mapping) else {}
    regions, institutions = named.pop("answers_for", None), named.pop("institutions", {})
    if named or not isinstance(regions, list) or not all(_is_region(one) for one in regions):
        raise ConfigurationError('assistance: answers_for is a list of regions, such as ["2201"]')
    if not isinstance(institutions, Mapping):
        raise ConfigurationError("assistance: institutions is a mapping, such as {bank: rcu}")
    for name, one in institutions.items():
        known = sources[name].institutions if name in sources else ()
        if name not in MAY_BE_ASKED or one not in known:
            raise ConfigurationError(f"assistance: institutions: {name}: no such one is connected")
    return Answering(tuple(regions), dict(institutions))


def _is_region(one: object) -> bool:
    return isinstance(one, str) and one.isascii() and one.isdigit() and len(one) >= 2


def terms_of(document: Mapping[str, Any], connected: Sources) -> dict[str, SourceTerms]:
    """On which terms each connected source is asked, by name."""
    limits, config = document.get("limits") or {}, document.get("sources") or {}
    agreements = agreements_of(document)
    terms = {}
    for name, source in connected[0].items():
        its = limits_of(name, limits.get(name, {}))
        window = connected[1][name].window
        terms[name] = SourceTerms(
            limits=replace(its, window=window),
            agreement=agreements.get(name, Agreement()),
            mapping_version=mapping_version(name, config.get(name) or {}),
            persons_a_query=source.persons_a_query,
        )
    return terms


def gates_of(
    books: Books, keeper: ShareKeeper, watch: Watch | None, made: dict[str, Gate]
) -> Callable[[str, Limits], Gate]:
    """Gates that keep a source's limits together with all other processes; `made`: all of them."""

    def gate_of(source: str, limits: Limits) -> Gate:
        pace = None if limits.rate is None else SharedPace(books, source, limits)
        shared = Shared(pace=pace, slots=keeper.slots(source, limits), watch=watch)
        made[source] = Gate(source, limits, shared=shared)
        return made[source]

    return gate_of


async def renewed(shares: ShareKeeper) -> None:
    """Renew the shares until they are ended; a fault of the database is outlived."""
    while True:
        try:
            await shares.keep(_SHARES_RENEWED)
            return
        except HeduiError as error:
            log.warning("storage_unavailable", error=str(error))
            await asyncio.sleep(_SHARES_RENEWED)


async def ended(shares: ShareKeeper, task: "asyncio.Task[None]") -> None:
    """Not broken off within a transaction, where there is a moment for that."""
    shares.end()
    _, left = await asyncio.wait((task,), timeout=_SHARES_RENEWED * 2)
    if left:
        task.cancel()
        await asyncio.wait(left)
