"""From records to decisions in one call: replies as stored, judged with what is shipped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from typing import Any

from app.domain.decision import Decision
from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import VerificationRequest
from app.error_rate.parameters import Parameters
from app.verification.answers import Reply, by_person_and_source, status_of
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.plan import plan
from connectors.contract import Found, NoRecord, Outcome, Partial, Unknown
from connectors.failure import Failure, FailureKind
from connectors.records import AnyRecord
from matching.weights import load_weights
from tests.builders import NEEDS, NOON, RATES, SOURCE_OF, a_request, shipped
from tests.records import AS_OF, a_registered_person

Records = Mapping[str, Sequence[AnyRecord]]
"""A person's records by ref; to which source each belongs, its kind tells."""
GAP = Failure(FailureKind.TIMED_OUT, "no answer within the deadline")
BANKS = ("icbc", "psbc")


@cache
def knowledge() -> Knowledge:
    """Standards, weights and priors as shipped."""
    return Knowledge(
        standards=shipped(), weights=load_weights(), parameters=Parameters.load(), rates=RATES
    )


def a_reply(source: str, person: str, outcome: Outcome, institution: str = "") -> Reply:
    raw = f"{source}/{person}/{institution}".encode()
    return Reply(
        source=source,
        person=person,
        institution=institution,
        outcome=outcome,
        raw_digest=f"sha256:{sha256(raw).hexdigest()}",
        data_as_of=AS_OF,
        answered_at=NOON,
    )


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the sources say: by default each person is registered and has nothing else."""

    request: VerificationRequest = field(default_factory=a_request)
    records: Records = field(default_factory=dict)
    registered: Records | None = None  # None: everybody, as declared
    failed: Iterable[tuple[str, str]] = ()
    partial: Iterable[tuple[str, str]] = ()
    judgements: Mapping[str, tuple[bool, str]] = field(default_factory=dict)
    other_cases: tuple[str, ...] = ()

    def replies(self) -> list[Reply]:
        """One a person, source and institution, for everybody who may be asked about."""
        found = []
        for status in self._planned():
            if status.state is SourceState.PENDING:
                places = BANKS if status.source == "bank" else ("",)
                found += [self._reply(status, place) for place in places]
        return found

    def _planned(self) -> tuple[SourceStatus, ...]:
        return plan(self.request, set(SOURCE_OF.values()), NEEDS)

    def _reply(self, status: SourceStatus, place: str) -> Reply:
        pair = (status.person, status.source)
        held = self._registered(status.person) + tuple(self.records.get(status.person, ()))
        rows = tuple(
            one
            for one in held
            if SOURCE_OF[type(one)] == status.source and place in ("", getattr(one, "bank", place))
        )
        outcome: Outcome = Found(rows) if rows else NoRecord()
        if pair in set(self.failed):
            outcome = Unknown(GAP)
        elif pair in set(self.partial):
            outcome = Partial(rows, GAP)
        return a_reply(status.source, status.person, outcome, place)

    def _registered(self, ref: str) -> tuple[AnyRecord, ...]:
        if self.registered is not None:
            return tuple(self.registered.get(ref, ()))
        return (a_registered_person(ref),)

    def case(self) -> Case:
        replies = self.replies()
        grouped = by_person_and_source(replies)
        statuses = []
        for status in self._planned():
            places = BANKS if status.source == "bank" else ("",)
            some = grouped.get((status.person, status.source), ())
            asked = status.state is SourceState.PENDING
            statuses.append(status_of(status, some, places) if asked else status)
        return Case(
            id="vf_test",
            request=self.request,
            replies=replies,
            statuses=tuple(statuses),
            judgements=self.judgements,
            other_cases=self.other_cases,
        )

    def conclusion(self) -> Conclusion:
        return conclude(self.case(), knowledge())

    def decision(self) -> Decision:
        """The decision of the one programme asked for."""
        (found,) = self.conclusion().decisions
        return found


def told(*records: AnyRecord, **changes: Any) -> Told:
    """m1 alone with these records, unless changed."""
    return replace(Told(records={"m1": records}), **changes)
