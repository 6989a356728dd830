"""Gives each fact its chance of being wrong: what is uncertain in a profile, as variables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.decision import Cause
from app.domain.evidence import Evidence, Link, SourceState, SourceStatus
from app.domain.household import IncomeKind
from app.domain.interval import Interval
from app.domain.money import ZERO
from app.domain.profile import FEEDS, FINANCIAL, IdentityState, IncomeLine, Profile, Totals
from app.error_rate.parameters import Parameters
from app.error_rate.variables import Chance, Heads, Presence, Spread, Variable
from connectors.records import AnyRecord

SCORED = (
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the totals lose or gain where some records are not, or are, the person's."""

    evidence: frozenset[str]
    probability: float
    counted: bool  # the base totals hold it already
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A profile's base values and all that is uncertain about them."""

    base: Mapping[str, float]
    size: int
    variables: tuple[Variable, ...]
    open_by_total: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def groups(evidence: Iterable[Evidence[AnyRecord]], link: Link) -> Iterator[frozenset[str]]:
    """Records that stand or fall together: of one person and source, under one name and number."""
    together: dict[tuple[str, str, str, str], set[str]] = {}
    for row in evidence:
        certain = row.link is Link.ACCEPTED and row.probability >= _CERTAIN
        if row.link is not link or certain:
            continue
        subject = row.record.subjects[row.subject]
        key = (row.person, row.source, subject.name or "", subject.id_number or "")
        together.setdefault(key, set()).add(row.id)
    yield from (frozenset(ids) for ids in together.values())


_CERTAIN = 0.999999


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, of whom: states, grown-up members, and where records were found."""

    statuses: tuple[SourceStatus, ...]
    adults: frozenset[str]
    found: frozenset[tuple[str, str]]  # (person, source) with an accepted record


def score(
    profile: Profile,
    differences: Iterable[Difference],
    asked: Asked,
    parameters: Parameters,
) -> Scored:
    """The base is the lower end of each total; what may lie above it is a variable."""
    known = asked.statuses
    base = {name: float(getattr(profile.totals, name).low) for name in SCORED}
    base["monthly_income"] = _likely_income(profile)
    counted = {person.ref for person in profile.persons if person.counted}
    variables: list[Variable] = []
    for difference in differences:
        variables += _presence(profile, difference, parameters)
    for status in known:
        if status.person in counted & asked.adults:
            variables += _hidden(status, profile, asked, parameters)
    variables += _amounts(profile, parameters)
    variables += _members(profile, parameters)
    return Scored(
        base=base,
        size=max(1, int(profile.totals.household_size.high or 1)),
        variables=tuple(variables),
        open_by_total=_open_by_total(profile, known, counted),
    )


def _likely_income(profile: Profile) -> float:
    """Yuan a month with all that stands, though an answer that is missing may take it back."""
    lines = [line for line in profile.income if line.counted]
    if not any(_stands_open(line) for line in lines):
        return float(profile.totals.monthly_income.low)
    likely = sum(
        (line.total.high or ZERO) if _stands_open(line) else line.total.low for line in lines
    )
    return float(max(ZERO, likely - profile.deductions) / lines[0].months)


def _stands_open(line: IncomeLine) -> bool:
    """A figure that came, and of which nothing is sure."""
    return line.total.low == 0 and bool(line.total.high)


def _presence(
    profile: Profile, difference: Difference, parameters: Parameters
) -> Iterator[Presence]:
    effects = {}
    for name in SCORED:
        here, there = getattr(profile.totals, name), getattr(difference.totals, name)
        change = float(here.low - there.low) if difference.counted else float(there.low - here.low)
        if difference.counted is False and not change and there.high and here.high:
            change = float(there.high - here.low)
        if change:
            effects[name] = change
    if effects:
        yield Presence(
            cause=Cause.IDENTITY,
            probability=parameters.link(difference.probability),
            effects=effects,
            counted=difference.counted,
            group="|".join(sorted(difference.evidence)),
        )


def _hidden(
    status: SourceStatus, profile: Profile, asked: Asked, parameters: Parameters
) -> Iterable[Variable]:
    """What an adult may have that the source did not return: missed, or never asked about.

    Where the source returned something of the person, or the household's home is known, only one
    more of the kind can have been missed.
    """
    prior = parameters.sources.get(status.source)
    if prior is None:
        return ()
    cause = _cause_of_gap(status)
    if not status.complete:
        return prior.unasked(cause)
    housed = status.source == "property" and profile.totals.homes.low > 0
    if housed or (status.person, status.source) in asked.found:
        return prior.missed_another(cause, parameters.another)
    return prior.missed(cause)


def _cause_of_gap(status: SourceStatus) -> Cause:
    if status.state is SourceState.NOT_ASKED and (status.detail or "").startswith("no_consent"):
        return Cause.CONSENT_GAP
    return Cause.SOURCE_GAP


def _amounts(profile: Profile, parameters: Parameters) -> Iterator[Spread]:
    """Amounts are as sure as their sources; figures taken from a base or imputed are less so."""
    differ = _persons_with(profile, "wage_sources_differ")
    stale = _persons_with(profile, "source_stale")
    for line in profile.income:
        if line.counted and line.monthly.high != 0:
            cause, sigma = _income_doubt(line, (differ, stale), parameters)
            monthly = line.monthly
            if _stands_open(line):
                monthly = Interval.exactly(monthly.high or ZERO)
            yield _spread("monthly_income", monthly, cause, sigma)
    for asset in profile.assets:
        value = asset.value
        if asset.counted and asset.kind in FINANCIAL and value is not None and value.high != 0:
            cause = Cause.STALENESS if asset.person in stale else Cause.AMOUNT
            yield _spread("financial_assets", value, cause, _sigma(asset.sources, parameters))
    for name in ("homes", "vehicles", "vessels", "business_capital"):
        total = getattr(profile.totals, name)
        if total.high is not None and total.high > total.low:
            yield _spread(name, total, Cause.AMOUNT, 0.0)


def _persons_with(profile: Profile, code: str) -> frozenset[str | None]:
    return frozenset(one.person for one in profile.findings if one.code.value == code)


def _income_doubt(
    line: IncomeLine,
    persons: tuple[frozenset[str | None], frozenset[str | None]],
    parameters: Parameters,
) -> tuple[Cause, float]:
    differ, stale = persons
    sigma = _sigma(line.sources, parameters)
    if line.imputed:
        return Cause.IMPUTATION, parameters.imputed_sigma
    if line.kind is IncomeKind.WAGE and line.person in differ:
        return Cause.CONFLICT, parameters.conflict_sigma
    return (Cause.STALENESS if line.person in stale else Cause.AMOUNT), sigma


def _sigma(sources: Iterable[str], parameters: Parameters) -> float:
    """The surest source's spread; what no source shows is as unsure as an imputed figure."""
    known = [
        parameters.sources[name].amount_sigma for name in sources if name in parameters.sources
    ]
    return min(known, default=parameters.imputed_sigma)


def _spread(total: str, value: Interval, cause: Cause, sigma: float) -> Spread:
    low = float(value.low)
    high = None if value.high is None else float(value.high)
    return Spread(cause=cause, total=total, low=low, high=high, base=low, sigma=sigma)


def _members(profile: Profile, parameters: Parameters) -> Iterator[Heads]:
    yield Heads(cause=Cause.COMPOSITION, probability=parameters.undeclared_member, change=1)
    for _ in profile.composition.registered_not_declared:
        yield Heads(cause=Cause.COMPOSITION, probability=parameters.registered_member, change=1)
    for person in profile.persons:
        doubtful = person.identity in (IdentityState.UNCERTAIN, IdentityState.MISMATCH)
        if person.counted and person.alive is None and doubtful:
            gone = Chance(0.01 if person.probability is None else 0.05, 20.0)
            yield Heads(cause=Cause.COMPOSITION, probability=gone, change=-1)


def _open_by_total(
    profile: Profile, statuses: Iterable[SourceStatus], counted: set[str]
) -> Mapping[str, tuple[str, ...]]:
    """For each total, what would settle it: sources to ask again, records to review."""
    settle: dict[str, list[str]] = {name: [] for name in (*SCORED, "household_size")}
    for status in statuses:
        if status.is_open:
            for name in _fed_by(status, profile, counted):
                settle[name].append(f"source:{status.source}:{status.person}")
    for finding in profile.findings:
        if finding.code.value in ("identity_uncertain", "identity_mismatch"):
            for name in settle:
                settle[name] += [f"review:{one}" for one in finding.evidence[:3]]
        elif finding.code.value == "business_income_unknown":
            settle["monthly_income"].append(f"declare:business_income:{finding.person}")
    return {name: tuple(dict.fromkeys(items)) for name, items in settle.items()}


def _fed_by(status: SourceStatus, profile: Profile, counted: set[str]) -> tuple[str, ...]:
    """The totals that the answer bears on; a supporter's only what he or she has to pay."""
    fed = FEEDS.get(status.source, ())
    if status.person in counted:
        return fed
    supporters = {person.ref for person in profile.persons if person.why == "supporter"}
    asked = status.person in supporters and _cause_of_gap(status) is not Cause.CONSENT_GAP
    return tuple(name for name in fed if asked and name == "monthly_income")
