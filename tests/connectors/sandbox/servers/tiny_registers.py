"""Two persons and a namesake in every register, written by hand."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from connectors.sandbox.register import SOURCES, Entry, Register
from connectors.sandbox.sandbox import Sandbox, run_sandbox

LI_MING: Final = ("李明", "229901198003071236")
NAMESAKE: Final = ("李明", "229903197511020310")
WANG_FANG: Final = ("王芳", "229901198204152227")
NOBODY: Final = ("赵无", "229912199001010011")
RARE: Final = ("𬱖䶮", "229905199203040020")
HOUSEHOLD: Final = "220102003041"


def entry(person: tuple[str, str], kind: str, **row: object) -> Entry:
    return Entry(person[0], person[1], row, kind, None)


def registered(person: tuple[str, str], household: str = HOUSEHOLD) -> Entry:
    name, number = person
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    row = {"xm": name, "cym": None, "gmsfhm": number, "xb": "1", "mz": "01", "csrq": born}
    row |= {"hh": household, "yhzgx": "02", "hkxz": "2", "hyzk": "20"}
    row |= {"hjdz": "吉林省长春市南关区民康街道7委3组12号", "swbs": "0", "swrq": None}
    return Entry(name, number, row | {"qczxbs": "0"}, "person", None)


def wage(person: tuple[str, str], month: date, gross: str) -> Entry:
    row: dict[str, object] = {"xm": person[0], "zjhm": person[1], "sdxmdm": "0101"}
    row |= {"sre": Decimal(gross), "yjse": Decimal("0.00"), "skssqq": month}
    row |= {"skssqz": month.replace(day=28), "kjywrmc": "长春市某某<物业>有限公司"}
    row |= {"kjywrsbh": "91220102MA0Y5X1A2B", "gzbz": "0"}
    return Entry(*person, row, "item", None)


def contribution(person: tuple[str, str], month: str) -> Entry:
    row: dict[str, object] = {"xm": person[0], "sfzh": person[1], "xz": "110", "jfny": month}
    row |= {"jfjs": 360000, "grjfje": 28800, "dwjfje": 57600}
    row |= {"dwmc": "长春市某某物业有限公司", "dwbh": "91220102MA0Y5X1A2B"}
    return Entry(*person, row, "PAYMENT", None)


def benefit(person: tuple[str, str], month: str) -> Entry:
    row: dict[str, object] = {"xm": person[0], "sfzh": person[1], "dylx": "02", "ffny": month}
    return Entry(*person, row | {"ffje": 142000}, "BENEFIT", None)


def home(person: tuple[str, str], place: int) -> Entry:
    row: dict[str, object] = {"bdcdyh": f"220102003041GB00012F0003{place:04d}"}
    row |= {"bdcqzh": f"吉（2019）长春市不动产权第{place:07d}号", "zl": "平阳街12号3栋2单元501室"}
    row |= {"mj": Decimal("58.42"), "ghyt": "住宅", "gyfs": "单独所有", "qlrmc": person[0]}
    row |= {"qlrzjh": person[1], "qlbl": "", "djsj": datetime(2019, 5, 6, 10, 22, 31)}  # noqa: DTZ001
    return Entry(
        *person,
        row | {"qszt": "现势", "dyzt": "有抵押", "cfzt": "无查封", "dj": None},
        "ownership",
        None,
    )


def shop(person: tuple[str, str]) -> Entry:
    row: dict[str, object] = {"entName": "长春市某某小吃店", "uniscid": "92220102MA15XK3T7D"}
    row |= {"entType": "9600", "entStatus": "1", "estDate": date(2021, 4, 2)}
    row |= {"regCap": Decimal("20.5"), "personName": person[0], "idNo": person[1]}
    return Entry(*person, row, "legalRepresentative", None)


def fund(person: tuple[str, str], padded: str) -> Entry:
    row: dict[str, object] = {"GRZH": f"2201{person[1][-6:]}", "XM": padded, "ZJHM": person[1]}
    row |= {"CSRQ": None, "DWMC": "长春市某某公司", "DWDM": None, "JCJS": Decimal("4600.00")}
    row |= {"YJCE": Decimal("700.00"), "ZHYE": Decimal("26700.15"), "ZHZT": "01"}
    row |= {"JZNY": "202610", "GXSJ": datetime(2026, 10, 15, 9, 30)}  # noqa: DTZ001
    return Entry(*person, row, "account", None)


def car(person: tuple[str, str]) -> Entry:
    row: dict[str, object] = {"hphm": "吉A3K58C", "hpzl": "02", "cllx": "K33", "clpp1": "某某牌"}
    row |= {"clsbdh": "LFV2A21K5A3000001", "syr": person[0], "sfzmhm": person[1], "syxz": "A"}
    row |= {"ccdjrq": date(2016, 3, 2), "zt": "A", "pl": 1598, "hdzk": 5}
    return Entry(*person, row, "vehicle", None)


def boat(person: tuple[str, str]) -> Entry:
    row: dict[str, object] = {"cm": "吉渔0123", "cbdjh": "220000012345", "cblx": "渔船"}
    row |= {"zdw": Decimal("3.2"), "syr": person[0], "sfzmhm": person[1]}
    return Entry(*person, row | {"djrq": date(2012, 6, 1), "zt": "在籍"}, "vessel", None)


def account(person: tuple[str, str], bank: str, balance: str, currency: str = "CNY") -> Entry:
    row: dict[str, object] = {"bank": bank, "account": "6222****0123", "account_kind": "01"}
    row |= {"currency": currency, "balance": Decimal(balance), "balance_date": date(2026, 11, 24)}
    row |= {"branch": "长春平阳街支行", "state": "0", "money_in": Decimal("18600.00")}
    return Entry(*person, row | {"money_out": Decimal("17211.40")}, "account", None)


def policy(person: tuple[str, str]) -> Entry:
    row: dict[str, object] = {"bdh": "P2201000012345", "gsmc": "某某人寿", "cpmc": "某某年金保险"}
    row |= {"xzfl": "年金", "role": "投保人", "xm": person[0], "zjhm": person[1], "bdzt": "有效"}
    row |= {"sxrq": date(2017, 8, 1), "jffs": "年缴", "ncbf": Decimal("3000.00")}
    row |= {"ljbf": Decimal("27000.00"), "xjjz": Decimal("19850.00"), "nlqje": Decimal("0.00")}
    return Entry(*person, row, "policy", None)


def holding(person: tuple[str, str]) -> Entry:
    row: dict[str, object] = {"一码通账号": "1800****4521", "市场": "沪A", "证券代码": "600000"}
    row |= {"证券简称": "某某股份", "证券类别": "股票", "持有数量": 300}
    row |= {"市值": Decimal("2931.00"), "资金余额": Decimal("105.20"), "日期": date(2026, 11, 23)}
    return Entry(*person, row, "holding", None)


def tiny_registers() -> dict[str, Register]:
    months = ("202511", "202512", "202611")
    entries: dict[str, list[Entry]] = {
        "household_registry": [
            *map(registered, (LI_MING, WANG_FANG)),
            registered(NAMESAKE, "220102104372"),
        ],
        "tax": [
            *(wage(LI_MING, date(2026, month, 1), "2600.00") for month in (1, 2, 11)),
            wage(NAMESAKE, date(2026, 3, 1), "4100.50"),
            wage(WANG_FANG, date(2026, 3, 1), "-4100.50"),
        ],
        "social_insurance": [
            *(contribution(LI_MING, month) for month in months),
            benefit(WANG_FANG, "202601"),
        ],
        "property": [*(home(LI_MING, place) for place in range(45)), home(WANG_FANG, 99)],
        "business_registration": [shop(LI_MING), shop(WANG_FANG)],
        "housing_fund": [fund(LI_MING, "李　明"), fund(WANG_FANG, "王芳")],
        "vehicle": [boat(LI_MING), car(LI_MING), car(WANG_FANG), car(RARE)],
        "bank": [
            account(LI_MING, "icbc", "15320.55"),
            account(NAMESAKE, "icbc", "1200.00", "USD"),
            account(LI_MING, "psbc", "15000.00"),
            account(LI_MING, "psbc", "1000.00", "USD"),
            account(NAMESAKE, "psbc", "20000.00"),
            account(WANG_FANG, "icbc", "7.00"),
        ],
        "insurance": [policy(LI_MING), policy(WANG_FANG)],
        "securities": [holding(LI_MING), holding(NAMESAKE), holding(WANG_FANG)],
    }
    registers: Mapping[str, list[Entry]] = entries
    return {source: Register(registers[source]) for source in SOURCES}


def tiny_sandbox(folder: Path, **pace: float) -> AbstractAsyncContextManager[Sandbox]:
    """A sandbox over the tiny registers, on free ports of the loopback."""
    return run_sandbox(tiny_registers(), folder=folder, **pace)  # type: ignore[arg-type]
