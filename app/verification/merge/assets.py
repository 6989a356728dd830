"""Assets at as_of: money, vehicles, vessels, enterprises, housing fund; each thing once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.domain.evidence import Evidence
from app.domain.household import AssetKind
from app.domain.interval import UNKNOWN, Interval
from app.domain.money import ZERO
from app.domain.profile import AssetLine
from app.verification.merge.homes import home_lines
from app.verification.merge.records import Material
from connectors.records import (
    AccountState,
    AnyRecord,
    BalanceLimit,
    BankAccount,
    BankAccountKind,
    BankAccountState,
    BusinessInterest,
    EnterpriseKind,
    EnterpriseState,
    FundAccount,
    Holding,
    HoldingKind,
    InterestRole,
    Policy,
    PolicyRole,
    PolicyState,
    Vehicle,
    Vessel,
)

_BANK_KINDS: Mapping[BankAccountKind | None, AssetKind] = {
    BankAccountKind.CURRENT: AssetKind.DEPOSIT,
    BankAccountKind.TIME_DEPOSIT: AssetKind.DEPOSIT,
    BankAccountKind.STRUCTURED_DEPOSIT: AssetKind.DEPOSIT,
    BankAccountKind.WEALTH_PRODUCT: AssetKind.WEALTH_PRODUCT,
    None: AssetKind.DEPOSIT,
}
_FARM_PLATE = "13"


@dataclass(frozen=True, slots=True)
class Asset:
    """One thing found, before it becomes a line."""

    rows: tuple[Evidence[AnyRecord], ...]
    kind: AssetKind
    value: Interval | None
    on: date | None
    details: Mapping[str, str]
    why: str | None = None  # the rule for which it does not count
    doubtful: bool = False  # it may count: a state or a kind could not be read


def assets_of(material: Material) -> tuple[AssetLine, ...]:
    """All lines of the declared members, numbered as_1, as_2, …; supporters' are not listed."""
    lines: list[AssetLine] = []
    for member in material.request.household.members:
        outside = material.why_not_counted(member.ref)
        for asset in _found(material, member.ref):
            lines.append(_line(material, member.ref, asset, outside))
    lines += home_lines(material)
    lines += _enterprises(material)
    return tuple(replace(line, id=f"as_{number}") for number, line in enumerate(lines, 1))


def _line(material: Material, person: str, asset: Asset, outside: str | None) -> AssetLine:
    return AssetLine(
        id="",
        person=person,
        kind=asset.kind,
        value=asset.value,
        on=asset.on or material.request.as_of,
        details={**asset.details, **({"doubtful": "true"} if asset.doubtful else {})},
        sources=tuple(dict.fromkeys(row.source for row in asset.rows)),
        evidence=tuple(dict.fromkeys(row.id for row in asset.rows)),
        counted=asset.why is None and outside is None,
        why=asset.why or outside,
    )


def _found(material: Material, person: str) -> list[Asset]:
    return [
        *_accounts(material, person),
        *_limits(material, person),
        *_holdings(material, person),
        *_policies(material, person),
        *_vehicles(material, person),
        *_vessels(material, person),
        *_fund_accounts(material, person),
    ]


def _accounts(material: Material, person: str) -> Iterable[Asset]:
    """Open accounts, each (bank, masked number, kind) once; loans are owed and no asset."""
    seen = set()
    for row, one in material.of(person, BankAccount):
        key = (one.bank, one.account, one.kind)
        if key in seen and one.account is not None:
            continue
        seen.add(key)
        why = None
        if one.kind is BankAccountKind.LOAN:
            why = "loan_is_no_asset"
        elif one.state is BankAccountState.CLOSED:
            why = "closed"
        details = {"bank": one.bank, "currency": one.currency or "", "state": _word(one.state)}
        kind = _BANK_KINDS.get(one.kind, AssetKind.DEPOSIT)
        yield Asset((row,), kind, _balance(material, one), one.balance_on, details, why)


def _balance(material: Material, one: BankAccount) -> Interval:
    """Yuan at the rate of the balance's date; without a rate or a balance it is not known."""
    if one.balance is None:
        return UNKNOWN
    value = material.rates.in_yuan(one.balance, one.currency)
    if value is None:
        return UNKNOWN
    low = ZERO if one.state is None else max(ZERO, value)
    return Interval(low, max(ZERO, value))


def _limits(material: Material, person: str) -> Iterable[Asset]:
    """A bank that says only over or not over its limit makes an interval."""
    for row, one in material.of(person, BalanceLimit):
        value = Interval.at_least(one.limit) if one.over else Interval(ZERO, one.limit)
        details = {"bank": one.bank, "discloses": "limit_only"}
        yield Asset((row,), AssetKind.DEPOSIT, value, None, details)


def _holdings(material: Material, person: str) -> Iterable[Asset]:
    """Market value, and the cash balance once an account 一码通账号."""
    seen_cash: set[str | None] = set()
    for row, one in material.of(person, Holding):
        kind = AssetKind.FUND if one.kind is HoldingKind.FUND else AssetKind.SECURITY
        details = {"market": one.market or "", "code": one.code or ""}
        value = UNKNOWN if one.market_value is None else Interval.exactly(one.market_value)
        yield Asset((row,), kind, value, one.valued_on, details)
        if one.cash and one.account not in seen_cash:
            seen_cash.add(one.account)
            cash = Interval.exactly(one.cash)
            yield Asset((row,), AssetKind.SECURITY, cash, one.valued_on, {"part": "cash"})


def _policies(material: Material, person: str) -> Iterable[Asset]:
    """The cash value of policies in force belongs to the policy holder 投保人."""
    seen = set()
    for row, one in material.of(person, Policy):
        if one.number in seen and one.number is not None:
            continue
        why = None
        if one.role is not None and one.role is not PolicyRole.HOLDER:
            why = "not_the_policy_holder"
        elif one.state is not None and one.state is not PolicyState.IN_FORCE:
            why = f"policy_{one.state.value}"
        if why is None:
            seen.add(one.number)
        sure = one.state is not None and one.role is not None
        value = UNKNOWN if one.cash_value is None else _perhaps(one.cash_value, sure=sure)
        details = {"product": one.product or "", "state": _word(one.state)}
        yield Asset((row,), AssetKind.INSURANCE, value, None, details, why)


def _perhaps(value: Decimal, *, sure: bool) -> Interval:
    return Interval(value if sure else ZERO, value)


def _vehicles(material: Material, person: str) -> Iterable[Asset]:
    """Passenger cars and lorries on the register; small vehicles of a livelihood are exempt."""
    counting = material.counting
    seen = set()
    for row, one in material.of(person, Vehicle):
        key = (one.plate, one.plate_kind)
        if key in seen and one.plate is not None:
            continue
        seen.add(key)
        exempt = one.plate_kind == _FARM_PLATE
        exempt = exempt or (
            one.kind is not None and one.kind.value in counting.exempt_vehicle_kinds
        )
        why = None
        if exempt:
            why = "exempt_kind"
        elif one.state is not None and one.state.value not in counting.counted_vehicle_states:
            why = f"vehicle_{one.state.value}"
        doubtful = why is None and (one.state is None or one.kind is None)
        details = {"plate_kind": one.plate_kind or "", "kind": _word(one.kind)}
        details["state"] = _word(one.state)
        yield Asset((row,), AssetKind.VEHICLE, None, None, details, why, doubtful)


def _vessels(material: Material, person: str) -> Iterable[Asset]:
    seen = set()
    for row, one in material.of(person, Vessel):
        if one.number in seen and one.number is not None:
            continue
        seen.add(one.number)
        why = "not_in_register" if one.in_register is False else None
        details = {"kind": one.kind or ""}
        doubtful = one.in_register is None
        yield Asset((row,), AssetKind.VESSEL, None, None, details, why, doubtful)


def _fund_accounts(material: Material, person: str) -> Iterable[Asset]:
    """Balances of accounts not closed; a total of their own, not part of financial assets."""
    seen = set()
    for row, one in material.of(person, FundAccount):
        if one.account in seen and one.account is not None:
            continue
        seen.add(one.account)
        why = "closed" if one.state is AccountState.CLOSED else None
        value = UNKNOWN
        if one.balance is not None:
            value = _perhaps(one.balance, sure=one.state is not None)
        on = None if one.changed_at is None else one.changed_at.date()
        yield Asset((row,), AssetKind.HOUSING_FUND, value, on, {"state": _word(one.state)}, why)


def _enterprises(material: Material) -> list[AssetLine]:
    """Once an enterprise and household; the capital is each member's subscribed contribution."""
    lines, seen = [], set()
    for member in material.request.household.members:
        outside = material.why_not_counted(member.ref)
        for key, parts in _by_enterprise(material, member.ref).items():
            capital = sum((_capital(one) for _, one in parts), ZERO)
            asset = _enterprise(parts, capital)
            if asset.why is None and outside is None and key in seen:
                asset = replace(asset, details={**asset.details, "same_enterprise": "true"})
            if asset.why is None and outside is None:
                seen.add(key)
            lines.append(_line(material, member.ref, asset, outside))
    return lines


Parts = list[tuple[Evidence[AnyRecord], BusinessInterest]]


def _by_enterprise(material: Material, person: str) -> Mapping[str, Parts]:
    grouped: dict[str, Parts] = {}
    for row, one in material.of(person, BusinessInterest):
        key = one.enterprise_code or one.enterprise or row.id
        grouped.setdefault(key, []).append((row, one))
    return grouped


def _capital(one: BusinessInterest) -> Decimal:
    if one.role is InterestRole.SHAREHOLDER:
        return one.subscribed or ZERO
    sole = one.kind is EnterpriseKind.SOLE_TRADER
    return (one.registered_capital or ZERO) if sole else ZERO


def _enterprise(parts: Parts, capital: Decimal) -> Asset:
    rows = tuple(row for row, _ in parts)
    first = parts[0][1]
    states = {one.state for _, one in parts}
    roles = {one.role for _, one in parts}
    why = None
    if first.kind is EnterpriseKind.COOPERATIVE:
        why = "cooperative_not_counted"
    elif states == {None}:
        why = None
    elif EnterpriseState.IN_BUSINESS not in states:
        why = "not_in_business"
    elif roles == {InterestRole.MANAGER}:
        why = "manager_only"
    details = {
        "kind": _word(first.kind),
        "state": _word(first.state),
        "roles": ",".join(sorted(role.value for role in roles)),
    }
    value = Interval.exactly(capital)
    return Asset(rows, AssetKind.BUSINESS, value, None, details, why, doubtful=states == {None})


def _word(value: object) -> str:
    return "" if value is None else str(value)
