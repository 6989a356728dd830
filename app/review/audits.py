"""Audits 抽查: drawn from final decisions, listed, closed, and what they measured so far."""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.access.tokens import Caller
from app.domain.errors import Conflict, InvalidRequest
from app.review.audit_design import plan_of
from app.review.audit_draw import Drawing, draw
from app.review.audit_findings import FINDING, FIRST, SECOND
from app.review.audit_plan import AuditPlan
from app.review.audit_rates import Read
from app.review.audit_readings import AuditShelf, Readings
from app.review.audit_results import results_document
from app.review.audit_worklist import Key
from app.store.audit_findings import AuditFindings
from app.store.audit_outcomes import AuditOutcomes
from app.store.audit_samples import AuditSamples, FrameRow, StoredItem, StoredSample
from app.store.crypto import FieldCipher
from app.store.facts import DecisionFacts
from app.store.packed_totals import NONE
from app.store.verifications import RequestKey, Verifications
from app.verification.errands import Desk

_SEEDS = 2**53
"""Seeds that every reader of JSON keeps exactly."""
_SETTLED = timedelta(minutes=1)
"""A frame is looked at as it stood so long ago: what became final until then has been committed,
so that nothing can enter that moment's frame any more."""


class Audits:
    """Draws and shows audits, for those who may know how they are drawn."""

    def __init__(
        self,
        shelf: AuditShelf,
        facts: DecisionFacts,
        keys: Verifications,
        *,
        programmes: frozenset[str],
    ) -> None:
        """`keys`: where idempotency keys are bound."""
        self._shelf = shelf
        self._keys = keys
        self._facts = facts
        self._programmes = programmes

    async def draw(
        self, plan: AuditPlan, who: Caller, key: RequestKey | None = None
    ) -> StoredSample:
        """Draw and store a sample, on the audit trail; the same key and body give it back.

        Raises `InvalidRequest` where the plan contradicts itself or there is nothing to draw,
        `KeyReused` where the key came with another body.
        """
        shelf, now = self._shelf, self._shelf.now()
        if key is not None:
            there = await shelf.database.read(lambda tx: self._drawn_before(tx, key))
            if there is not None:
                return there
        faults = tuple(plan.faults(self._programmes, now))
        if faults:
            raise InvalidRequest(faults)
        seed = secrets.randbelow(_SEEDS) if plan.seed is None else plan.seed
        at = now - _SETTLED
        rows = await shelf.database.read(lambda tx: shelf.samples.frame(tx, plan.frame(at)))
        drawn = await asyncio.to_thread(draw, plan, rows, seed)
        sample = StoredSample(
            id=shelf.new_id("as"),
            region=plan.region,
            client_id=who.actor,
            state="open",
            seed=seed,
            frame_digest=drawn.frame_digest,
            details={**drawn.details, "looked_at": at.isoformat()},
            drawn_at=now,
        )
        return await shelf.database.write(lambda tx: self._kept(tx, sample, drawn, key))

    def _drawn_before(self, tx: sa.Connection, key: RequestKey) -> StoredSample | None:
        audit = self._keys.repeated(tx, key)
        return None if audit is None else self._shelf.samples.get(tx, audit, region="")

    def _kept(
        self, tx: sa.Connection, sample: StoredSample, drawn: Drawing, key: RequestKey | None
    ) -> StoredSample:
        """The sample, or the one that another call with this key has stored meanwhile."""
        if key is not None and not self._keys.claim_key(tx, key, sample.id, sample.drawn_at):
            there = self._drawn_before(tx, key)
            if there is not None:
                return there
        self._keep(tx, sample, drawn)
        return self._shelf.samples.get(tx, sample.id, region="")  # as every repeat is told

    def _keep(self, tx: sa.Connection, sample: StoredSample, drawn: Drawing) -> None:
        self._shelf.samples.add(tx, sample, drawn.items)
        details = {"frame": sample.frame_digest, "drawn": str(len(drawn.items))}
        self._tell(tx, sample, sample.client_id, "audit_drawn", details)

    def _tell(
        self,
        tx: sa.Connection,
        sample: StoredSample,
        actor: str,
        action: str,
        details: dict[str, str],
    ) -> None:
        about = (sample.id, sample.region)
        self._shelf.trail.append(tx, actor=actor, action=action, about=about, details=details)

    async def drawn_again(self, audit: str, who: Caller) -> bool:
        """Whether frame, plan and seed give the same frame and the same sample once more."""
        shelf = self._shelf

        def read(tx: sa.Connection) -> tuple[StoredSample, list[FrameRow], list[StoredItem]]:
            sample = shelf.samples.get(tx, audit, region=who.region)
            frame = plan_of(sample).frame(datetime.fromisoformat(sample.details["looked_at"]))
            return sample, shelf.samples.frame(tx, frame), shelf.samples.items(tx, audit)

        sample, rows, items = await shelf.database.read(read)
        again = await asyncio.to_thread(draw, plan_of(sample), rows, sample.seed)
        return again.frame_digest == sample.frame_digest and list(again.items) == items

    async def all(self, who: Caller, *, after: str, limit: int) -> list[StoredSample]:
        """Audits of the caller's region, the newest first."""
        return await self._shelf.database.read(
            lambda tx: self._shelf.samples.all(tx, region=who.region, after=after, limit=limit)
        )

    async def get(self, audit: str, who: Caller) -> StoredSample:
        return await self._shelf.database.read(
            lambda tx: self._shelf.samples.get(tx, audit, region=who.region)
        )

    async def close(self, audit: str, who: Caller) -> StoredSample:
        """Raises `Conflict` where it is closed already."""
        shelf = self._shelf

        def work(tx: sa.Connection) -> StoredSample:
            sample = shelf.samples.get(tx, audit, region=who.region)
            if not shelf.samples.close(tx, audit, shelf.now()):
                raise Conflict("the audit is closed already")
            self._tell(tx, sample, who.actor, "audit_closed", {})
            return shelf.samples.get(tx, audit, region=who.region)

        return await shelf.database.write(work)

    async def results(self, audit: str, who: Caller) -> dict[str, Any]:
        """What the readings so far measure; the look is on the trail."""
        shelf = self._shelf

        def work(tx: sa.Connection) -> tuple[StoredSample, list[Read]]:
            sample = shelf.samples.get(tx, audit, region=who.region)
            self._tell(tx, sample, who.actor, "audit_results_read", {})
            return sample, self._read(tx, audit)

        sample, read = await shelf.database.write(work)
        return await asyncio.to_thread(results_document, sample, read)

    def _read(self, tx: sa.Connection, audit: str) -> list[Read]:
        """Every drawn decision with what is paid on it and what its readers found."""
        shelf = self._shelf
        found = {
            (one.verification_id, one.programme, one.reading): FINDING.validate_json(one.content)
            for one in shelf.findings.of_sample(tx, audit)
        }
        paid = self._paid(tx, audit)
        return [
            Read(
                item=item,
                paid_fen=paid.get((item.verification_id, item.programme)),
                first=found.get((item.verification_id, item.programme, FIRST)),
                second=found.get((item.verification_id, item.programme, SECOND)),
            )
            for item in shelf.samples.items(tx, audit)
        ]

    def _paid(self, tx: sa.Connection, audit: str) -> dict[Key, int]:
        """Fen a month by decision, of the confirmed ones on which an amount is paid."""
        rows = self._shelf.samples.confirmed_facts(tx, audit)
        if not rows:
            return {}
        gaps = self._facts.open_totals(tx, rows)["gap"]
        return {
            (row.verification_id, row.programme): int(gap)
            for row, gap in zip(rows, gaps, strict=True)
            if gap != NONE
        }


@dataclass(frozen=True, slots=True)
class Auditing:
    """Both sides of audits: who draws them, and who reads for them."""

    audits: Audits
    readings: Readings

    @classmethod
    def over(cls, desk: Desk, cipher: FieldCipher, programmes: Iterable[str]) -> "Auditing":
        """On its stores; `programmes` are those that there are standards of."""
        shelf = AuditShelf(
            database=desk.database,
            samples=AuditSamples(),
            findings=AuditFindings(cipher),
            outcomes=AuditOutcomes(),
            tasks=desk.tasks,
            trail=desk.audit,
            now=desk.now,
            new_id=desk.new_id,
        )
        facts = DecisionFacts(cipher)
        audits = Audits(shelf, facts, desk.verifications, programmes=frozenset(programmes))
        return cls(audits, Readings(shelf))
