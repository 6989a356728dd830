"""Builds the stages on their stores, without anything that runs by itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.alerts.raising import Raising
from app.batch.outcomes import Outcomes
from app.dci.heralding import Heralding
from app.domain.instants import china_day
from app.erasure.erasing import Erasing
from app.jobs.anchoring import Anchoring
from app.jobs.shares import INTERACTIVE, Books, ShareKeeper
from app.keys import assistance_signing_key, open_keys, report_keys
from app.programmes.standard import Standards
from app.recipients.following import Following
from app.recipients.rules import Rules as RecipientRules
from app.report.build import Issuer, Seal
from app.report.signing import ReportKeys
from app.review.audit_objections import ObjectionDesk
from app.review.audits import Auditing
from app.safe_database import migrated, refuse_unsafe_database
from app.safe_start import refuse_unsafe
from app.settings import Settings, read_sources_file
from app.store.askings import Askings
from app.store.batch_households import BatchHouseholds
from app.store.batch_units import BatchUnits
from app.store.crypto import FieldCipher
from app.store.dci_history import DciHistory
from app.store.dci_subscriptions import RegistrySubscriptions
from app.store.evidence import Replies
from app.store.judgements import Judgements
from app.store.manual_tasks import ManualTasks
from app.store.outbox import Outbox
from app.store.reports import Reports
from app.store.results import Results
from app.store.review_items import ReviewItems
from app.store.session import Database, connect
from app.store.settlements import StoredSettlements
from app.store.source_pace import SourcePace
from app.store.stored_keys import StoredKeys
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import StoredVerification, Verifications
from app.verification.clockwork import Clockwork
from app.verification.conclude import Knowledge
from app.verification.elsewhere import Connected
from app.verification.errands import Desk, Patience
from app.verification.facts import FactWriter
from app.verification.gate import ConsentGate
from app.verification.intake import Intake
from app.verification.intents import Intents
from app.verification.library import Library
from app.verification.persist import Concluded, OnFinal, Shelf
from app.verification.run import OnEnd, Verifier
from app.verification.terms import SourceTerms
from app.wiring_audit import anchoring_of, trail_of
from app.wiring_models import library_of, raising_of
from app.wiring_sources import (
    Clock,
    Sources,
    centres_of,
    clock_of,
    ended,
    gates_of,
    new_id,
    renewed,
    sources_of,
    system_clock,
    terms_of,
)
from connectors.by_hand import LIMITS as BY_HAND
from connectors.transport.limits import Gate, Watch
from connectors.transport.signatures import MessageSigner

Patient = tuple[Connected, dict[str, Patience]]
"""The connected sources, here and elsewhere, and how long each may take."""


def _shelf(database: Database, cipher: FieldCipher) -> Shelf:
    verifications = Verifications(cipher)
    return Shelf(
        database=database,
        verifications=verifications,
        tasks=Tasks(),
        replies=Replies(cipher),
        tickets=Tickets(cipher),
        manual=ManualTasks(cipher),
        judgements=Judgements(cipher),
        settlements=StoredSettlements(cipher),
        review_items=ReviewItems(),
        results=Results(cipher),
        facts=FactWriter.over(cipher, verifications.household_index),
        outbox=Outbox(cipher),
        batch_units=BatchUnits(),
        batch_households=BatchHouseholds(cipher),
    )


def _desk(shelf: Shelf, sources: Patient, **given: Any) -> Desk:
    clockwork = Clockwork(given["now"], new_id)
    gate, audit = given["gate"], given["audit"]
    return Desk(
        database=shelf.database,
        verifications=shelf.verifications,
        sources=sources[0],
        patience=sources[1],
        askings=Askings(),
        tasks=shelf.tasks,
        replies=shelf.replies,
        tickets=shelf.tickets,
        intents=Intents(shelf.database, gate, shelf.tasks, audit, clockwork),
        intake=Intake.over(
            shelf.database,
            (shelf.replies, shelf.tickets, shelf.manual),
            (gate, audit, clockwork),
        ),
        manual=shelf.manual,
        by_hand_deadline=timedelta(seconds=BY_HAND["deadline"]),
        new_id=new_id,
        **given,
    )


@dataclass(frozen=True, kw_only=True)
class Stages:
    """The stages on their stores, without anything that runs by itself."""

    master: bytes
    keys: StoredKeys
    cipher: FieldCipher
    shelf: Shelf
    desk: Desk
    standards: Standards
    knowledge: Knowledge
    library: Library
    reports: Reports
    report_keys: ReportKeys
    objections: ObjectionDesk
    auditing: Auditing
    verifier: Verifier
    raising: Raising
    erasing: Erasing
    anchoring: Anchoring
    clock: Clock
    signer: MessageSigner
    """Signs what is said to other centres."""
    terms: Mapping[str, SourceTerms]
    gates: Mapping[str, Gate]


def _issuer(settings: Settings, keys: StoredKeys, gate: ConsentGate, clock: Clock) -> Issuer:
    """Issues reports; SM3 beside SHA-256 where the suite is of the national algorithms."""
    signing = report_keys(settings, keys.service)
    seal = Seal(signing, settings.centre, with_sm3=settings.suite == "sm4-gcm")
    return Issuer(Reports(FieldCipher(keys)), gate.withdrawals, now=clock, seal=seal)


def _on_end(
    settings: Settings,
    shelf: Shelf,
    cipher: FieldCipher,
    desks: tuple[Issuer, ObjectionDesk, Raising],
) -> OnEnd:
    """What follows in the transaction that ends a verification, and in which order."""
    issuer, objections, raising = desks
    on_final = _in_turn(
        *(issuer.issue, objections.settle, raising.on_final),
        Following(cipher, RecipientRules.load(settings.recipients)).on_final,
        Outcomes(shelf.batch_households, raising.changes).on_final,
        Heralding(RegistrySubscriptions(cipher), DciHistory(), cipher).on_final,
    )
    return OnEnd(on_final, issuer.suspend)


def _in_turn(*steps: OnFinal) -> OnFinal:
    """All of them in the one transaction, in this order."""

    def on_final(tx: sa.Connection, verification: StoredVerification, concluded: Concluded) -> None:
        for step in steps:
            step(tx, verification, concluded)

    return on_final


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever builds may set: the clock, the sources, the lane of this process, a watch."""

    clock: Clock = system_clock
    sources: Sources | None = None
    lane: str = INTERACTIVE
    watch: Watch | None = None


@asynccontextmanager
async def stages(settings: Settings, given: Given | None = None) -> AsyncIterator[Stages]:
    """The database migrated and opened; sources are built from the settings if not given."""
    given = given or Given()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    document = read_sources_file(settings.sources)
    keys = _keys(settings, document)
    master, cipher = keys.service, FieldCipher(keys)
    async with AsyncExitStack() as closing:
        database, clock = await _opened(closing, settings, given)
        signer = MessageSigner(assistance_signing_key(master))
        connected, gates = await _connected(closing, settings, given, (database, clock, signer))
        library = library_of(settings, document, china_day(clock()))
        knowledge = library.knowledge
        shelf = _shelf(database, cipher)
        anchoring = await anchoring_of(settings, master, (database, clock), closing)
        audit = trail_of(settings, master, clock)
        gate = ConsentGate.over(shelf.verifications, cipher, settings.programmes)
        desk = _desk(
            *(shelf, connected), audit=audit, now=clock, anchor_now=anchoring.catch_up, gate=gate
        )
        objections = ObjectionDesk.over(shelf, cipher, now=clock)
        raising = raising_of(settings, shelf, cipher, knowledge.standards, audit)
        issuer = _issuer(settings, keys, gate, clock)
        on_end = _on_end(settings, shelf, cipher, (issuer, objections, raising))
        yield Stages(
            master=master,
            keys=keys,
            cipher=cipher,
            shelf=shelf,
            desk=desk,
            standards=knowledge.standards,
            knowledge=knowledge,
            library=library,
            reports=issuer.reports,
            objections=objections,
            auditing=Auditing.over(desk, cipher, knowledge.standards.programmes),
            report_keys=issuer.seal.keys,
            verifier=Verifier(shelf, desk, library, on_end=on_end, worker=settings.worker),
            raising=raising,
            erasing=Erasing.over(desk, cipher, settings.database, settings.retention),
            anchoring=anchoring,
            clock=clock,
            signer=signer,
            terms=terms_of(document, connected),
            gates=gates,
        )


async def _opened(
    closing: AsyncExitStack, settings: Settings, given: Given
) -> tuple[Database, Clock]:
    """The database, once it is such that the service may serve, and the clock that goes by it."""
    database = connect(settings.database)
    closing.push_async_callback(database.aclose)
    await database.read(partial(_refuse, settings))
    return database, await clock_of(given.clock, database)


async def _connected(
    closing: AsyncExitStack,
    settings: Settings,
    given: Given,
    kept: tuple[Database, Clock, MessageSigner],
) -> tuple[Patient, Mapping[str, Gate]]:
    """The sources, those of the settings with limits that all processes share; closed at the end.

    `kept`: where the limits are, the clock, and what signs for other centres. With them the gates
    that were made.
    """
    books = Books(
        database=kept[0],
        pace=SourcePace(),
        holder=settings.worker,
        lane=given.lane,
        now=kept[1],
    )
    shares = ShareKeeper(books)
    gates: dict[str, Gate] = {}
    document = read_sources_file(settings.sources)
    gate_of = gates_of(books, shares, given.watch, gates)
    here, patience = given.sources or sources_of(document, gate_of)
    for source in here.values():
        closing.push_async_callback(source.aclose)
    centres = centres_of(document, gate_of, kept[2], kept[1])
    closing.push_async_callback(centres.aclose)
    closing.push_async_callback(ended, shares, asyncio.create_task(renewed(shares)))
    return (Connected(here, centres), patience), gates


def _keys(settings: Settings, document: Mapping[str, Any]) -> StoredKeys:
    """Of the migrated database, once the settings are such that it may be started."""
    refuse_unsafe(settings, document)
    migrated(settings)
    return open_keys(settings)


def _refuse(settings: Settings, tx: sa.Connection) -> None:
    refuse_unsafe_database(tx, machine=system_clock, production=settings.production)
