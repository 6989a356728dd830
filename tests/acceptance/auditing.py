"""An auditor who knows the truth of a household, and what he reports: findings, as a person would.

It reads the county's truth and our profile alone: neither the county's rates nor the priors.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import log
from typing import Final

from app.domain.household import IncomeBasis, IncomeKind
from app.domain.profile import AssetLine, IncomeLine
from app.error_rate.holdings import SeenHolding
from app.error_rate.observed import Kind, Observation
from app.verification.conclude import Case, Conclusion
from connectors.sandbox.county import CountyHousehold, PersonTruth
from tests.acceptance.truth import MONTHS, UNKNOWN, financial_of, income_of, yearly_income

DAY: Final = date(2026, 11, 24)
_HALF: Final = 0.5
_POOR: Final = Decimal(1000)  # yuan: who has no more has no means to speak of
_LEAST: Final = Decimal(5)  # yuan a month: less is no finding


@dataclass(frozen=True, slots=True)
class Audit:
    """One household under audit: what the service concluded, and what is true."""

    case: Case
    conclusion: Conclusion
    household: CountyHousehold

    @property
    def truths(self) -> Mapping[str, PersonTruth]:
        """Of the members who count, by ref."""
        counted = [one.ref for one in self.conclusion.profile.persons if one.counted]
        return {ref: self.household.truth[self.household.refs[ref]] for ref in counted}


def observations_of(audit: Audit) -> Iterator[Observation]:
    """All that the auditor reports of one household."""
    yield from _records(audit)
    yield from _amounts(audit)
    yield from _incomes(audit)
    yield from _members(audit)


_OWNS: Final[Mapping[str, Callable[[PersonTruth], bool]]] = {
    "tax": lambda one: (
        any(job.tax_lines for job in one.jobs)
        or any(other.source == "tax" for other in one.other_income)
    ),
    "social_insurance": lambda one: (
        any(other.source == "social_insurance" for other in one.other_income)
        or any(job.insured_base is not None for job in one.jobs)
    ),
    "property": lambda one: any(unit.in_force for unit in one.units),
    "vehicle": lambda one: bool(one.vehicles or one.vessels),
    "business_registration": lambda one: bool(one.businesses),
    "bank": lambda one: any(account.is_asset for account in one.accounts),
    "insurance": lambda one: bool(one.policies),
    "securities": lambda one: bool(one.holdings),
    "housing_fund": lambda one: bool(one.funds),
}
"""Whether the person has what a source should know of."""


def _records(audit: Audit) -> Iterator[Observation]:
    """Of sources that told all: what is there and did not come, what counts and is not there."""
    found = {(row.person, row.source) for row in audit.conclusion.evidence if row.link != "refused"}
    profile = audit.conclusion.profile
    lines: tuple[IncomeLine | AssetLine, ...] = (*profile.income, *profile.assets)
    counted = {(line.person, name) for line in lines if line.counted for name in line.sources}
    for status in audit.case.statuses:
        truth = audit.truths.get(status.person)
        owns = _OWNS.get(status.source)
        if truth is None or owns is None or not status.complete:
            continue
        has, place = owns(truth), (status.person, status.source)
        if has:
            yield _counted(Kind.MISSED, status.source, hit=place not in found)
        if place in counted:
            yield _counted(Kind.FALSE, status.source, hit=not has)


def _counted(kind: Kind, source: str = "", *, hit: bool) -> Observation:
    return Observation(source=source, kind=kind, hits=int(hit), trials=1, observed_on=DAY)


def _ratio(kind: Kind, source: str, true: Decimal, told: Decimal) -> Observation:
    return Observation(
        source=source, kind=kind, log_ratio=log(float(true) / float(told)), observed_on=DAY
    )


def _amounts(audit: Audit) -> Iterator[Observation]:
    """True amounts by the told ones, a person, source and kind; imputed and declared ones apart."""
    for ref, truth in audit.truths.items():
        for kind in IncomeKind:
            lines = [
                one
                for one in audit.conclusion.profile.income
                if one.counted and (one.person, one.kind) == (ref, kind)
            ]
            told = sum((one.monthly.low for one in lines), Decimal(0))
            true = income_of(truth, kind.value)
            if told < _LEAST or true < _LEAST:
                continue
            if all(one.imputed or not one.sources for one in lines):
                yield _ratio(Kind.IMPUTED, "", true, told)
            elif len({_told_by(one) for one in lines}) == 1:
                yield _ratio(Kind.AMOUNT, _told_by(lines[0]), true, told)


def _told_by(line: IncomeLine) -> str:
    return line.sources[0] if line.sources and not line.imputed else ""


def _incomes(audit: Audit) -> Iterator[Observation]:
    """Income that neither a source nor the declaration shows, and declared income unseen."""
    for truth in audit.truths.values():
        unseen = any(one.code == UNKNOWN for one in truth.other_income)
        yield _counted(Kind.UNSEEN_INCOME, hit=unseen)
    shown = {(one.person, one.kind) for one in audit.conclusion.profile.income if one.counted}
    for one in audit.case.request.declared.income:
        is_known = one.person in audit.truths and one.basis is IncomeBasis.EMPLOYMENT
        if is_known and one.monthly >= _LEAST and (one.person, one.kind) not in shown:
            true = float(income_of(audit.truths[one.person], one.kind.value))
            yield _counted(Kind.DECLARED_UNSEEN, hit=true > _HALF * float(one.monthly))


def _members(audit: Audit) -> Iterator[Observation]:
    """Members whom nobody declared: registered in the household, by relation, or not at all."""
    declared = set(audit.household.refs.values())
    left_out = [one for one in audit.household.composition if one not in declared]
    registered = audit.conclusion.profile.composition.registered_not_declared
    for number, one in enumerate(registered):
        relation = one.relation if one.relation in ("spouse", "child") else "other"
        yield _counted(Kind.REGISTERED_MEMBER, relation, hit=number < len(left_out))
    yield _counted(Kind.UNDECLARED_MEMBER, hit=len(left_out) > len(registered))
    for person in left_out:
        truth = audit.household.truth[person]
        means = yearly_income(truth) > 0 or financial_of(truth) > _POOR
        yield _counted(Kind.NEWCOMER_MEANS, hit=means)


def sizes_of(audit: Audit) -> Iterator[SeenHolding]:
    """How much those have who were left out, and how much nobody told of."""
    declared = set(audit.household.refs.values())
    for person in audit.household.composition:
        if person in declared:
            continue
        truth = audit.household.truth[person]
        yield _size("newcomer_income", yearly_income(truth) / MONTHS)
        yield _size("newcomer_assets", financial_of(truth))
    for truth in audit.truths.values():
        unseen = sum((one.amount for one in truth.other_income if one.code == UNKNOWN), Decimal(0))
        yield _size("unseen_income", unseen / MONTHS)


def _size(kind: str, amount: Decimal) -> SeenHolding:
    return SeenHolding("", kind, has=amount > 0, amount=float(amount) if amount > 0 else None)
