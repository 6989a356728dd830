"""Register entries written by hand, in the sources' own fields and units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from connectors.sandbox.register import Entry

WINDOW: Final = tuple(
    date(2025 + (month > 12), month - 12 * (month > 12), 1) for month in range(11, 23)
)
"""November 2025 to October 2026: the 12 whole months before that of `as_of`."""
AS_OF: Final = date(2026, 11, 24)
_REGISTERED: Final = datetime(2015, 5, 6, 10, 22, 31)  # noqa: DTZ001 - as the register keys it


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody of the registers; `id` names the person in truth, by the full number."""

    name: str
    number: str

    @property
    def id(self) -> str:
        return self.number

    @property
    def short(self) -> str:
        """The 15-digit number of before the change."""
        return self.number[:6] + self.number[8:17]

    @property
    def born(self) -> date:
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def sex(self) -> str:
        return "1" if int(self.number[16]) % 2 else "2"


@dataclass(frozen=True, slots=True)
class Employer:
    """Who pays and reports."""

    name: str
    code: str


Sourced = tuple[str, Entry]
"""The source whose register holds the entry, and the entry."""


def _of(
    source: str, who: Who, kind: str, row: Mapping[str, object], number: str | None = None
) -> Sourced:
    return source, Entry(who.name, who.number if number is None else number, row, kind, who.id)


def registered(who: Who, household: str, address: str, relation: str = "02") -> Sourced:
    row: dict[str, object] = {"xm": who.name, "cym": None, "gmsfhm": who.number, "xb": who.sex}
    row |= {"mz": "01", "csrq": who.born, "hh": household, "yhzgx": relation, "hkxz": "1"}
    row |= {"hyzk": "90", "hjdz": f"吉林省{address}", "swbs": "0", "swrq": None, "qczxbs": "0"}
    return _of("household_registry", who, "person", row)


def taxed(
    who: Who, payer: Employer, item: str, month: date, gross: str, tax: str = "0.00"
) -> Sourced:
    """A negative `gross` is the correction of what stands before it."""
    amount = Decimal(gross)
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    row: dict[str, object] = {"xm": who.name, "zjhm": who.number, "sdxmdm": item, "sre": amount}
    row |= {"yjse": Decimal(tax), "skssqq": month, "skssqz": last, "kjywrmc": payer.name}
    row |= {"kjywrsbh": payer.code, "gzbz": "1" if amount < 0 else "0"}
    return _of("tax", who, "item", row)


_RATES: Final = {"110": (80, 160), "310": (20, 70), "210": (3, 7)}
"""Own and employer's share in thousandths: pension, medical care, unemployment."""


def insured(
    who: Who, employer: Employer, months: Iterable[date], base: int, number: str | None = None
) -> list[Sourced]:
    """Three contributions a month; the base in fen."""
    found = []
    for month in months:
        for kind, (own, by_employer) in _RATES.items():
            row: dict[str, object] = {"xm": who.name, "sfzh": number or who.number, "xz": kind}
            row |= {"jfny": f"{month:%Y%m}", "jfjs": base, "grjfje": base * own // 1000}
            row |= {"dwjfje": base * by_employer // 1000, "dwmc": employer.name}
            row |= {"dwbh": employer.code}
            found.append(_of("social_insurance", who, "PAYMENT", row, number))
    return found


def benefits(who: Who, kind: str, months: Iterable[date], fen: int) -> list[Sourced]:
    return [
        _of(
            "social_insurance",
            who,
            "BENEFIT",
            {
                "xm": who.name,
                "sfzh": who.number,
                "dylx": kind,
                "ffny": f"{month:%Y%m}",
                "ffje": fen,
            },
        )
        for month in months
    ]


@dataclass(frozen=True, slots=True)
class Deed:
    """A unit of property as one certificate tells of it."""

    certificate: str
    address: str
    area: str
    owners: tuple[tuple[Who, str], ...]  # with the number as the register keyed it
    unit: str | None = None
    use: str = "住宅"
    sharing: str = "单独所有"
    shares: str = ""
    registered: datetime = field(default=_REGISTERED)
    state: str = "现势"


def owned(deed: Deed) -> list[Sourced]:
    """The deed, listed under each owner."""
    row: dict[str, object] = {"bdcdyh": deed.unit, "bdcqzh": deed.certificate, "zl": deed.address}
    row |= {"mj": Decimal(deed.area), "ghyt": deed.use, "gyfs": deed.sharing}
    row |= {"qlrmc": "、".join(who.name for who, _ in deed.owners)}
    row |= {"qlrzjh": ",".join(number for _, number in deed.owners), "qlbl": deed.shares}
    row |= {"djsj": deed.registered, "qszt": deed.state, "dyzt": "无抵押", "cfzt": "无查封"}
    row |= {"dj": None}
    return [_of("property", who, "ownership", row, number) for who, number in deed.owners]


def shop(
    who: Who, enterprise: Employer, capital: str, state: str = "1", kind: str = "9600"
) -> Sourced:
    """Capital in units of 10,000 yuan."""
    row: dict[str, object] = {"entName": enterprise.name, "uniscid": enterprise.code}
    row |= {"entType": kind, "entStatus": state, "estDate": date(2019, 11, 17)}
    row |= {"regCap": Decimal(capital), "personName": who.name, "idNo": who.number}
    return _of("business_registration", who, "legalRepresentative", row)


def shareholder(who: Who, enterprise: Employer, subscribed: str) -> Sourced:
    """The subscribed contribution in units of 10,000 yuan."""
    row: dict[str, object] = {"entName": enterprise.name, "uniscid": enterprise.code}
    row |= {"entType": "1130", "entStatus": "1", "subConAm": Decimal(subscribed)}
    row |= {"acConAm": Decimal(0), "conProp": Decimal("1.0"), "conDate": date(2018, 7, 1)}
    row |= {"personName": who.name, "idNo": who.number}
    return _of("business_registration", who, "shareholder", row)


@dataclass(frozen=True, slots=True)
class Fund:
    """A housing-fund account; yuan."""

    account: str
    employer: Employer
    base: str
    monthly: str
    balance: str
    state: str = "01"
    last_month: str = "202610"


def fund(who: Who, keyed_name: str, it: Fund) -> Sourced:
    """The name and number as this register keys them: padded."""
    number = f"{who.number}  "
    row: dict[str, object] = {"GRZH": it.account, "XM": keyed_name, "ZJHM": number, "CSRQ": None}
    row |= {"DWMC": it.employer.name, "DWDM": it.employer.code, "JCJS": Decimal(it.base)}
    row |= {"YJCE": Decimal(it.monthly), "ZHYE": Decimal(it.balance), "ZHZT": it.state}
    row |= {"JZNY": it.last_month, "GXSJ": datetime(2026, 10, 15, 9, 30)}  # noqa: DTZ001
    return "housing_fund", Entry(keyed_name, number, row, "account", who.id)


def vehicle(who: Who, plate: str, kind: str, plate_kind: str = "02", state: str = "A") -> Sourced:
    row: dict[str, object] = {"hphm": plate, "hpzl": plate_kind, "cllx": kind, "clpp1": "某某牌"}
    row |= {"clsbdh": f"LFV{plate[-5:]}0A0000006", "syr": who.name, "sfzmhm": who.number}
    row |= {"syxz": "A", "ccdjrq": date(2015, 7, 21), "zt": state, "pl": "125", "hdzk": "2"}
    return _of("vehicle", who, "vehicle", row)


@dataclass(frozen=True, slots=True)
class Account:
    """An account in its own currency."""

    bank: str
    number: str
    balance: str
    kind: str = "01"
    currency: str = "CNY"
    state: str = "0"


def banked(who: Who, it: Account, number: str | None = None) -> Sourced:
    row: dict[str, object] = {"bank": it.bank, "account": it.number, "account_kind": it.kind}
    row |= {"currency": it.currency, "balance": Decimal(it.balance), "balance_date": AS_OF}
    row |= {"branch": "长春卫星路支行", "state": it.state, "money_in": Decimal("2049.41")}
    return _of("bank", who, "account", row | {"money_out": Decimal("3090.23")}, number)


@dataclass(frozen=True, slots=True)
class Contract:
    """A policy; yuan."""

    number: str
    cash_value: str
    kind: str = "寿险"
    role: str = "投保人"
    state: str = "有效"
    annuity: str = "0.00"


def policy(who: Who, it: Contract) -> Sourced:
    row: dict[str, object] = {"bdh": it.number, "gsmc": "某某人寿", "cpmc": "某某保险（分红型）"}
    row |= {"xzfl": it.kind, "role": it.role, "bdzt": it.state, "sxrq": date(2017, 8, 1)}
    row |= {"jffs": "年缴", "ncbf": Decimal("3000.00"), "ljbf": Decimal("27000.00")}
    row |= {"xjjz": Decimal(it.cash_value), "nlqje": Decimal(it.annuity)}
    return _of("insurance", who, "policy", row | {"xm": who.name, "zjhm": who.number})


def holding(who: Who, code: str, kind: str, value: str, cash: str) -> Sourced:
    """The cash of the whole account 一码通账号 stands on each of its lines."""
    row: dict[str, object] = {"一码通账号": "1800****3422", "市场": "深A", "证券代码": code}
    row |= {"证券简称": "某某股份", "证券类别": kind, "持有数量": 300, "市值": Decimal(value)}
    return _of("securities", who, "holding", row | {"资金余额": Decimal(cash), "日期": AS_OF})
