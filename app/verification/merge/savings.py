"""Money at as_of: accounts, securities, policies, housing fund; each of them once."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.evidence import Evidence
from app.domain.household import AssetKind
from app.domain.interval import UNKNOWN, Interval
from app.domain.money import ZERO
from app.domain.settlement import Settlement
from app.verification.merge.records import Material
from app.verification.merge.things import Thing, once, perhaps, word
from connectors.records import (
    AccountState,
    AnyRecord,
    BalanceLimit,
    BankAccount,
    BankAccountKind,
    BankAccountState,
    FundAccount,
    Holding,
    HoldingKind,
    Policy,
    PolicyRole,
    PolicyState,
)

_BANK_KINDS: Mapping[BankAccountKind | None, AssetKind] = {
    BankAccountKind.CURRENT: AssetKind.DEPOSIT,
    BankAccountKind.TIME_DEPOSIT: AssetKind.DEPOSIT,
    BankAccountKind.STRUCTURED_DEPOSIT: AssetKind.DEPOSIT,
    BankAccountKind.WEALTH_PRODUCT: AssetKind.WEALTH_PRODUCT,
    None: AssetKind.DEPOSIT,
}


def savings_of(material: Material, person: str) -> list[Thing]:
    """All that one person has in money."""
    return [
        *_accounts(material, person),
        *_limits(material, person),
        *_holdings(material, person),
        *_policies(material, person),
        *_fund_accounts(material, person),
    ]


def _accounts(material: Material, person: str) -> Iterable[Thing]:
    """Open accounts, each (bank, masked number, kind) once; loans are owed and no asset.

    Where an account came twice with different balances, the newest one holds.
    """
    for told in accounts_told(material, person):
        row, one = told.row, told.account
        why = None
        if one.kind is BankAccountKind.LOAN:
            why = "loan_is_no_asset"
        elif one.state is BankAccountState.CLOSED:
            why = "closed"
        details = {"bank": one.bank, "currency": one.currency or "", "state": word(one.state)}
        kind = _BANK_KINDS.get(one.kind, AssetKind.DEPOSIT)
        value = _balance(material, one)
        if told.settled is not None and told.settled.amount is not None:
            value = Interval.exactly(told.settled.amount)
        yield Thing((row,), kind, value, one.balance_on, details, why)


@dataclass(frozen=True, slots=True)
class ToldAccount:
    """What is told of one account: the newest rows, the one that holds, what a person settled."""

    newest: tuple[tuple[Evidence[AnyRecord], BankAccount], ...]
    row: Evidence[AnyRecord]
    account: BankAccount
    subject: str
    settled: Settlement | None

    @property
    def held(self) -> str:
        return self.row.id

    @property
    def differ(self) -> bool:
        """Of one day, the same account has several balances."""
        return len({(one.balance, one.currency) for _, one in self.newest}) > 1


def accounts_told(material: Material, person: str) -> Iterator[ToldAccount]:
    """Each (bank, masked number, kind) once; the newest holds, or the one that a person chose."""
    accounts: dict[Hashable, list[tuple[Evidence[AnyRecord], BankAccount]]] = {}
    for row, one in material.of(person, BankAccount):
        name = one.account and (one.bank, one.account, one.kind)
        accounts.setdefault(row.id if not name else ("named", name), []).append((row, one))
    for rows in accounts.values():
        last = max(one.balance_on or date.min for _, one in rows)
        newest = tuple(pair for pair in rows if (pair[1].balance_on or date.min) == last)
        ids = [row.id for row, _ in newest]
        subject = f"conflict:account:{person}:{min(ids)}"
        settled = material.settled_of(subject, ids) if len(ids) > 1 else None
        chosen = None if settled is None else settled.option
        best = max(
            newest, key=lambda pair: (pair[0].id == chosen, _age_and_balance(material, pair[1]))
        )
        yield ToldAccount(newest, *best, subject, settled)


def _age_and_balance(material: Material, one: BankAccount) -> tuple[date, bool, Decimal]:
    balance = _balance(material, one)
    return one.balance_on or date.min, balance.high is None, balance.high or ZERO


def _balance(material: Material, one: BankAccount) -> Interval:
    """Yuan at the rate of the balance's date; without a rate or a balance it is not known."""
    if one.balance is None:
        return UNKNOWN
    value = material.rates.in_yuan(one.balance, one.currency)
    if value is None:
        return UNKNOWN
    return perhaps(max(ZERO, value), sure=one.state is not None and one.kind is not None)


def _limits(material: Material, person: str) -> Iterable[Thing]:
    """A bank that says only over or not over its limit makes an interval, once a bank."""
    told: dict[str, list[tuple[Evidence[AnyRecord], BalanceLimit]]] = {}
    for row, one in material.of(person, BalanceLimit):
        told.setdefault(one.bank, []).append((row, one))
    for bank, pairs in told.items():
        over = [one.limit for _, one in pairs if one.over]
        under = [one.limit for _, one in pairs if not one.over]
        value = Interval.at_least(max(over)) if over else Interval(ZERO, min(under))
        rows = tuple(row for row, _ in pairs)
        details = {"bank": bank, "discloses": "limit_only"}
        yield Thing(rows, AssetKind.DEPOSIT, value, None, details)


def _holdings(material: Material, person: str) -> Iterable[Thing]:
    """Market value, and the cash balance once an account 一码通账号 (it stands on every row)."""
    accounts: dict[str, list[tuple[Evidence[AnyRecord], Holding]]] = {}
    for row, one in material.of(person, Holding):
        accounts.setdefault(one.account or row.id, []).append((row, one))
        if one.market_value is None and one.code is None and one.security is None:
            continue  # a row of an account that holds nothing but cash
        kind = AssetKind.FUND if one.kind is HoldingKind.FUND else AssetKind.SECURITY
        details = {"market": one.market or "", "code": one.code or ""}
        value = UNKNOWN if one.market_value is None else Interval.exactly(one.market_value)
        yield Thing((row,), kind, value, one.valued_on, details)
    for pairs in accounts.values():
        cash = _cash(one for _, one in pairs)
        if cash.high != 0:
            row, one = pairs[0]
            yield Thing((row,), AssetKind.SECURITY, cash, one.valued_on, {"part": "cash"})


def _cash(rows: Iterable[Holding]) -> Interval:
    """What the account's rows say of its cash; not known where none of them tells."""
    told = [one.cash for one in rows if one.cash is not None]
    return Interval(min(told), max(told)) if told else UNKNOWN


def _policies(material: Material, person: str) -> Iterable[Thing]:
    """The cash value of policies in force belongs to the policy holder 投保人."""
    found = once(
        material.of(person, Policy),
        lambda one: one.number,
        lambda one: (_why_no_policy(one) is None, one.cash_value is None, one.cash_value or ZERO),
    )
    for row, one in found:
        sure = one.state is not None and one.role is not None
        value = UNKNOWN if one.cash_value is None else perhaps(one.cash_value, sure=sure)
        details = {"product": one.product or "", "state": word(one.state)}
        yield Thing((row,), AssetKind.INSURANCE, value, None, details, _why_no_policy(one))


def _why_no_policy(one: Policy) -> str | None:
    if one.role is not None and one.role is not PolicyRole.HOLDER:
        return "not_the_policy_holder"
    if one.state is not None and one.state is not PolicyState.IN_FORCE:
        return f"policy_{one.state.value}"
    return None


def _fund_accounts(material: Material, person: str) -> Iterable[Thing]:
    """Balances of accounts not closed; a total of their own, not part of financial assets."""
    found = once(
        material.of(person, FundAccount),
        lambda one: one.account,
        lambda one: (str(one.changed_at or ""), one.balance is None, one.balance or ZERO),
    )
    for row, one in found:
        why = "closed" if one.state is AccountState.CLOSED else None
        value = UNKNOWN
        if one.balance is not None:
            value = perhaps(one.balance, sure=one.state is not None)
        on = None if one.changed_at is None else one.changed_at.date()
        yield Thing((row,), AssetKind.HOUSING_FUND, value, on, {"state": word(one.state)}, why)
