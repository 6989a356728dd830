"""Builds the stages on their stores, without anything that runs by itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from app.access.consent import china_day
from app.alerts.raising import Raising
from app.alerts.rules_file import load_rules
from app.audit.chain import AuditTrail
from app.batch.outcomes import Outcomes
from app.erasure.erasing import Erasing
from app.error_rate.versions import Models
from app.jobs.anchoring import Anchoring
from app.jobs.shares import INTERACTIVE, Books, ShareKeeper
from app.keys import open_keys
from app.programmes.standard import Standards
from app.recipients.following import Following
from app.recipients.rules import Rules as RecipientRules
from app.report.build import Issuer
from app.review.audit_objections import ObjectionDesk
from app.review.audits import Auditing
from app.safe_database import migrated, refuse_unsafe_database
from app.safe_start import refuse_unsafe
from app.settings import Settings, read_sources_file
from app.store.askings import Askings
from app.store.batch_households import BatchHouseholds
from app.store.batch_units import BatchUnits
from app.store.crypto import FieldCipher
from app.store.evidence import Replies
from app.store.judgements import Judgements
from app.store.manual_tasks import ManualTasks
from app.store.outbox import Outbox
from app.store.reports import Reports
from app.store.results import Results
from app.store.review_items import ReviewItems
from app.store.session import Database, connect
from app.store.source_pace import SourcePace
from app.store.stored_keys import StoredKeys
from app.store.tasks import Tasks
from app.store.tickets import Tickets
from app.store.verifications import StoredVerification, Verifications
from app.verification.clockwork import Clockwork
from app.verification.conclude import Knowledge
from app.verification.errands import Desk
from app.verification.facts import FactWriter
from app.verification.gate import ConsentGate
from app.verification.intake import Intake
from app.verification.intents import Intents
from app.verification.library import Library
from app.verification.persist import Concluded, OnFinal, Shelf
from app.verification.run import Verifier
from app.wiring_audit import anchoring_of, trail_of
from app.wiring_sources import (
    Clock,
    Sources,
    clock_of,
    ended,
    exchange_rates,
    gates_of,
    new_id,
    renewed,
    sources_of,
    system_clock,
)
from connectors.by_hand import LIMITS as BY_HAND
from connectors.transport.limits import Watch
from matching.calibration.applied import adjusted, read_adjustments
from matching.weights import Weights, load_weights
from matching.weights_file import read_weights


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
        review_items=ReviewItems(),
        results=Results(cipher),
        facts=FactWriter.over(cipher, verifications.household_index),
        outbox=Outbox(cipher),
        batch_units=BatchUnits(),
        batch_households=BatchHouseholds(cipher),
    )


def _desk(shelf: Shelf, sources: Sources, **given: Any) -> Desk:
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
    objections: ObjectionDesk
    auditing: Auditing
    verifier: Verifier
    raising: Raising
    erasing: Erasing
    anchoring: Anchoring
    clock: Clock


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
        database = connect(settings.database)
        closing.push_async_callback(database.aclose)
        await database.read(partial(_refuse, settings))
        clock = await clock_of(given.clock, database)
        connected = await _connected(closing, settings, given, (database, clock))
        library = _library(settings, document, china_day(clock()))
        knowledge = library.knowledge
        shelf = _shelf(database, cipher)
        anchoring = await anchoring_of(settings, master, (database, clock), closing)
        audit = trail_of(settings, master, clock)
        gate = ConsentGate.over(shelf.verifications, cipher, settings.programmes)
        desk = _desk(
            shelf, connected, audit=audit, now=clock, anchor_now=anchoring.catch_up, gate=gate
        )
        reports = Reports(cipher)
        objections = ObjectionDesk.over(shelf, cipher, now=clock)
        raising = _raising(settings, shelf, cipher, knowledge.standards, audit)
        on_final = _in_turn(
            Issuer(reports, gate.withdrawals, now=clock, public_url=settings.public_url).issue,
            objections.settle,
            raising.on_final,
            Following(cipher, RecipientRules.load(settings.recipients)).on_final,
            Outcomes(shelf.batch_households, raising.changes).on_final,
        )
        yield Stages(
            master=master,
            keys=keys,
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
            raising=raising,
            erasing=Erasing.over(desk, cipher, settings.database, settings.retention),
            anchoring=anchoring,
            clock=clock,
        )


async def _connected(
    closing: AsyncExitStack, settings: Settings, given: Given, kept: tuple[Database, Clock]
) -> Sources:
    """The sources, those of the settings with limits that all processes share; closed at the end.

    `kept`: where the limits are, and the clock.
    """
    books = Books(
        database=kept[0],
        pace=SourcePace(),
        holder=settings.worker,
        lane=given.lane,
        now=kept[1],
    )
    shares = ShareKeeper(books)
    connected = given.sources or sources_of(
        read_sources_file(settings.sources), gates_of(books, shares, given.watch)
    )
    for source in connected[0].values():
        closing.push_async_callback(source.aclose)
    closing.push_async_callback(ended, shares, asyncio.create_task(renewed(shares)))
    return connected


def _raising(
    settings: Settings,
    shelf: Shelf,
    cipher: FieldCipher,
    standards: Standards,
    audit: AuditTrail,
) -> Raising:
    """Rules of alerts as of the day the process starts, by the machine's clock."""
    return Raising.over(
        cipher,
        shelf.outbox,
        load_rules(settings.alerts, china_day(system_clock())),
        standards=standards,
        audit=audit,
        household_index=shelf.verifications.household_index,
    )


def _keys(settings: Settings, document: Mapping[str, Any]) -> StoredKeys:
    """Of the migrated database, once the settings are such that it may be started."""
    refuse_unsafe(settings, document)
    migrated(settings)
    return open_keys(settings)


def _refuse(settings: Settings, tx: sa.Connection) -> None:
    refuse_unsafe_database(tx, machine=system_clock, production=settings.production)


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
