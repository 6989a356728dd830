"""What registers say of the made-up people, a builder a kind of record.

Every builder gives a record of m1 that stands by itself; what a test is about is what it changes.
All identity numbers have the unassigned area code 2299xx and a right check character.
"""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from app.domain.period import plus_months
from connectors.records import (
    AccountState,
    BalanceLimit,
    BankAccount,
    BankAccountKind,
    BankAccountState,
    Benefit,
    BenefitKind,
    BusinessInterest,
    Contribution,
    EnterpriseKind,
    EnterpriseState,
    FundAccount,
    Holding,
    HoldingKind,
    IncomeEntry,
    IncomeItem,
    InsuranceKind,
    InterestRole,
    Ownership,
    PlannedUse,
    Policy,
    PolicyClass,
    PolicyRole,
    PolicyState,
    RegisteredPerson,
    Relation,
    Sharing,
    Subject,
    Vehicle,
    VehicleKind,
    VehicleState,
    Vessel,
)

AS_OF: Final = date(2026, 11, 24)
WINDOW: Final = tuple(plus_months(date(2025, 11, 1), number) for number in range(12))
"""November 2025 to October 2026."""
WORKS: Final = ("长春市某某物业有限公司", "91220102MA0Y5X1A2B")
OTHER_WORKS: Final = ("长春市某某商贸有限公司", "91220102MA14X0AB1C")
_FACTORS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(first_17: str) -> str:
    """A resident identity number 公民身份号码 from its first 17 digits (GB 11643)."""
    total = sum(int(digit) * factor for digit, factor in zip(first_17, _FACTORS, strict=True))
    return first_17 + "10X98765432"[total % 11]


PEOPLE: Final = {
    "m1": ("李明", number("22990119800307123")),
    "m2": ("王芳", number("22990119820415222")),
    "m3": ("李小雨", number("22990120100608122")),
    "m4": ("李大山", number("22990119520110131")),
    "s1": ("李建国", number("22990119550203121")),
    "s2": ("李建华", number("22990119570909119")),
}
STRANGER: Final = ("赵四海", number("22990319710214003"))


def subject(ref: str = "m1", **changes: Any) -> Subject:
    """As a register keys the person: name and full number."""
    name, id_number = PEOPLE[ref]
    return Subject(**{"name": name, "id_number": id_number, **changes})


def stranger() -> Subject:
    return Subject(name=STRANGER[0], id_number=STRANGER[1])


def _common(defaults: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {"subjects": (subject(),), "raw": {}, **defaults, **changes}


def a_registered_person(ref: str = "m1", **changes: Any) -> RegisteredPerson:
    """The registry's row, with the date of birth that the number has."""
    born = datetime.strptime(PEOPLE[ref][1][6:14], "%Y%m%d").date()  # noqa: DTZ007 - a date
    relations = {"m1": Relation.HEAD, "m2": Relation.SPOUSE, "m3": Relation.CHILD}
    defaults: dict[str, Any] = {
        "subjects": (subject(ref, birth_date=born),),
        "household_number": "220102009001",
        "relation": relations.get(ref, Relation.OTHER),
        "agricultural": False,
        "marital_status": None,
        "ethnic_group": "01",
        "dead": False,
        "died_on": None,
        "moved_out": False,
    }
    return RegisteredPerson(**_common(defaults, changes))


def a_tax_entry(
    gross: str | None = "3000.00", month: date | None = WINDOW[0], **changes: Any
) -> IncomeEntry:
    """Wages of one month from WORKS, no tax paid."""
    defaults: dict[str, Any] = {
        "item": IncomeItem.WAGES,
        "gross": None if gross is None else Decimal(gross),
        "tax": Decimal(0),
        "period_from": month,
        "period_to": month,
        "payer": WORKS[0],
        "payer_code": WORKS[1],
        "correction": False,
    }
    return IncomeEntry(**_common(defaults, changes))


def a_contribution(
    base: str | None = "3600.00",
    month: date | None = WINDOW[0],
    own: str | None = "0",
    **changes: Any,
) -> Contribution:
    """Pension of enterprise employees (110), paid by WORKS."""
    defaults: dict[str, Any] = {
        "insurance": InsuranceKind.PENSION_ENTERPRISE,
        "month": month,
        "base": None if base is None else Decimal(base),
        "own": None if own is None else Decimal(own),
        "by_employer": Decimal(0),
        "employer": WORKS[0],
        "employer_code": WORKS[1],
    }
    return Contribution(**_common(defaults, changes))


def a_benefit(
    kind: BenefitKind | None, amount: str | None, month: date | None = WINDOW[0], **changes: Any
) -> Benefit:
    value = None if amount is None else Decimal(amount)
    return Benefit(**_common({"kind": kind, "month": month, "amount": value}, changes))


def a_fund_account(base: str | None = "3800.00", **changes: Any) -> FundAccount:
    """A paying account of WORKS, paid up to the last month of the window, nothing deducted."""
    defaults: dict[str, Any] = {
        "account": "2201337001",
        "employer": WORKS[0],
        "employer_code": WORKS[1],
        "base": None if base is None else Decimal(base),
        "monthly": Decimal(0),
        "balance": Decimal(0),
        "state": AccountState.PAYING,
        "last_month": WINDOW[-1],
        "changed_at": None,
    }
    return FundAccount(**_common(defaults, changes))


def a_business_interest(**changes: Any) -> BusinessInterest:
    """A sole trader in business with 30,000 yuan of registered capital."""
    defaults: dict[str, Any] = {
        "role": InterestRole.LEGAL_REPRESENTATIVE,
        "enterprise": "长春市某某小吃店",
        "enterprise_code": "92220102MA15XK3T7D",
        "kind": EnterpriseKind.SOLE_TRADER,
        "state": EnterpriseState.IN_BUSINESS,
        "established_on": date(2021, 4, 2),
        "registered_capital": Decimal(30000),
        "subscribed": None,
        "paid_in": None,
        "share": None,
    }
    return BusinessInterest(**_common(defaults, changes))


def a_shareholding(subscribed: str | None, **changes: Any) -> BusinessInterest:
    """A shareholder of a company in business."""
    defaults: dict[str, Any] = {
        "role": InterestRole.SHAREHOLDER,
        "enterprise": OTHER_WORKS[0],
        "enterprise_code": OTHER_WORKS[1],
        "kind": EnterpriseKind.COMPANY,
        "registered_capital": None,
        "subscribed": None if subscribed is None else Decimal(subscribed),
    }
    return a_business_interest(**{**defaults, **changes})


def an_account(balance: str | None = "1000.00", **changes: Any) -> BankAccount:
    """A current account in yuan at the bank icbc."""
    defaults: dict[str, Any] = {
        "bank": "icbc",
        "account": "6222****0123",
        "kind": BankAccountKind.CURRENT,
        "currency": "CNY",
        "balance": None if balance is None else Decimal(balance),
        "balance_on": AS_OF,
        "branch": None,
        "state": BankAccountState.NORMAL,
        "money_in": None,
        "money_out": None,
    }
    return BankAccount(**_common(defaults, changes))


def a_limit(*, over: bool, limit: str = "20000.00", **changes: Any) -> BalanceLimit:
    defaults: dict[str, Any] = {"bank": "psbc", "over": over, "limit": Decimal(limit)}
    return BalanceLimit(**_common(defaults, changes))


def a_holding(value: str | None = "2931.00", cash: str | None = "0", **changes: Any) -> Holding:
    """A stock in the account 1800****4521."""
    defaults: dict[str, Any] = {
        "account": "1800****4521",
        "market": "沪A",
        "code": "600000",
        "security": "某某股份",
        "kind": HoldingKind.STOCK,
        "quantity": Decimal(300),
        "market_value": None if value is None else Decimal(value),
        "cash": None if cash is None else Decimal(cash),
        "valued_on": AS_OF,
    }
    return Holding(**_common(defaults, changes))


def a_policy(cash_value: str | None = "19850.00", **changes: Any) -> Policy:
    """A life insurance in force, the person being the holder, no annuity received."""
    defaults: dict[str, Any] = {
        "number": "P2201000012345",
        "insurer": "某某人寿",
        "product": "某某终身寿险",
        "policy_class": PolicyClass.LIFE,
        "role": PolicyRole.HOLDER,
        "state": PolicyState.IN_FORCE,
        "effective_on": None,
        "payment": None,
        "yearly_premium": None,
        "premiums_paid": None,
        "cash_value": None if cash_value is None else Decimal(cash_value),
        "annuity_received": Decimal(0),
    }
    return Policy(**_common(defaults, changes))


def a_home(*owners: str, area: str | None = "60.00", **changes: Any) -> Ownership:
    """A home in force of these owners (m1 alone, where none is named), jointly where many."""
    refs = owners or ("m1",)
    defaults: dict[str, Any] = {
        "subjects": tuple(subject(ref) for ref in refs),
        "unit": "220102003041GB00012F00030012",
        "certificate": "吉（2019）长春市不动产权第0012345号",
        "address": "长春市南关区民康街道平阳街12号3栋2单元501室",
        "area": None if area is None else Decimal(area),
        "use": PlannedUse.HOME,
        "sharing": Sharing.SOLE if len(refs) == 1 else Sharing.JOINT,
        "shares": (None,) * len(refs),
        "registered_on": date(2019, 5, 6),
        "in_force": True,
        "mortgaged": False,
        "sealed": False,
    }
    return Ownership(**_common(defaults, changes))


def shares(*parts: str | None) -> tuple[Fraction | None, ...]:
    return tuple(None if part is None else Fraction(part) for part in parts)


def a_vehicle(**changes: Any) -> Vehicle:
    """A passenger car in state A."""
    defaults: dict[str, Any] = {
        "plate": "吉A3K58C",
        "plate_kind": "02",
        "kind": VehicleKind.PASSENGER_CAR,
        "brand": None,
        "vin": None,
        "use": "A",
        "state": VehicleState.NORMAL,
        "registered_on": date(2016, 3, 2),
    }
    return Vehicle(**_common(defaults, changes))


def a_vessel(**changes: Any) -> Vessel:
    defaults: dict[str, Any] = {
        "vessel_name": "吉渔0123",
        "number": "220000012345",
        "kind": "渔船",
        "tonnage": Decimal("3.2"),
        "registered_on": date(2012, 6, 1),
        "in_register": True,
    }
    return Vessel(**_common(defaults, changes))
