"""Amounts as variables: as sure as their sources, their age, and what they were taken from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from app.domain.decision import Cause
from app.domain.household import AssetKind, IncomeKind
from app.domain.interval import Interval
from app.domain.money import ZERO
from app.domain.profile import FINANCIAL, AssetLine, IncomeLine
from app.error_rate.priors import Holding, Size
from app.error_rate.variables import Spread
from app.verification.score.known import Known, stands_open

_UNTOLD = "business_income_unknown"
_SUPPORT = "support_computed"
_INCOME: Final[Mapping[IncomeKind, tuple[str, str]]] = {
    IncomeKind.WAGE: ("tax", "wage"),
    IncomeKind.PROPERTY: ("tax", "property_income"),
    IncomeKind.TRANSFER: ("social_insurance", "pension"),
}
_MONEY: Final[Mapping[AssetKind, tuple[str, str]]] = {
    AssetKind.INSURANCE: ("insurance", "cash_value"),
    AssetKind.SECURITY: ("securities", "holdings"),
    AssetKind.FUND: ("securities", "holdings"),
    AssetKind.BUSINESS: ("business_registration", "enterprise"),
}


def amounts(known: Known) -> Iterator[Spread]:
    """Counted income and money, each with its own spread, and what has no amount."""
    for line in known.profile.income:
        if line.counted and line.monthly.high != 0 and line.why != _SUPPORT:
            yield _income(known, line)
    for asset in known.profile.assets:
        if asset.counted:
            yield from _of_asset(known, asset)


def _income(known: Known, line: IncomeLine) -> Spread:
    cause, sigma, proof = _doubt(known, line)
    action = f"household:{proof}:{line.person}" if proof else ""
    monthly = line.monthly
    if stands_open(line):
        monthly = Interval.exactly(monthly.high or ZERO)
    spread = _spread("monthly_income", monthly, cause, sigma)
    if monthly.is_exact:
        spread = replace(spread, off=_off(known, line, cause))
    if line.why == _UNTOLD or monthly.high is None:
        spread = _sized(spread, _size_of_income(known, line))
    return replace(spread, action=action)


def _doubt(known: Known, line: IncomeLine) -> tuple[Cause, float, str]:
    """Why the amount may be another one, how far off it may be, and what would prove it."""
    parameters = known.parameters
    if line.why == _UNTOLD:
        return Cause.IMPUTATION, parameters.imputed_sigma, "business_income"
    if line.imputed or not line.sources:
        return Cause.IMPUTATION, parameters.imputed_sigma, "income_proof"
    sigma, aged = _sigma(known, line.sources, line.person)
    if line.kind is IncomeKind.WAGE and line.person in known.persons_with("wage_sources_differ"):
        return Cause.CONFLICT, max(sigma, parameters.conflict_sigma), "income_proof"
    stale = aged or known.is_stale(line.person)
    proof = "income_proof" if line.monthly.high is None else ""
    return (Cause.STALENESS if stale else Cause.AMOUNT), sigma, proof


def _off(known: Known, line: IncomeLine, cause: Cause) -> float:
    """The chance that the line's amount is another one at all."""
    if cause is Cause.CONFLICT:
        return 1.0  # it is not sure which of two
    if cause is Cause.IMPUTATION:
        return known.parameters.imputed_off.mean
    return _told_off(known, line.sources, line.person)


def _told_off(known: Known, sources: Iterable[str], person: str) -> float:
    """Of the surest source."""
    priors = [known.prior(name, person) for name in sources]
    return min(
        (
            prior.off_after(known.months_old(prior.source, person))
            for prior in priors
            if prior is not None
        ),
        default=1.0,
    )


def _size_of_income(known: Known, line: IncomeLine) -> Size | None:
    """Of a line without an amount, or with a part that could not be read: as declared, or usual."""
    declared = known.declared_income(line.person, line.kind)
    if declared:
        return Size(declared, known.parameters.declared_sigma)
    if line.kind is IncomeKind.BUSINESS:
        return known.parameters.business_income
    return _usual(known, _INCOME[line.kind])


def _of_asset(known: Known, asset: AssetLine) -> Iterator[Spread]:
    if asset.kind in FINANCIAL and asset.value is not None and asset.value.high != 0:
        yield _money(known, asset, asset.value)
    elif asset.kind is AssetKind.BUSINESS and asset.value is not None:
        if asset.value.high is None and "doubtful" not in asset.details:
            yield _without_amount(known, asset, "business_capital", asset.value)
    elif asset.kind is AssetKind.HOME and not asset.details.get("area"):
        yield from _floor_area(known, asset)


def _money(known: Known, asset: AssetLine, value: Interval) -> Spread:
    sigma, aged = _sigma(known, asset.sources, asset.person)
    cause = Cause.STALENESS if aged or known.is_stale(asset.person) else Cause.AMOUNT
    if value.is_exact:
        spread = _spread("financial_assets", value, cause, sigma)
        return replace(spread, off=_told_off(known, asset.sources, asset.person))
    if asset.details.get("discloses") == "limit_only" or value.high is None:
        return _without_amount(known, asset, "financial_assets", value)
    spread = _spread("financial_assets", value, Cause.AMOUNT, sigma)
    return replace(spread, action=_proof(asset))


def _without_amount(known: Known, asset: AssetLine, total: str, value: Interval) -> Spread:
    """As much as such persons have of the kind, within what is known of it."""
    place = _MONEY.get(asset.kind)
    size = known.parameters.deposit_at_a_bank if place is None else _usual(known, place)
    spread = _spread(total, value, Cause.AMOUNT, known.parameters.imputed_sigma)
    return replace(_sized(spread, size), action=_proof(asset))


def _floor_area(known: Known, asset: AssetLine) -> Iterator[Spread]:
    """The members' part of a home of which no register tells the area."""
    home = _prior(known, ("property", "first_home"))
    part = 0.0 if home is None else home.floor_area
    part *= float(Fraction(asset.details.get("share", "1")))
    if part > 0.0:
        size = Size(part, known.parameters.imputed_sigma)
        spread = _spread("floor_area", Interval.at_least(0), Cause.IMPUTATION, size.sigma)
        yield replace(_sized(spread, size), action=_proof(asset))


def _proof(asset: AssetLine) -> str:
    return f"household:asset_proof:{asset.person}"


def _usual(known: Known, place: tuple[str, str]) -> Size | None:
    """How much applicants have of a kind in a source; None where no prior tells."""
    holding = _prior(known, place)
    return None if holding is None else Size(holding.median, holding.sigma)


def _prior(known: Known, place: tuple[str, str]) -> Holding | None:
    source = known.parameters.sources.get(place[0])
    return None if source is None else source.has.get(place[1])


def _sigma(known: Known, sources: Iterable[str], person: str) -> tuple[float, bool]:
    """The surest source's spread with its age, and whether age makes most of it."""
    told = []
    for name in sources:
        prior = known.prior(name, person)
        if prior is not None:
            sigma = prior.sigma_after(known.months_old(name, person))
            told.append((sigma, sigma > 1.5 * prior.amount_sigma))
    return min(told, default=(known.parameters.imputed_sigma, False))


def _sized(spread: Spread, size: Size | None) -> Spread:
    return spread if size is None else replace(spread, median=size.median, sigma=size.sigma)


def _spread(total: str, value: Interval, cause: Cause, sigma: float) -> Spread:
    low = float(value.low)
    high = None if value.high is None else float(value.high)
    return Spread(cause=cause, total=total, low=low, high=high, base=low, sigma=sigma)
