"""What a batch that is held would do: its first persons masked, who lacks a consent, how long."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from app.access.consent import consent_holds
from app.access.masking import masked_name, masked_number
from app.batch.exchange.windows import opens_at
from app.batch.progress import stretches
from app.domain.household import VerificationRequest
from app.store.batch_households import BatchHouseholds
from app.store.batch_progress import BatchProgress
from app.store.batches import StoredBatch
from app.store.withdrawals import Withdrawals
from app.verification.terms import SourceTerms

_LATER = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A person of the roster, masked."""

    case_reference: str
    region: str
    ref: str
    relationship: str
    name: str
    id_number: str
    programmes: tuple[str, ...]
    consent_reference: str
    consent_until: str
    consent_holds: bool


@dataclass(frozen=True, slots=True)
class SourceOutlook:
    """When a source may be asked next, and how long it takes at the least (None: not known)."""

    source: str
    window: str | None
    opens_at: datetime
    quickest: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Of a batch before it begins; `sampled`: numbers of persons are estimated."""

    rows: Sequence[PreviewRow]
    persons: int
    without_consent: int
    sampled: bool
    sources: Sequence[SourceOutlook]
    low: timedelta | None
    high: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Reads a batch as it was read from its roster; nothing of it has begun."""

    households: BatchHouseholds
    withdrawals: Withdrawals
    progress: BatchProgress
    terms: Mapping[str, SourceTerms]
    now: Callable[[], datetime]

    def read(self, tx: sa.Connection, batch: StoredBatch, *, rows: int) -> Outlook:
        """With at most so many masked rows; of a large roster, persons are estimated."""
        now, places = self.now(), stretches(batch.households)
        shown: list[PreviewRow] = []
        persons = without = looked_at = 0
        for place in places:
            for one in self.households.of_unit(tx, batch.id, place):
                if one.request is None:
                    continue
                looked_at += 1
                some = self._persons(tx, one.request, now)
                persons += len(some)
                without += sum(not row.consent_holds for row in some)
                shown += some[: max(0, rows - len(shown))]
        factor = batch.households / looked_at if looked_at else 1
        everybody = round(persons * factor)
        sources = self._sources(everybody, now)
        return Outlook(
            rows=shown,
            persons=everybody,
            without_consent=round(without * factor),
            sampled=len(places) > 1,
            sources=sources,
            low=_at_least(sources, now),
            high=self._by_the_last(tx, batch),
        )

    def _persons(
        self, tx: sa.Connection, request: VerificationRequest, now: datetime
    ) -> list[PreviewRow]:
        consent = request.consent
        taken = self.withdrawals.within(tx, request.region, consent.references)
        some = []
        for person in request.household.persons:
            reference, until = consent.of(person.ref)
            holds = any(
                consent_holds(request, (person.ref,), source, withdrawals=taken, now=now).refusal
                is None
                for source in self.terms
            )
            row = PreviewRow(
                case_reference=request.case_reference,
                region=request.region,
                ref=person.ref,
                relationship=person.relationship.value,
                name=masked_name(person.name),
                id_number=masked_number(person.id_number),
                programmes=request.programmes,
                consent_reference=reference,
                consent_until=until.isoformat(),
                consent_holds=holds,
            )
            some.append(row)
        return some

    def _sources(self, persons: int, now: datetime) -> list[SourceOutlook]:
        return [
            SourceOutlook(
                source=name,
                window=terms.limits.window,
                opens_at=opens_at(terms.limits.window, now),
                quickest=terms.quickest(persons),
            )
            for name, terms in self.terms.items()
        ]

    def _by_the_last(self, tx: sa.Connection, batch: StoredBatch) -> timedelta | None:
        """How long it takes at the pace of the region's last batch; None where there was none."""
        pace = self.progress.last_pace(tx, batch.region)
        return None if pace is None else min(_LATER, timedelta(seconds=batch.households / pace))


def _at_least(sources: Sequence[SourceOutlook], now: datetime) -> timedelta | None:
    """What the slowest source takes; None where no limit of any is known."""
    known = [one.opens_at - now + one.quickest for one in sources if one.quickest is not None]
    waits = [one.opens_at - now for one in sources if one.opens_at > now]
    return max((*known, *waits), default=None)
