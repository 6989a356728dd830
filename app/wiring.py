"""Builds the service from the settings: the stages, with all that runs by itself."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

from app import wiring_desks as desks
from app.access.gate import ClientGate, GateSettings
from app.access.tokens import Tokens
from app.dci.desk import RegistryDesk
from app.domain.areas import load_areas
from app.erasure.requests import Requests as ErasureDesk
from app.jobs.assisting import Resuming
from app.jobs.checkup import Checkup
from app.jobs.engine import Engine
from app.jobs.notices import Notifier
from app.jobs.outgoing import Allowed, guarded_client, tls
from app.jobs.signing import NoticeSigner
from app.jobs.sweeping import Sweeper
from app.jobs.worker import Loop, Worker
from app.keys import notice_key, notice_signing_key
from app.observe.metrics import Observed
from app.report.statistics import Reader as StatisticsReader
from app.settings import Settings
from app.store.clients import Clients
from app.store.crypto import derive
from app.store.erasure_requests import ErasureRequests
from app.store.proofs import Proofs
from app.store.subscriptions import Subscriptions
from app.verification.persist import Shelf
from app.verification.plan import plan
from app.verification.receive import Counter
from app.verification.reuse import Reuse
from app.wiring_access import Access, access_of
from app.wiring_audit import callback_rules
from app.wiring_batches import (
    batching_of,
    common_loops,
    exchange_of,
    observed_of,
    presence_of,
    relief_of,
    report_loops,
    shown_of,
)
from app.wiring_dci import registry_of
from app.wiring_sources import Clock, Sources, exchange_rates, new_id, system_clock
from app.wiring_stages import Given, Stages, stages
from app.wiring_types import Assisting, Parts
from connectors.contract import ReceivesCallbacks, Source

__all__ = [
    "Clock",
    "Given",
    "Sources",
    "Stages",
    "exchange_rates",
    "new_id",
    "service",
    "stages",
    "system_clock",
]
API = "api"
"""Kind of process: single verifications."""


@asynccontextmanager
async def service(
    settings: Settings, clock: Clock = system_clock, sources: Sources | None = None
) -> AsyncIterator[Parts]:
    """The whole service: databases migrated, loops running; closed in reverse order."""
    observed = observed_of(settings)
    given = Given(clock=clock, sources=sources, watch=observed.sources)
    async with stages(settings, given) as built, AsyncExitStack() as closing:
        shelf, now = built.shelf, built.clock
        await closing.enter_async_context(shown_of(observed, built, settings))
        addresses = Allowed(shelf.database, callback_rules(settings))
        http = guarded_client(addresses)
        closing.push_async_callback(http.aclose)
        provider_http = _provider_client()
        closing.push_async_callback(provider_http.aclose)
        access = access_of(built, settings, provider_http)
        closing.callback(access.sign_in.passwords.close)
        presence = presence_of(built, settings, API)
        await presence.begin()
        closing.push_async_callback(presence.leave)
        closing.push_async_callback(built.anchoring.finish)
        engine = Engine(built.verifier.run)
        closing.push_async_callback(engine.aclose)
        settling = Engine(built.verifier.settle_if_told)
        closing.push_async_callback(settling.aclose)
        gate = _gate(settings, built)
        registry = registry_of(settings, built, (http, addresses), gate)
        notifier = _notifier(built, http, registry)
        closing.push_async_callback(notifier.aclose)
        sweeper = Sweeper(shelf.database, shelf.verifications, engine, now=now, settling=settling)
        await sweeper.begin()
        assistance = _assisting(settings, built, closing)
        loops = Worker(
            [
                *common_loops(built, presence),
                Loop("access", access.sweep, 600.0),
                Loop("sweep", sweeper.sweep, 5.0),
                Loop("assistance", _resuming(built, assistance).resume, 5.0),
                Loop("poll", built.verifier.collect_due, 0.25),
                Loop("notices", notifier.start_due, 0.5),
                Loop("registry", registry.later.answer_due, 0.25),
                Loop("registry news", registry.notifying.tell_due, 0.5),
                *report_loops(built, settings, presence),
                Loop("rates", presence.elected("rates", gate.sweep.run), 300.0),
            ]
        )
        loops.start()
        closing.push_async_callback(loops.stop)
        beside = Beside(observed, access, addresses, gate, registry, assistance)
        yield _parts(settings, built, engine, beside)


def _assisting(settings: Settings, built: Stages, closing: AsyncExitStack) -> Assisting:
    """Answers other centres until the service closes."""
    desk = desks.assistance_of(settings, built)
    engine = Engine(desk.run)
    closing.push_async_callback(engine.aclose)
    return Assisting(desk, engine, built.signer)


def _resuming(built: Stages, assistance: Assisting) -> Resuming:
    """What other centres asked and nobody works on any more."""
    return Resuming(
        database=built.shelf.database,
        stored=assistance.desk.stored,
        engine=assistance.engine,
        now=built.clock,
    )


def _provider_client() -> httpx.AsyncClient:
    """Unguarded: the identity provider is named by the operator, not by a client."""
    return httpx.AsyncClient(verify=tls(), timeout=10, follow_redirects=False, trust_env=False)


def _gate(settings: Settings, built: Stages) -> ClientGate:
    given = GateSettings(
        public_url=settings.public_url,
        trusted_proxies=settings.trusted_proxies,
        client_certificate_header=settings.client_certificate_header,
        rates=settings.rates,
    )
    return ClientGate.over(built.shelf.database, built.cipher, built.clock, given)


def _notifier(built: Stages, http: httpx.AsyncClient, registry: RegistryDesk) -> Notifier:
    return Notifier(
        built.shelf.database,
        built.shelf.outbox,
        http,
        key_of=partial(notice_key, built.master),
        now=built.clock,
        signer=NoticeSigner(notice_signing_key(built.master)),
        dress=registry.dressing.dress,
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the stages: figures, who gets in, where notices go, partners, centres."""

    observed: Observed
    access: Access
    addresses: Allowed
    gate: ClientGate
    registry: RegistryDesk
    assistance: Assisting


def _parts(settings: Settings, built: Stages, engine: Engine, beside: Beside) -> Parts:
    shelf, desk = built.shelf, built.desk
    batching = batching_of(built, settings)
    return Parts(
        shelf=shelf,
        desk=desk,
        verifier=built.verifier,
        counter=_counter(shelf, desk.sources, built.clock),
        exchange=exchange_of(built),
        engine=engine,
        assistance=beside.assistance,
        standards=built.standards,
        knowledge=built.knowledge,
        **desks.of_reviews(settings, built),
        tokens=Tokens(derive(built.master, "access tokens"), settings.public_url, built.clock),
        **_of_staff(beside.access),
        gate=beside.gate,
        cipher=built.cipher,
        clients=Clients(),
        **desks.of_looks(settings, built),
        **desks.of_reports(settings, built),
        askings=desk.askings,
        statistics=StatisticsReader(),
        proofs=Proofs(built.cipher),
        **desks.of_objections(settings, built),
        auditing=built.auditing,
        audit=desk.audit,
        now=built.clock,
        new_id=new_id,
        batching=batching,
        reuse=Reuse(desk, built.cipher),
        relief=relief_of(built, settings, batching),
        **desks.of_reconciliation(built, beside.gate),
        **desks.of_alerts(built, beside.access),
        **desks.of_sources(settings, built),
        subscriptions=Subscriptions(built.cipher),
        erasures=ErasureDesk(erasing=built.erasing, stored=ErasureRequests(), new_id=new_id),
        addresses=beside.addresses,
        registry=beside.registry,
        **_of_notices(built),
        observed=beside.observed,
        areas=load_areas(settings.areas),
        institutions={of: one.agreement.institutions for of, one in built.terms.items()},
        metrics=settings.metrics,
        checkup=Checkup(shelf.database, desk.audit, settings.data_dir, now=built.clock),
        public_url=settings.public_url,
        health={"database": shelf.database.dialect},
        plan=plan,
    )


def _of_staff(access: Access) -> dict[str, Any]:
    """How people get in, and what two of them may change."""
    return {
        "sessions": access.sessions,
        "cookie": access.cookie,
        "sign_in": access.sign_in,
        "staffing": access.staffing,
        "approvals": access.approvals,
        "provider": access.provider,
    }


def _of_notices(built: Stages) -> dict[str, Any]:
    return {
        "notice_key": partial(notice_key, built.master),
        "notice_signer": NoticeSigner(notice_signing_key(built.master)),
    }


def _counter(shelf: Shelf, sources: Mapping[str, Source], clock: Clock) -> Counter:
    receivers: dict[str, ReceivesCallbacks] = {
        name: source  # type: ignore[misc]
        for name, source in sources.items()
        if hasattr(source, "reference_of")
    }
    return Counter(database=shelf.database, tickets=shelf.tickets, receivers=receivers, now=clock)
