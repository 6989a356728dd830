"""What of a household the variables are made from: profile, totals, what was asked and declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

from app.domain.evidence import SourceState, SourceStatus, Unasked
from app.domain.household import AssetKind, IncomeBasis, IncomeKind, VerificationRequest
from app.domain.money import ZERO
from app.domain.profile import IncomeLine, Profile, Totals
from app.error_rate.parameters import Parameters
from app.error_rate.priors import SourcePrior

SCORED: Final = (
    "monthly_income",
    "financial_assets",
    "homes",
    "floor_area",
    "vehicles",
    "vessels",
    "businesses",
    "business_capital",
    "housing_fund_balance",
)
_DAYS_A_MONTH: Final = 30.4375


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the likely totals become where some records are not, or are, the person's."""

    evidence: tuple[str, ...]
    probability: float
    counted: bool  # the settled totals hold it already
    totals: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that the variables are made from.

    `settled` are the totals without any record that a person must judge; `found` says of which
    (person, source) a record was accepted; `adults` are the members who may have things of their
    own.
    """

    request: VerificationRequest
    profile: Profile
    settled: Totals
    differences: Sequence[Difference]
    statuses: tuple[SourceStatus, ...]
    adults: frozenset[str]
    found: frozenset[tuple[str, str]]
    parameters: Parameters

    @cached_property
    def counted(self) -> frozenset[str]:
        return frozenset(person.ref for person in self.profile.persons if person.counted)

    @cached_property
    def grown_up(self) -> frozenset[str]:
        """Counted members who may have things of their own."""
        return self.counted & self.adults

    @cached_property
    def supporters(self) -> frozenset[str]:
        return frozenset(one.ref for one in self.request.household.supporters)

    @cached_property
    def base(self) -> Mapping[str, float]:
        """The likely totals as they are counted."""
        return likely(self.settled, self.profile.income, self.profile.deductions)

    @property
    def declares_anything(self) -> bool:
        return bool(self.request.declared.income or self.request.declared.assets)

    def has_income(self, person: str, kind: IncomeKind) -> bool:
        """Some line of that kind counts for the person, and a source shows it."""
        return any(
            line.counted and line.sources and (line.person, line.kind) == (person, kind)
            for line in self.profile.income
        )

    def has_asset(self, person: str, kinds: frozenset[AssetKind]) -> bool:
        """Some asset of these kinds counts for the person."""
        return any(
            line.counted and line.person == person and line.kind in kinds
            for line in self.profile.assets
        )

    def declared_income(self, person: str, kind: IncomeKind) -> float | None:
        """Yuan a month of that kind that a source could show; None where nothing is declared."""
        amounts = [
            one.monthly
            for one in self.request.declared.income
            if (one.person, one.kind) == (person, kind) and one.basis is IncomeBasis.EMPLOYMENT
        ]
        return float(sum(amounts, ZERO)) or None

    def declared_assets(self, person: str, kinds: frozenset[AssetKind]) -> float | None:
        """Their declared value, 0 where they are declared without one; None where they are not."""
        values = [
            one.value or ZERO
            for one in self.request.declared.assets
            if one.person == person and one.kind in kinds
        ]
        return float(sum(values, ZERO)) if values else None

    def prior(self, source: str, person: str) -> SourcePrior | None:
        """Of the source, for what it told of that person: typed by hand it is less sure."""
        own = self.parameters.sources.get(source)
        if own is None or (source, person) not in self._by_hand:
            return own
        return own.by_hand(self.parameters.by_hand)

    @cached_property
    def _by_hand(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.source, one.person) for one in self.statuses if one.by_hand)

    def months_old(self, source: str, person: str) -> float:
        """Age at the day of judgement of what the source told; 0 where it does not say."""
        day = self._days.get((source, person))
        if day is None or day >= self.profile.as_of:
            return 0.0
        return (self.profile.as_of - day).days / _DAYS_A_MONTH

    @cached_property
    def _days(self) -> Mapping[tuple[str, str], date]:
        return {
            (one.source, one.person): one.data_as_of
            for one in self.statuses
            if one.data_as_of is not None
        }

    def is_stale(self, person: str) -> bool:
        return person in self.persons_with("source_stale")

    def persons_with(self, code: str) -> frozenset[str | None]:
        """The persons about whom there is a finding of that code."""
        return self._persons_with.get(code, frozenset())

    @cached_property
    def _persons_with(self) -> Mapping[str, frozenset[str | None]]:
        found: dict[str, set[str | None]] = {}
        for one in self.profile.findings:
            found.setdefault(one.code.value, set()).add(one.person)
        return {code: frozenset(persons) for code, persons in found.items()}


def lacks_consent(status: SourceStatus) -> bool:
    """The source was not asked because the person's consent did not cover it."""
    reason = status.reason
    return status.state is SourceState.NOT_ASKED and reason is not None and reason.is_no_consent


def what_tells(status: SourceStatus) -> str:
    """The action that would bring the answer; none where it is not to be asked at all."""
    if lacks_consent(status):
        return f"household:consent:{status.person}"
    if status.reason in (Unasked.NOT_CONFIGURED, Unasked.NOT_NEEDED):
        return ""
    return f"source:{status.source}:{status.person}"


def stands_open(line: IncomeLine) -> bool:
    """A figure that came, and of which nothing is sure: an answer that is missing may change it."""
    return line.total.low == 0 and bool(line.total.high)


def likely(
    totals: Totals, income: Sequence[IncomeLine], deductions: Decimal
) -> Mapping[str, float]:
    """Each total's lower end; of income, all that came, though it may be taken back."""
    base = {name: float(getattr(totals, name).low) for name in SCORED}
    lines = [line for line in income if line.counted]
    if any(stands_open(line) for line in lines):
        came = sum(
            (line.total.high or ZERO if stands_open(line) else line.total.low for line in lines),
            ZERO,
        )
        base["monthly_income"] = float(max(ZERO, came - deductions) / lines[0].months)
    return base
