"""Readers of an audit: what is due for each, and what each found, kept as versions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from app.access.tokens import Caller
from app.audit.chain import AuditTrail
from app.domain.errors import Conflict, FieldError, InvalidRequest, NotFound
from app.domain.evidence import SourceStatus
from app.review.audit_findings import (
    FINDING,
    OF_SOURCES,
    READABLE,
    Filed,
    Finding,
    Learned,
    checked,
    lessons,
)
from app.review.audit_worklist import Drawn, Key, Reading, Task, reading_of, worklist
from app.store.audit_findings import AuditFindings, ReadBy, StoredFinding
from app.store.audit_outcomes import AuditOutcomes, KnownOutcome, SourceObservation
from app.store.audit_samples import AuditSamples, StoredItem, StoredSample
from app.store.session import Database
from app.store.tasks import Tasks

ORIGIN = "audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditShelf:
    """The stores of audits, the trail, the clock and the source of ids."""

    database: Database
    samples: AuditSamples
    findings: AuditFindings
    outcomes: AuditOutcomes
    tasks: Tasks
    trail: AuditTrail
    now: Callable[[], datetime]
    new_id: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A finding as its reader files it; `sources_checked` were confirmed complete and right."""

    verification: str
    programme: str
    reading: int | None
    finding: Finding
    sources_checked: tuple[str, ...]

    @property
    def key(self) -> Key:
        return (self.verification, self.programme)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which reader's worklist, past which position, and how much of it."""

    reader: str
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a worklist."""

    task: Task
    case_reference: str


class Readings:
    """The worklist and the findings of one audit after the other."""

    def __init__(self, shelf: AuditShelf) -> None:
        self._shelf = shelf

    async def worklist(self, audit: str, who: Caller, page: Page) -> list[Listed]:
        """What is due for the page's reader in the caller's region; the look is on the trail."""
        shelf = self._shelf

        def work(tx: sa.Connection) -> list[Listed]:
            sample = shelf.samples.for_reader(tx, audit, region=who.region)
            tasks = self._due(tx, sample, who) if sample.state == "open" else []
            shown = [one for one in tasks if one.drawn.position > page.after][: page.limit]
            cases = shelf.samples.case_references(tx, audit)
            shelf.trail.append(
                tx,
                actor=who.actor,
                action="audit_worklist_read",
                about=(audit, sample.region),
                details={"reader": page.reader, "shown": str(len(shown))},
            )
            return [Listed(one, cases[one.drawn.verification]) for one in shown]

        return await shelf.database.write(work)

    async def open(self, who: Caller) -> list[tuple[StoredSample, int]]:
        """Open audits with decisions of the caller's region, and how many are due for the caller.

        Numbers alone; which decisions they are, the worklist tells.
        """

        def work(tx: sa.Connection) -> list[tuple[StoredSample, int]]:
            samples = self._shelf.samples.open_to_readers(tx, region=who.region)
            return [(one, len(self._due(tx, one, who))) for one in samples]

        return await self._shelf.database.read(work)

    def _due(self, tx: sa.Connection, sample: StoredSample, who: Caller) -> list[Task]:
        shelf, audit = self._shelf, sample.id
        judged = shelf.findings.judged_by(tx, audit, who.actor)
        items = drawn_of(shelf.samples.items(tx, audit, region=who.region)).values()
        drawn = [one for one in items if one.verification not in judged]
        return worklist(drawn, _done(shelf.findings.readers(tx, audit)), who.actor)

    async def file(self, audit: str, who: Caller, filing: Filing) -> StoredFinding:
        """Store a finding as the reading that is due, or as a new version of the reader's own.

        In one transaction with what follows from it: the known outcome, and what is learned of
        the sources. Raises `NotFound` where the sample has no such decision in the caller's
        region, `Conflict` where it is closed or no reading is due, `InvalidRequest` where the
        finding speaks of persons or sources that were not asked about.
        """
        return await self._shelf.database.write(lambda tx: self._file(tx, audit, who, filing))

    def _file(self, tx: sa.Connection, audit: str, who: Caller, filing: Filing) -> StoredFinding:
        shelf = self._shelf
        drawn = self._readable(tx, audit, who, filing)
        found = shelf.findings.of_verification(tx, filing.verification)
        before = [
            one for one in found if (one.sample_id, one.programme) == (audit, filing.programme)
        ]
        done = [Reading(one.reading, one.reviewer) for one in before]
        reading = reading_of(drawn, done, who.actor, filing.reading)
        finding = self._whole(tx, filing)
        stored = StoredFinding(
            id=shelf.new_id("af"),
            sample_id=audit,
            verification_id=filing.verification,
            programme=filing.programme,
            region=drawn.region,
            reading=reading,
            version=1 + max((one.version for one in before if one.reading == reading), default=0),
            reviewer=who.actor,
            true_outcome=finding.true_outcome.value,
            content=FINDING.dump_json(finding),
            found_at=shelf.now(),
        )
        shelf.findings.add(tx, stored)
        self._learn(tx, filing.verification, drawn.region)
        self._tell(tx, stored)
        return stored

    def _readable(self, tx: sa.Connection, audit: str, who: Caller, filing: Filing) -> Drawn:
        """The drawn decision, if this reader may read it."""
        shelf = self._shelf
        sample = shelf.samples.held_by_reader(tx, audit, region=who.region)
        drawn = drawn_of(shelf.samples.items(tx, audit, region=who.region)).get(filing.key)
        if drawn is None:
            raise NotFound("no such decision in this audit")
        if sample.state != "open":
            raise Conflict("the audit is closed")
        if filing.verification in shelf.findings.judged_by(tx, audit, who.actor):
            raise Conflict("whoever had a word in the decision does not read it for an audit")
        return drawn

    def _whole(self, tx: sa.Connection, filing: Filing) -> Finding:
        """The finding with what follows from the sources that were found complete and right."""
        statuses = self._shelf.tasks.all_of(tx, filing.verification)
        faults = tuple(_faults(filing, statuses))
        if faults:
            raise InvalidRequest(faults)
        said = filing.finding.observations
        implied = checked(filing.sources_checked, statuses, said)
        return replace(filing.finding, observations=(*said, *implied))

    def _tell(self, tx: sa.Connection, stored: StoredFinding) -> None:
        self._shelf.trail.append(
            tx,
            actor=stored.reviewer,
            action="audit_finding",
            about=(stored.verification_id, stored.region),
            details={
                "audit": stored.sample_id,
                "programme": stored.programme,
                "reading": str(stored.reading),
                "version": str(stored.version),
            },
        )

    def _learn(self, tx: sa.Connection, verification: str, region: str) -> None:
        """Whatever was found of the verification so far, in all audits, is what is known."""
        shelf = self._shelf
        learned = lessons(
            Filed(
                sample=one.sample_id,
                programme=one.programme,
                reading=one.reading,
                filed_at=one.found_at,
                inclusion=shelf.samples.inclusion(tx, one.sample_id, verification, one.programme),
                finding=FINDING.validate_json(one.content),
            )
            for one in shelf.findings.of_verification(tx, verification)
        )
        known = [
            KnownOutcome(programme, one.finding.true_outcome.value, one.inclusion, one.filed_at)
            for programme, one in learned.outcomes.items()
        ]
        observed = [
            SourceObservation(
                source=seen.source,
                kind=seen.kind.value,
                hits=seen.hits,
                trials=seen.trials,
                months=seen.months,
                log_ratio=seen.log_ratio,
                observed_at=one.filed_at,
            )
            for seen, one in learned.observations
        ]
        shelf.outcomes.relearn(tx, (verification, region), ORIGIN, known, observed)


def drawn_of(items: Sequence[StoredItem]) -> dict[Key, Drawn]:
    """The drawn decisions as their readers may know them; no two parts drew the same one."""
    return {
        (one.verification_id, one.programme): Drawn(
            verification=one.verification_id,
            programme=one.programme,
            region=one.region,
            position=one.position,
            second=one.second_probability is not None,
        )
        for one in items
    }


def _done(readers: Sequence[ReadBy]) -> dict[Key, list[Reading]]:
    done: dict[Key, list[Reading]] = {}
    for one in readers:
        key = (one.verification_id, one.programme)
        done.setdefault(key, []).append(Reading(one.reading, one.reviewer))
    return done


def _faults(filing: Filing, statuses: Sequence[SourceStatus]) -> Iterator[FieldError]:
    """Sources that did not answer, and persons that nobody asked about."""
    answered = {(one.source, one.person): one for one in statuses if one.state in READABLE}
    sources, persons = {source for source, _ in answered}, {one.person for one in statuses}
    for index, source in enumerate(filing.sources_checked):
        if source not in sources:
            yield FieldError(
                f"/sources_checked/{index}",
                "source.not_answered",
                "the source answered about nobody: it can be neither complete nor right",
            )
    for index, seen in enumerate(filing.finding.observations):
        pointer = f"/observations/{index}"
        status = answered.get((seen.source, seen.person))
        if seen.person not in persons:
            yield FieldError(f"{pointer}/person", "ref.unknown", "no person has this ref")
        elif seen.kind not in OF_SOURCES:
            continue
        elif status is None:
            yield FieldError(
                f"{pointer}/source",
                "source.not_answered",
                "the source did not answer about this person: it missed and mistook nothing",
            )
        elif seen.kind is not Learned.MISSED and not status.records:
            yield FieldError(
                f"{pointer}/kind",
                "source.no_record",
                "the source returned nothing of this person that could be false or another",
            )
