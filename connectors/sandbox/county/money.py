"""Bank accounts, securities and policies."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from connectors.sandbox.county.truth import Account, Holding, Policy
from connectors.sandbox.county.world import World

BANKS: Final = ("icbc", "abc", "psbc", "jlrcu")
FOREIGN_UNITS: Final = {"USD": Decimal("0.14"), "KRW": Decimal(190)}
"""How many units of a currency one yuan is worth, roughly: sizes the balances only."""

_ZERO: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Savings:
    """What an account is to be like; the balance in its own currency."""

    balance: Decimal
    bank: str | None = None
    kind: str | None = None
    currency: str = "CNY"
    state: str | None = None


def account(world: World, wanted: Savings) -> Account:
    """An account; most are current accounts in normal state."""
    rng = world.rng
    state = wanted.state or rng.choices("0129", (93, 1, 4, 2))[0]
    kind = wanted.kind or rng.choices(("01", "02", "03", "04"), (62, 28, 8, 2))[0]
    stale = world.chance(0.04)
    moved = wanted.balance * Decimal(rng.randrange(40, 160)) / 100
    return Account(
        bank=wanted.bank or rng.choice(BANKS),
        number=world.numbers.account(),
        kind=kind,
        currency=wanted.currency,
        balance=_ZERO if state == "9" else wanted.balance,
        balance_date=world.as_of - timedelta(days=rng.randrange(10, 60) if stale else 0),
        branch=f"长春{rng.choice(world.lists.streets)}支行",
        state=state,
        money_in=_ZERO if state in "29" else cents(moved),
        money_out=_ZERO if state in "29" else cents(moved * Decimal("0.9")),
    )


def foreign_account(world: World, yuan: Decimal) -> Account:
    """An account in US dollars or Korean won, worth about so many yuan."""
    currency = world.rng.choice(("USD", "KRW", "KRW"))
    return account(world, Savings(cents(yuan * FOREIGN_UNITS[currency]), currency=currency))


def loan(world: World, owed: Decimal) -> Account:
    """Money owed to a bank: no asset."""
    return account(world, Savings(owed, kind="09", state="0"))


def holdings(world: World, value: Decimal) -> list[Holding]:
    """One or two lines of securities of one 一码通账号, worth about so much, the cash on each."""
    rng = world.rng
    number = f"1800****{rng.randrange(10**4):04d}"
    cash = world.yuan(0, 600)
    lines = rng.choice((1, 1, 2))
    return [
        Holding(
            account=number,
            market=rng.choice(("沪A", "深A")),
            code=f"{rng.choice(('600', '000', '300'))}{rng.randrange(1000):03d}",
            title="某某股份" if kind == "股票" else "某某基金",
            kind=kind,
            quantity=rng.randrange(1, 40) * 100,
            value=cents(value / lines),
            cash=cash,
            on=world.as_of,
        )
        for kind in rng.choices(("股票", "基金", "债券"), (80, 17, 3), k=lines)
    ]


def policy(world: World, cash_value: Decimal, role: str = "投保人") -> Policy:
    """A life, annuity or health policy in force; only the holder owns the cash value."""
    rng = world.rng
    kind = rng.choice(("寿险", "年金", "健康", "意外"))
    style = rng.choice(("分红型", "万能型", "传统型"))
    state = rng.choices(("有效", "失效", "终止", "满期"), (88, 5, 4, 3))[0]
    pays = kind == "年金" and state == "有效" and role == "投保人" and world.chance(0.2)
    worth = _ZERO if kind == "意外" else cash_value
    premiums = cents(worth * Decimal("1.3")) or Decimal("360.00")
    return Policy(
        number=f"P2201{world.numbers.next():09d}",
        insurer=rng.choice(world.lists.insurers[:3]),
        product=f"某某{kind}保险（{style}）",
        kind=kind,
        role=role,
        state=state,
        since=world.day(2006, world.as_of.year - 1).replace(day=1),
        paid_how=rng.choice(("年缴", "月缴", "趸缴")),
        premium=cents(premiums / 10),
        premiums=premiums,
        cash_value=worth,
        annuity=cents(worth / 20) if pays else _ZERO,
    )


def motor_policy(world: World) -> Policy:
    """The insurance of a car: no cash value."""
    premium = Decimal(world.rng.randrange(900, 3200, 10))
    return Policy(
        number=f"P2201{world.numbers.next():09d}",
        insurer="某某财险",
        product="机动车综合商业保险",
        kind="车险",
        role="投保人",
        state="有效",
        since=(world.as_of - timedelta(days=world.rng.randrange(1, 360))).replace(day=1),
        paid_how="年缴",
        premium=premium,
        premiums=premium,
        cash_value=_ZERO,
        annuity=_ZERO,
    )


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
