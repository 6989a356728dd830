"""What a county's households truly earn and own, worked out from the truth and the rules alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connectors.sandbox.county import County, CountyHousehold, PersonTruth
from connectors.sandbox.county.truth import Account, Job, OtherIncome, Unit
from connectors.sandbox.register import cleaned_number, number_forms

RATES: Final[Mapping[str, Decimal]] = {
    "CNY": Decimal(1),
    "USD": Decimal("7.10"),
    "KRW": Decimal("0.0052"),
}
"""Yuan a unit of currency, as the service is configured with."""
MONTHS: Final = 12
UNKNOWN: Final = "unreported"
"""The code of takings that no source and no declaration shows."""
STANDARDS: Final = {True: Decimal("520.00"), False: Decimal("760.00")}
"""The local standard a month and person, in the country and in town (2026, example)."""
_NOT_COUNTED_BEFORE: Final = "202601"
_RESIDENTS_PENSION: Final = "05"
_PROVEN_ABOVE: Final = Decimal(5000)
_TEN_THOUSAND: Final = Decimal(10_000)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueTotals:
    """The household's totals as they are; income a month."""

    household_size: int
    monthly_income: Decimal
    financial_assets: Decimal
    homes: int
    floor_area: Decimal
    vehicles: int
    vessels: int
    businesses: int
    business_capital: Decimal
    housing_fund_balance: Decimal


def totals_of(household: CountyHousehold, persons: Iterable[str]) -> TrueTotals:
    """The totals of these persons of the household's, supporters' payments included."""
    ids = tuple(persons)
    truths = [household.truth[one] for one in ids]
    units = {unit.code: unit for truth in truths for unit in truth.units if _is_home(unit)}
    traded = [one for truth in truths for one in truth.businesses if _counts(one.state, one.kind)]
    return TrueTotals(
        household_size=len(ids),
        monthly_income=_monthly(household, truths),
        financial_assets=sum(map(financial_of, truths), _ZERO),
        homes=len(units),
        floor_area=sum((_part(unit, ids) for unit in units.values()), _ZERO),
        vehicles=sum(car.counts for truth in truths for car in truth.vehicles),
        vessels=sum(boat.state == "在籍" for truth in truths for boat in truth.vessels),
        businesses=len({one.code for one in traded if one.role != "manager"}),
        business_capital=_capital(truths),
        housing_fund_balance=sum(
            (one.balance for truth in truths for one in truth.funds if one.state != "09"), _ZERO
        ),
    )


def _monthly(household: CountyHousehold, truths: Iterable[PersonTruth]) -> Decimal:
    earned = sum(map(yearly_income, truths), _ZERO)
    supported = sum(support_of(household).values(), _ZERO) * MONTHS
    return max(_ZERO, earned + supported - _deductions(household)) / MONTHS


def yearly_income(truth: PersonTruth) -> Decimal:
    """All that counts as income in the window, whether or not a source shows it."""
    other = sum((one.amount for one in truth.other_income if _is_counted(one)), _ZERO)
    annuities = sum((one.annuity for one in truth.policies), _ZERO)
    return truth.net_wages() + other + annuities


def income_of(truth: PersonTruth, kind: str) -> Decimal:
    """Yuan a month of one kind that count as income."""
    whole = truth.income(kind)
    left_out = sum(
        (one.amount for one in truth.other_income if one.kind == kind and not _is_counted(one)),
        _ZERO,
    )
    return (whole - left_out) / MONTHS


def _is_counted(one: OtherIncome) -> bool:
    return one.code != _RESIDENTS_PENSION or one.month >= _NOT_COUNTED_BEFORE


def support_of(household: CountyHousehold) -> Mapping[str, Decimal]:
    """What each supporter has to pay a month, by ref; who did not sign pays what is declared."""
    application: Mapping[str, Any] = household.application
    standard = STANDARDS[is_rural(household)]
    signed = application["consent"]["signatories"]
    found = {}
    for supporter in application["household"]["supporters"]:
        if supporter["ref"] not in signed:
            found[supporter["ref"]] = Decimal(supporter["declared_payment_monthly"] or 0)
            continue
        truth = household.truth[household.refs[supporter["ref"]]]
        each = yearly_income(truth) / MONTHS / supporter["household_size"]
        share = Decimal("0.4") if len(supporter["supports"]) >= 3 else Decimal("0.5")
        found[supporter["ref"]] = max(_ZERO, each - standard) * share
    return found


def is_rural(household: CountyHousehold) -> bool:
    """A township (code from 100) is country, a street is town."""
    return int(str(household.application["region"])[6:9]) >= 100


def _deductions(household: CountyHousehold) -> Decimal:
    declared: Any = household.application["declared"]
    return sum(
        (
            max(_ZERO, Decimal(one["yearly"]) - _PROVEN_ABOVE)
            for one in declared["expenses"]
            if one.get("proven") and one["kind"] == "medical"
        ),
        _ZERO,
    )


def financial_of(truth: PersonTruth) -> Decimal:
    """Money in banks, securities with each account's cash once, cash values of own policies."""
    cash = {one.account: one.cash for one in truth.holdings}
    insured = (
        one.cash_value for one in truth.policies if one.role == "投保人" and one.state == "有效"
    )
    return (
        sum(map(in_yuan, truth.accounts), _ZERO)
        + sum((one.value for one in truth.holdings), _ZERO)
        + sum(cash.values(), _ZERO)
        + sum(insured, _ZERO)
    )


def in_yuan(account: Account) -> Decimal:
    return account.balance * RATES[account.currency] if account.is_asset else _ZERO


def _is_home(unit: Unit) -> bool:
    return unit.in_force and unit.use == "住宅"


def _part(unit: Unit, persons: Iterable[str]) -> Decimal:
    parts = {owner.person: owner.part for owner in unit.owners}
    return unit.area * sum((parts.get(one, _ZERO) for one in persons), _ZERO)


def _counts(state: str, kind: str) -> bool:
    return state == "1" and kind != "9100"


def _capital(truths: Iterable[PersonTruth]) -> Decimal:
    total = _ZERO
    for truth in truths:
        for one in truth.businesses:
            if not _counts(one.state, one.kind):
                continue
            if one.role == "shareholder":
                total += one.capital * one.share * _TEN_THOUSAND
            elif one.kind == "9600" and one.role == "legalRepresentative":
                total += one.capital * _TEN_THOUSAND
    return total


def is_shown(county: County, truth: PersonTruth) -> bool:
    """Sources show this person's whole income, to the cent, or it is declared as such."""
    whole = all(_is_job_shown(county, truth, job) for job in truth.jobs)
    return whole and all(one.code != UNKNOWN for one in truth.other_income)


def _is_job_shown(county: County, truth: PersonTruth, job: Job) -> bool:
    """Taxed, and every own contribution to the fund seen: an account left behind tells of none."""
    funds = [one for one in truth.funds if one.employer.code == job.employer.code]
    months = {wage.month for wage in job.wages if wage.item == "0101"}
    paying = all(one.state == "01" for one in funds)
    return bool(job.tax_lines) and paying and (not funds or months == set(county.months))


def is_keyed(county: County, person: str, source: str) -> bool:
    """All of the person's records in the source stand under the full number."""
    forms = number_forms(county.people[person].id_number)
    return all(
        cleaned_number(entry.id_number) in forms
        for entry in county.registers[source].entries
        if entry.person == person
    )


LIMITS: Final[Mapping[str, tuple[Decimal, int]]] = {
    "urban_dibao": (Decimal(1), 24),
    "rural_dibao": (Decimal(1), 24),
    "dibao_edge": (Decimal("1.5"), 36),
}
"""Programme: income in local standards, financial assets in months of it."""


def is_entitled(household: CountyHousehold, programme: str) -> bool | None:
    """What the decision would be if all were known; None for a programme not modelled here."""
    if programme not in LIMITS or not household.composition:
        return None
    true = totals_of(household, household.composition)
    times, months = LIMITS[programme]
    standard = STANDARDS[is_rural(household)]
    return (
        true.monthly_income / true.household_size < times * standard
        and true.financial_assets / true.household_size <= months * standard
        and true.homes <= 1
        and true.vehicles == 0
        and true.vessels == 0
        and true.business_capital <= _TEN_THOUSAND * 10
    )
