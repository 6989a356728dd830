"""The bodies of /v1/audits, and what they become."""

from collections.abc import Container, Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.verification import Day, Money, Ref, Text
from app.domain.decision import Cause
from app.domain.errors import FieldError, InvalidRequest
from app.review.audit_findings import (
    OF_SOURCES,
    Finding,
    Learned,
    Observation,
    Procedure,
    TrueOutcome,
)
from app.review.audit_plan import AuditPlan, Measure
from app.review.audit_readings import Filing
from app.review.sampling.allocation import Allocation
from app.review.sampling.frame import Decided

_MOST = 100_000
_MOST_MONTHS = 1200.0
Programme = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Source = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Above = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9})$")]
Limit = Annotated[float, Field(gt=0, lt=1)]


_AMOUNTS = frozenset({Learned.AMOUNT, Learned.IMPUTED})


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ObservationIn(_In):
    """What a source got wrong about one person, or what the household left out.

    `missed`, `false`, `changed` count `hits` of `trials`; `changed` says in how many months,
    `amount` what the source told and what is true, both above nothing. The other kinds name no
    source: `imputed` has amounts, the others count; `registered_member` names the relation.
    """

    source: Source | None = None
    relation: Literal["spouse", "child", "other"] | None = None
    person: Ref
    kind: Learned
    hits: Annotated[int, Field(ge=0, le=1000, strict=True)] | None = None
    trials: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    months: Annotated[float, Field(gt=0, le=_MOST_MONTHS)] | None = None
    told: Money | None = None
    true: Money | None = None

    def faults(self, pointer: str) -> Iterator[FieldError]:
        yield from self._misplaced(pointer)
        amount = self.kind in _AMOUNTS
        for name, value in (("told", self.told), ("true", self.true)):
            if amount and not value:
                yield FieldError(
                    f"{pointer}/{name}", "amount.missing", "an amount needs both, above 0.00"
                )
            if not amount and value is not None:
                yield FieldError(
                    f"{pointer}/{name}", "amount.not_expected", "only amount and imputed have them"
                )
        for name, count in (("hits", self.hits), ("trials", self.trials)):
            if amount and count is not None:
                yield FieldError(
                    f"{pointer}/{name}", "count.not_expected", "amount and imputed count nothing"
                )
        if (self.kind is Learned.CHANGED) != (self.months is not None):
            yield FieldError(
                f"{pointer}/months", "months.of_changed", "the kind changed, and no other, has them"
            )
        if (1 if self.hits is None else self.hits) > (self.trials or 1):
            yield FieldError(f"{pointer}/hits", "hits.above_trials", "more hits than trials")

    def _misplaced(self, pointer: str) -> Iterator[FieldError]:
        """A source belongs to what tells of sources, a relation to who is registered."""
        if (self.kind in OF_SOURCES) != (self.source is not None):
            yield FieldError(
                f"{pointer}/source", "source.of_kind", "kinds that tell of a source name it"
            )
        if (self.kind is Learned.REGISTERED_MEMBER) != (self.relation is not None):
            yield FieldError(
                f"{pointer}/relation", "relation.of_kind", "registered_member, and no other, has it"
            )

    def to_domain(self) -> Observation:
        """One hit of one trial where no counts are given."""
        ratio = self.true / self.told if self.told and self.true else None
        hits = 1 if self.hits is None else self.hits
        return Observation(
            source=self.source or self.relation or "",
            person=self.person,
            kind=self.kind,
            hits=hits if ratio is None else 0,
            trials=self.trials or 1,
            months=self.months,
            log_ratio=None if ratio is None else float(ratio.ln()),
        )


class FindingIn(_In):
    """What a reader found of one drawn decision.

    `true_programme` is the one that the household has a right to instead 类别差错; `due_monthly`
    what should have been paid, yuan a month, null where it was not found out; `sources_checked`
    are those that were found complete and right about everybody.
    """

    verification_id: Annotated[str, Field(pattern=r"^vf_[0-9A-Za-z]{1,37}$")]
    programme: Programme
    reading: Annotated[int, Field(ge=1, le=2, strict=True)] | None = None
    true_outcome: TrueOutcome
    true_programme: Programme | None = None
    due_monthly: Money | None = None
    error_causes: Annotated[list[Cause], Field(max_length=20)] = []
    procedure: Annotated[list[Procedure], Field(max_length=20)] = []
    staff_relation: Annotated[bool, Field(strict=True)] = False
    note: Annotated[Text, Field(max_length=4000)] = ""
    sources_checked: Annotated[list[Source], Field(max_length=40)] = []
    observations: Annotated[list[ObservationIn], Field(max_length=400)] = []

    def to_domain(self, known: Container[str]) -> Filing:
        """Raises `InvalidRequest` with every part that contradicts another, or names no programme.

        `known` are the programmes that there are standards of.
        """
        faults = tuple(self._faults(known))
        if faults:
            raise InvalidRequest(faults)
        finding = Finding(
            true_outcome=self.true_outcome,
            true_programme=self.true_programme,
            due_monthly=self.due_monthly,
            error_causes=tuple(dict.fromkeys(self.error_causes)),
            procedure=tuple(dict.fromkeys(self.procedure)),
            staff_relation=self.staff_relation,
            note=self.note,
            observations=tuple(one.to_domain() for one in self.observations),
        )
        return Filing(
            verification=self.verification_id,
            programme=self.programme,
            reading=self.reading,
            finding=finding,
            sources_checked=tuple(dict.fromkeys(self.sources_checked)),
        )

    def _faults(self, known: Container[str]) -> Iterator[FieldError]:
        if self.true_programme is not None and self.true_programme not in known:
            yield FieldError("/true_programme", "programme.unknown", "no such programme")
        refused = self.true_outcome is TrueOutcome.NOT_CONFIRMED
        if self.true_programme is not None and not refused:
            yield FieldError(
                "/true_programme",
                "true_programme.not_expected",
                "another programme's right is none to this one: true_outcome is not_confirmed",
            )
        if self.true_programme == self.programme:
            yield FieldError(
                "/true_programme", "true_programme.same", "the programme that was decided"
            )
        if self.due_monthly is not None and self.true_outcome is TrueOutcome.CANNOT_TELL:
            yield FieldError(
                "/due_monthly", "due_monthly.not_expected", "the outcome itself cannot be told"
            )
        if refused and self.true_programme is None and (self.due_monthly or Decimal(0)) > 0:
            yield FieldError(
                "/due_monthly", "due_monthly.not_due", "nothing is due where nothing is confirmed"
            )
        for index, one in enumerate(self.observations):
            yield from one.faults(f"/observations/{index}")


class AuditFrameIn(_In):
    """Which decisions: those that became final on these days (China's), both included."""

    final_from: Day
    final_until: Day


class ToleranceIn(_In):
    """The greatest share of each error that is still tolerated."""

    inclusion: Limit | None = None
    exclusion: Limit | None = None
    wrongly_stopped: Limit | None = None
    money: Limit | None = None


class AuditIn(_In):
    """An audit to draw 抽查.

    Each kind of decision is a frame of its own: `size` decisions of each, or as many as bring its
    error rate within ± `half_width` at 95 %. `risk_supplement` more are drawn by their predicted
    rate; they never enter a measured rate. A `second_reading_share` of all is read by a second
    person. Without a `seed` one is drawn; with it and the frame anybody can draw the same.
    """

    programmes: Annotated[list[Programme], Field(min_length=1, max_length=30)]
    region: Above
    frame: AuditFrameIn
    kinds: Annotated[list[Decided], Field(min_length=1, max_length=3)] = list(Decided)
    size: Annotated[int, Field(ge=2, le=_MOST, strict=True)] | None = None
    half_width: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    allocation: Allocation = Allocation.NEYMAN
    risk_supplement: Annotated[int, Field(ge=0, le=_MOST, strict=True)] = 0
    second_reading_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    tolerance: ToleranceIn = ToleranceIn()
    seed: Annotated[int, Field(ge=0, lt=2**53, strict=True)] | None = None

    def to_domain(self) -> AuditPlan:
        return AuditPlan(
            programmes=tuple(dict.fromkeys(self.programmes)),
            region=self.region,
            final_from=self.frame.final_from,
            final_until=self.frame.final_until,
            kinds=tuple(dict.fromkeys(self.kinds)),
            size=self.size,
            half_width=self.half_width,
            allocation=self.allocation,
            risk_supplement=self.risk_supplement,
            second_reading_share=self.second_reading_share,
            tolerance={
                Measure(name): limit
                for name, limit in self.tolerance.model_dump(exclude_none=True).items()
            },
            seed=self.seed,
        )
