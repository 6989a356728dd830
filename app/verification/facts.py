"""What a verification leaves for statistics, samples and simulations, as it goes on."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import sqlalchemy as sa

from app.access.consent import is_adult
from app.access.relations import homes_of
from app.domain.decision import RISK_CUTS, Decision
from app.domain.evidence import Evidence, Link, SourceState, SourceStatus
from app.domain.household import Relationship, VerificationRequest
from app.domain.instants import china_day
from app.domain.interval import Truth
from app.domain.profile import FindingCode, Totals
from app.programmes.parameters import area_of
from app.store.case_persons import AskedCase, CasePersons
from app.store.counts import Addition, Counted, Counts, MoneyAddition, first_asked
from app.store.crypto import FieldCipher
from app.store.facts import CaseFacts, DecisionFact, DecisionFacts
from app.store.packed_totals import FEN, Amounts
from app.store.relations import CaseHomes
from app.store.verifications import StoredVerification
from app.verification.conclude import Case, Conclusion
from app.verification.decide import IDENTITY_TEST
from connectors.records import AnyRecord, RegisteredPerson

MOST_DAYS: Final = 366
"""Whatever took longer is counted with it."""
_MILLIONTHS: Final = 1_000_000
_UNDER_DECLARED: Final = frozenset(
    {FindingCode.INCOME_ABOVE_DECLARED, FindingCode.ASSET_ABOVE_DECLARED}
)
_NOT_DECLARED: Final = frozenset({FindingCode.INCOME_NOT_DECLARED, FindingCode.ASSET_NOT_DECLARED})
_MACHINES: Final = ("rule", "model")
_WHOLE: Final = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A conclusion as it was stored: the status after it, and whether it moved there now."""

    verification: StoredVerification
    case: Case
    conclusion: Conclusion
    status: str
    moved: bool
    at: datetime


class FactWriter:
    """Writes facts and counts in the transaction in which a thing happens."""

    def __init__(
        self,
        decisions: DecisionFacts,
        persons: CasePersons,
        counts: Counts,
        *,
        household_index: Callable[[VerificationRequest], bytes],
        homes: CaseHomes,
    ) -> None:
        self.decisions = decisions
        self._persons = persons
        self._homes = homes
        self.counts = counts
        self._index = household_index

    @classmethod
    def over(
        cls,
        cipher: FieldCipher,
        household_index: Callable[[VerificationRequest], bytes],
    ) -> "FactWriter":
        """On its stores; the index is that of stored verifications."""
        return cls(
            DecisionFacts(cipher),
            CasePersons(cipher),
            Counts(),
            household_index=household_index,
            homes=CaseHomes(cipher),
        )

    def begun(self, tx: sa.Connection, verification: StoredVerification) -> None:
        """Sources are about to be asked: once for each verification."""
        request = verification.request
        self._persons.add(
            tx,
            AskedCase(
                verification_id=verification.id,
                request=request,
                household_index=self._index(request),
                requested_at=verification.requested_at,
            ),
        )
        self._homes.add(tx, (verification.id, request.region), homes_of(request))
        values = {"requested": 1, "persons": len(request.household.persons)}
        day = china_day(verification.requested_at)
        self.counts.add(tx, (request.region, day), _for_each(request, values))

    def cancelled(self, tx: sa.Connection, verification: StoredVerification, at: datetime) -> None:
        """Ended before it was final 终止; one that nobody began is counted as begun first."""
        if not self._persons.has(tx, verification.id):
            self.begun(tx, verification)
        self.decisions.cancel(tx, verification.id)
        request = verification.request
        additions = _for_each(request, {"cancelled": 1})
        self.counts.add(tx, (request.region, china_day(at)), additions)

    def kept_many(self, tx: sa.Connection, kept: Sequence[Kept]) -> None:
        """Results were stored; each is counted once it is final."""
        self._persons.renew(tx, [one.case.request for one in kept])
        stopped = self.decisions.put_many(tx, [self._facts(one) for one in kept])
        ended = [one for one in kept if one.status == "final" and one.moved]
        if ended:
            asked = first_asked(tx, [one.case.id for one in ended])
            self.counts.add_many(
                tx,
                [_counted(one, stopped[one.case.id], asked.get(one.case.id, {})) for one in ended],
            )

    def _facts(self, kept: Kept) -> CaseFacts:
        request = kept.case.request
        totals = kept.conclusion.totals
        return CaseFacts(
            verification_id=kept.case.id,
            region=request.region,
            area=area_of(request.region),
            purpose=request.purpose.value,
            as_of=request.as_of,
            household_index=self._index(request),
            status=kept.status,
            at=kept.at,
            decisions=tuple(
                _fact(kept, one, totals[one.programme]) for one in kept.conclusion.decisions
            ),
        )


def _counted(kept: Kept, stopped: frozenset[str], asked: Mapping[str, datetime]) -> Counted:
    return Counted(
        region=kept.case.request.region,
        day=china_day(kept.at),
        additions=(
            *_cases(kept, stopped),
            *_sources(kept, asked),
            *_findings(kept.conclusion),
            *_terms(kept),
        ),
        money=_money(kept.conclusion.decisions),
    )


def _fact(kept: Kept, decision: Decision, totals: Totals) -> DecisionFact:
    return DecisionFact(
        programme=decision.programme,
        standard=decision.standard,
        outcome=decision.outcome.value,
        favours=decision.favours.value,
        error_rate=decision.error.rate,
        interval=decision.error.interval,
        household_size=_size(totals),
        amounts=_amounts(kept, decision, totals),
    )


def _size(totals: Totals) -> int:
    size = totals.household_size
    return int(size.low if size.high is None else size.high)


def _amounts(kept: Kept, decision: Decision, totals: Totals) -> Amounts:
    request, money = kept.case.request, decision.error.money
    gap = decision.benefit.get("monthly_gap")
    in_doubt = any(test.test == IDENTITY_TEST for test in decision.tests)
    return Amounts(
        totals=totals,
        identity=Truth.OPEN if in_doubt else Truth.YES,
        ethnic_group=ethnic_group(request, kept.conclusion.evidence),
        minors=sum(is_adult(one, request) is False for one in request.household.members),
        gap=None if gap is None else Decimal(gap),
        over=None if money is None else money.over,
        under=None if money is None else money.under,
    )


def ethnic_group(request: VerificationRequest, evidence: Sequence[Evidence[AnyRecord]]) -> int:
    """The head's ethnic group 民族 by the registry, GB/T 3304; 0 where it did not say."""
    members = request.household.members
    head = next((one for one in members if one.relationship is Relationship.HEAD), members[0])
    for row in evidence:
        record = row.record
        if row.person != head.ref or not row.accepted or not isinstance(record, RegisteredPerson):
            continue
        code = record.ethnic_group or ""
        if not record.in_household and len(code) == 2 and code.isascii() and code.isdigit():
            return int(code)
    return 0


def _for_each(request: VerificationRequest, values: Mapping[str, int]) -> Iterator[Addition]:
    """Of the verification as a whole, and of each programme that it is for."""
    for programme in (_WHOLE, *dict.fromkeys(request.programmes)):
        yield Addition("case_count", (programme,), values)


def _cases(kept: Kept, stopped: frozenset[str]) -> Iterator[Addition]:
    codes = {one.code for one in kept.conclusion.profile.findings}
    under, left_out = bool(codes & _UNDER_DECLARED), bool(codes & _NOT_DECLARED)
    whole = {
        "final": 1,
        "suspended": int(any(_unconsented(one) for one in kept.case.statuses)),
        "under_declared": int(under),
        "not_declared": int(left_out),
        "misdeclared": int(under or left_out),
    }
    yield Addition("case_count", (_WHOLE,), whole)
    for one in kept.conclusion.decisions:
        error, band = one.error, _band(one.error.rate)
        values = {
            **whole,
            one.outcome.value: 1,
            "stopped": int(one.programme in stopped),
            band: 1,
            f"{band}_ppm": round(error.rate * _MILLIONTHS),
            "confirmed_ppm": round(error.wrongly_confirmed * _MILLIONTHS),
            "refused_ppm": round(error.wrongly_refused * _MILLIONTHS),
        }
        yield Addition("case_count", (one.programme,), values)


def _unconsented(one: SourceStatus) -> bool:
    return one.reason is not None and one.reason.is_lost_consent


def _band(rate: float) -> str:
    low, high = RISK_CUTS
    if rate <= low:
        return "low"
    return "middle" if rate <= high else "high"


def _sources(kept: Kept, asked: Mapping[str, datetime]) -> Iterator[Addition]:
    counted: dict[str, Counter[str]] = {}
    for one in kept.case.statuses:
        source = counted.setdefault(one.source, Counter())
        source[one.state.value] += 1
        answered = one.state in (SourceState.ANSWERED, SourceState.NO_RECORD)
        if answered and one.answered_at is not None and one.source in asked:
            source["timed"] += 1
            taken = one.answered_at - asked[one.source]
            source["milliseconds"] += max(0, taken // timedelta(milliseconds=1))
    for row in kept.conclusion.evidence:
        source = counted.setdefault(row.source, Counter())
        source["records"] += 1
        by_person = row.link is Link.IN_REVIEW or row.decided_by not in _MACHINES
        source["judged"] += int(by_person)
    for name, values in counted.items():
        values.pop(SourceState.PENDING.value, None)
        yield Addition("source_count", (name,), values)


def _findings(conclusion: Conclusion) -> Iterator[Addition]:
    decisive: dict[FindingCode, bool] = {}
    for one in conclusion.profile.findings:
        decisive[one.code] = decisive.get(one.code, False) or one.decisive is True
    for code, is_decisive in decisive.items():
        values = {"households": 1, "decisive": int(is_decisive)}
        yield Addition("finding_count", (code.value,), values)


def _terms(kept: Kept) -> Iterator[Addition]:
    asked_on = china_day(kept.verification.requested_at)
    days = min(MOST_DAYS, max(0, (china_day(kept.at) - asked_on).days))
    for programme in (_WHOLE, *(one.programme for one in kept.conclusion.decisions)):
        yield Addition("term_count", (programme, days), {"final": 1})


def _money(decisions: Sequence[Decision]) -> list[MoneyAddition]:
    known = [(one.programme, one.error.money) for one in decisions]
    return [
        MoneyAddition(programme, int(money.over * FEN), int(money.under * FEN))
        for programme, money in known
        if money is not None
    ]
