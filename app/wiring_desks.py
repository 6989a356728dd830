"""The desks at which people work: reviews, objections, alerts, sources, reports, looks."""

from datetime import timedelta
from typing import Any

from app.access.case_looks import LookDesk
from app.access.clients import Standing
from app.access.gate import ClientGate
from app.alerts.handling import Handling
from app.alerts.muting import Muting
from app.assistance.desk import AssistanceDesk
from app.audit.look_rules import load_look_rules
from app.jobs.source_desk import SourceDesk
from app.jobs.trail_reading import TrailReading
from app.reconciliation.answer import Reconciliation
from app.reconciliation.passes import Passes
from app.review.blind import BlindQueues
from app.review.failures import Failures
from app.review.judgement import Reviewing
from app.review.objection_terms import ObjectionTerms
from app.review.objections import ObjectionHandling
from app.review.settling import Settling
from app.settings import Settings, read_sources_file
from app.store.assistance import Assistances
from app.store.clients import Clients
from app.store.proofs import Proofs
from app.store.recipients import Recipients
from app.store.review_decisions import ReviewDecisions
from app.store.roster_candidates import RosterCandidates
from app.store.roster_passes import RosterPasses
from app.store.source_breakers import SourceBreakers
from app.store.source_health import SourceHealth
from app.store.staff import StaffAccounts, StaffRoles
from app.verification.by_hand import HandWork
from app.verification.follow_up import FollowUps
from app.verification.plan import SOURCES
from app.wiring_access import Access
from app.wiring_batches import (
    report_desk_of,
)
from app.wiring_sources import answering_of, new_id
from app.wiring_stages import Stages


def of_reviews(settings: Settings, built: Stages) -> dict[str, Any]:
    """What people say of records, of questions, and of sources that did not answer."""
    decisions = ReviewDecisions(built.cipher)
    reviewing = Reviewing.over(built.desk, built.shelf, decisions, built.verifier, built.knowledge)
    names = {*SOURCES, *built.desk.sources}
    return {
        "reviewing": reviewing,
        "blind_queues": BlindQueues.of(settings.blind_queues, names),
        "settling": Settling(reviewing=reviewing, proofs=Proofs(built.cipher)),
        "failures": Failures(desk=built.desk, reviewing=reviewing),
    }


def of_objections(settings: Settings, built: Stages) -> dict[str, Any]:
    """What is done about objections, what follows from them, and what clerks answer by hand."""
    desk, calendar = built.desk, load_look_rules(settings.looks)
    return {
        "objections": built.objections,
        "objection_handling": ObjectionHandling(
            desk=built.objections,
            terms=ObjectionTerms.load(calendar.is_working_day, settings.objections),
            outbox=built.shelf.outbox,
            audit=desk.audit,
            now=built.clock,
        ),
        "hand_work": HandWork(desk=desk, audit=desk.audit, now=built.clock, new_id=new_id),
        "follow_ups": FollowUps(
            shelf=built.shelf,
            admission=desk.intake.admission,
            audit=desk.audit,
            new_id=new_id,
        ),
    }


def assistance_of(settings: Settings, built: Stages) -> AssistanceDesk:
    """Answers other centres for the regions of the section `assistance`; without it, none."""
    given = read_sources_file(settings.sources).get("assistance")
    answering = answering_of(given, built.desk.sources)
    return AssistanceDesk(
        desk=built.desk,
        stored=Assistances(built.cipher),
        answers_for=answering.regions,
        institutions=answering.institutions,
    )


def of_looks(settings: Settings, built: Stages) -> dict[str, Any]:
    """Who may look at which case, and what the trail tells of it."""
    rules, database = load_look_rules(settings.looks), built.shelf.database
    return {
        "looks": LookDesk.over(built.cipher, built.clock),
        "trail": TrailReading.over(database, built.cipher, rules, built.desk.audit, built.clock),
    }


def of_reports(settings: Settings, built: Stages) -> dict[str, Any]:
    return {"reports": built.reports, "report_desk": report_desk_of(built, settings)}


def of_alerts(built: Stages, access: Access) -> dict[str, Any]:
    """What is done about alerts, and rules that are muted for a time."""
    audit, now = built.desk.audit, built.clock
    return {
        "handling": Handling(
            alerts=built.raising.alerts,
            clients=Clients(),
            staff=(access.staffing.accounts, access.staffing.roles),
            rules=built.raising.rules,
            audit=audit,
            now=now,
        ),
        "muting": Muting(
            mutes=built.raising.mutes,
            rules=built.raising.rules,
            audit=audit,
            now=now,
            new_id=new_id,
        ),
    }


def passes_of(built: Stages, clients: Standing) -> Passes:
    """Addresses by which a tool reconciles a roster; `clients`: what each may do now."""
    return Passes(
        stored=RosterPasses(),
        accounts=StaffAccounts(built.cipher),
        roles=StaffRoles(),
        clients=clients,
        database=built.shelf.database,
        audit=built.desk.audit,
        now=built.clock,
        new_id=new_id,
    )


def of_reconciliation(built: Stages, gate: ClientGate) -> dict[str, Any]:
    """Rosters held against what is known, by a token or by a pass."""
    shelf = built.shelf
    return {
        "reconciliation": Reconciliation(
            verifications=shelf.verifications,
            results=shelf.results,
            recipients=Recipients(built.cipher),
            index=RosterCandidates(built.cipher),
            looks=LookDesk.over(built.cipher, built.clock),
            weights=built.knowledge.weights,
            standards=built.standards,
        ),
        "passes": passes_of(built, gate.standing),
    }


def of_sources(settings: Settings, built: Stages) -> dict[str, Any]:
    """How sources do, and what a person may order of them."""
    return {
        "source_desk": SourceDesk(
            database=built.shelf.database,
            health=SourceHealth(built.cipher),
            breakers=SourceBreakers(),
            sources=built.desk.sources,
            terms=built.terms,
            audit=built.desk.audit,
            now=built.clock,
            keeps=timedelta(seconds=settings.source_figures_seconds),
        )
    }
