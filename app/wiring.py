"""Builds every object once from the settings, and closes it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import httpx
import sqlalchemy as sa
from ulid import ULID

from app.access.consent import china_day
from app.access.tokens import Tokens
from app.audit.chain import AuditTrail
from app.domain.errors import ConfigurationError
from app.error_rate.versions import Models
from app.jobs.engine import DurableEngine
from app.jobs.notices import Notifier
from app.jobs.worker import Worker
from app.keys import audit_key, master_key, notice_key
from app.programmes.standard import Standards
from app.report.build import Issuer
from app.report.statistics import Reader as StatisticsReader
from app.review.audit_objections import ObjectionDesk
from app.review.audits import Auditing
from app.review.judgement import Reviewing
from app.settings import Settings, read_sources_file
from app.store.askings import Askings
from app.store.audit_entries import AuditEntries
from app.store.clients import Clients
from app.store.crypto import FieldCipher, derive
from app.store.evidence import Replies, Results
from app.store.judgements import Judgements
from app.store.migrate import upgrade
from app.store.outbox import Outbox
from app.store.reports import Reports
from app.store.review_decisions import ReviewDecisions
from app.store.review_items import ReviewItems
from app.store.session import Database, connect
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import StoredVerification, Verifications
from app.verification.clockwork import Clockwork
from app.verification.conclude import Knowledge
from app.verification.errands import Desk, Patience
from app.verification.facts import FactWriter
from app.verification.intake import Intake
from app.verification.intents import Intents
from app.verification.library import Library
from app.verification.merge.records import Rates
from app.verification.persist import Concluded, OnFinal, Shelf
from app.verification.plan import plan
from app.verification.receive import Counter
from app.verification.run import Verifier
from app.wiring_types import Parts
from connectors.contract import ReceivesCallbacks, Source
from connectors.registry import build_sources, limits_of
from matching.calibration.applied import adjusted, read_adjustments
from matching.weights import Weights, load_weights
from matching.weights_file import read_weights

Clock = Callable[[], datetime]
Sources = tuple[dict[str, Source], dict[str, Patience]]
"""The connected sources by name, and how long each may take."""


def system_clock() -> datetime:
    """The one clock of the service."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A unique id that sorts by time: `vf_01JD…`."""
    return f"{prefix}_{ULID()}"


def exchange_rates(document: Mapping[str, Any]) -> Rates:
    """Yuan for one unit, from decimal strings."""
    rates = {}
    for currency, text in (document.get("exchange_rates") or {}).items():
        try:
            rates[str(currency)] = Decimal(str(text))
        except InvalidOperation:
            raise ConfigurationError(f"exchange_rates: {currency} is not a number") from None
    return Rates(rates)


def _sources(document: Mapping[str, Any]) -> Sources:
    limits = document.get("limits") or {}
    try:
        sources = build_sources(document.get("sources") or {}, limits)
    except ValueError as error:
        raise ConfigurationError(f"sources: {error}") from None
    patience = {}
    for name in sources:
        its = limits_of(name, limits.get(name, {}))
        patience[name] = Patience(deadline=timedelta(seconds=its.deadline), tries=its.tries)
    return sources, patience


def _shelf(database: Database, cipher: FieldCipher) -> Shelf:
    verifications = Verifications(cipher)
    return Shelf(
        database=database,
        verifications=verifications,
        tasks=Tasks(),
        replies=Replies(cipher),
        tickets=Tickets(cipher),
        judgements=Judgements(cipher),
        review_items=ReviewItems(),
        results=Results(cipher),
        facts=FactWriter.over(cipher, verifications.household_index),
        outbox=Outbox(cipher),
    )


def _desk(shelf: Shelf, sources: Sources, **given: Any) -> Desk:
    clockwork = Clockwork(given["now"], new_id)
    return Desk(
        database=shelf.database,
        verifications=shelf.verifications,
        sources=sources[0],
        patience=sources[1],
        askings=Askings(),
        tasks=shelf.tasks,
        replies=shelf.replies,
        tickets=shelf.tickets,
        intents=Intents(
            shelf.database, shelf.verifications, shelf.tasks, given["audit"], clockwork
        ),
        intake=Intake(shelf.database, shelf.replies, shelf.tickets),
        new_id=new_id,
        **given,
    )


@dataclass(frozen=True, kw_only=True)
class Stages:
    """The stages on their stores, without anything that runs by itself."""

    master: bytes
    cipher: FieldCipher
    shelf: Shelf
    desk: Desk
    standards: Standards
    knowledge: Knowledge
    library: Library
    reports: Reports
    objections: ObjectionDesk
    auditing: Auditing
    verifier: Verifier


def _in_turn(*steps: OnFinal) -> OnFinal:
    """All of them in the one transaction, in this order."""

    def on_final(tx: sa.Connection, verification: StoredVerification, concluded: Concluded) -> None:
        for step in steps:
            step(tx, verification, concluded)

    return on_final


@asynccontextmanager
async def stages(
    settings: Settings, clock: Clock = system_clock, sources: Sources | None = None
) -> AsyncIterator[Stages]:
    """The database migrated and opened; `sources` are built from the settings if not given."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    document = read_sources_file(settings.sources)
    master = master_key(settings)
    cipher = FieldCipher(master)
    upgrade(settings.database)
    async with AsyncExitStack() as closing:
        database = connect(settings.database)
        closing.push_async_callback(database.aclose)
        await database.read(lambda tx: _check_key(tx, cipher))
        connected = _sources(document) if sources is None else sources
        for source in connected[0].values():
            closing.push_async_callback(source.aclose)
        library = _library(settings, document, china_day(clock()))
        knowledge = library.knowledge
        shelf = _shelf(database, cipher)
        audit = AuditTrail(audit_key(settings, master), AuditEntries(), clock)
        desk = _desk(shelf, connected, audit=audit, now=clock)
        reports = Reports(cipher)
        issuer = Issuer(reports, shelf.tasks, now=clock, public_url=settings.public_url)
        objections = ObjectionDesk.over(shelf, cipher, now=clock)
        on_final = _in_turn(issuer.issue, objections.settle)
        yield Stages(
            master=master,
            cipher=cipher,
            shelf=shelf,
            desk=desk,
            standards=knowledge.standards,
            knowledge=knowledge,
            library=library,
            reports=reports,
            objections=objections,
            auditing=Auditing.over(desk, cipher, knowledge.standards.programmes),
            verifier=Verifier(shelf, desk, library, on_final=on_final, worker=settings.worker),
        )


def _weights(settings: Settings) -> Weights:
    """The packaged match weights or those of a file, corrected as reviewers' decisions taught."""
    path = settings.matching_weights
    weights = load_weights() if path is None else read_weights(path)
    learned = settings.matching_adjustments
    return weights if learned is None else adjusted(weights, read_adjustments(learned))


def _library(settings: Settings, document: Mapping[str, Any], today: date) -> Library:
    """What judges from now on: the models that are in force on the day the service starts."""
    models = Models.load(settings.models_folder)
    parameters, calibration = models.in_force(today)
    knowledge = Knowledge(
        standards=Standards.load(settings.programmes),
        weights=_weights(settings),
        parameters=parameters,
        calibration=calibration,
        rates=exchange_rates(document),
    )
    return Library(knowledge, models)


@asynccontextmanager
async def service(
    settings: Settings, clock: Clock = system_clock, sources: Sources | None = None
) -> AsyncIterator[Parts]:
    """The whole service: databases migrated, loops running; closed in reverse order."""
    async with stages(settings, clock, sources) as built, AsyncExitStack() as closing:
        shelf, worker = built.shelf, settings.worker
        http = httpx.AsyncClient(timeout=10, follow_redirects=False, trust_env=False)
        closing.push_async_callback(http.aclose)
        engine = DurableEngine(settings.engine_database, worker, built.verifier.run)
        closing.push_async_callback(engine.aclose)
        notifier = Notifier(
            shelf.database,
            shelf.outbox,
            http,
            key_of=partial(notice_key, built.master),
            now=clock,
        )
        await shelf.database.write(lambda tx: shelf.verifications.release_all(tx, worker=worker))
        engine.launch()
        loops = Worker(
            built.verifier, engine, notifier, shelf=(shelf.database, shelf.verifications), now=clock
        )
        loops.start()
        closing.push_async_callback(loops.stop)
        yield _parts(settings, built, engine, clock)


def _parts(settings: Settings, built: Stages, engine: DurableEngine, clock: Clock) -> Parts:
    shelf, desk = built.shelf, built.desk
    return Parts(
        shelf=shelf,
        desk=desk,
        verifier=built.verifier,
        counter=_counter(shelf, desk.sources, clock),
        engine=engine,
        standards=built.standards,
        knowledge=built.knowledge,
        reviewing=Reviewing.over(
            desk, shelf, ReviewDecisions(built.cipher), built.verifier, built.knowledge
        ),
        tokens=Tokens(derive(built.master, "access tokens"), settings.public_url, clock),
        cipher=built.cipher,
        clients=Clients(),
        askings=desk.askings,
        reports=built.reports,
        statistics=StatisticsReader(),
        objections=built.objections,
        auditing=built.auditing,
        audit=desk.audit,
        now=clock,
        new_id=new_id,
        notice_key=partial(notice_key, built.master),
        public_url=settings.public_url,
        health={"database": shelf.database.dialect},
        plan=plan,
    )


def _counter(shelf: Shelf, sources: Mapping[str, Source], clock: Clock) -> Counter:
    receivers: dict[str, ReceivesCallbacks] = {
        name: source  # type: ignore[misc]
        for name, source in sources.items()
        if hasattr(source, "reference_of")
    }
    return Counter(database=shelf.database, tickets=shelf.tickets, receivers=receivers, now=clock)


def _check_key(tx: sa.Connection, cipher: FieldCipher) -> None:
    """Start is refused with another key than the one that sealed what is stored."""
    sealed = tx.execute(sa.text("SELECT sealed_request FROM verification LIMIT 1")).scalar()
    if sealed is not None and bytes(sealed)[:4].hex() != cipher.key_id:
        raise ConfigurationError(
            "the master key is not the one that sealed this database; set HEDUI_KEY_FILE to it"
        )
