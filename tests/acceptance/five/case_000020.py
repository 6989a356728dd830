"""徐秀英, alone in the country and ill: rent and an annuity less proven medical cost."""

from typing import Final

from tests.acceptance.five.case import Case, Expected
from tests.acceptance.five.rows import (
    WINDOW,
    Account,
    Contract,
    Deed,
    Employer,
    Sourced,
    Who,
    banked,
    benefits,
    owned,
    policy,
    registered,
    taxed,
)

XU: Final = Who("徐秀英", "22990819610921232X")
NAMESAKE: Final = Who("徐秀英", "229907195508163528")
TENANT: Final = Employer("长春市南关区太平山村委会", "54220102MEA7654321")

ENTRIES: Final[tuple[Sourced, ...]] = (
    registered(XU, "220102000020", "长春市南关区新立镇太平山村6组34号"),
    *benefits(XU, "05", WINDOW[:2], 18900),
    *benefits(XU, "05", WINDOW[2:], 19350),
    *(taxed(XU, TENANT, "0801", WINDOW[place], "3000.00") for place in (1, 5, 9)),
    banked(XU, Account("jlrcu", "6228****7001", "1297.76", kind="02")),
    policy(XU, Contract("P2201000000777", "2000.00", kind="年金", annuity="120.00")),
    *owned(Deed("长房权证南字第80000034号", "新立镇太平山村6组34号", "63.03", ((XU, XU.short),))),
    registered(NAMESAKE, "220102104600", "长春市南关区民康街道解放大路89号7栋2单元504室"),
    *benefits(NAMESAKE, "01", WINDOW, 310000),
    banked(NAMESAKE, Account("jlrcu", "6228****8001", "64000.00")),
    policy(NAMESAKE, Contract("P2201000000888", "15000.00")),
)

EXPECTED: Final = Expected(
    income=[
        ("m1", "property", "750.00", True),  # rent 3 × 3,000.00 = 9,000.00
        ("m1", "property", "10.00", True),  # annuity 120.00
        ("m1", "transfer", "31.50", False),  # pension of 2025: 2 × 189.00
        ("m1", "transfer", "161.25", True),  # pension of 2026: 10 × 193.50 = 1,935.00
    ],
    assets=[
        ("m1", "deposit", "1297.76", True),
        ("m1", "insurance", "2000.00", True),
        ("m1", "home", None, True),
    ],
    totals={
        "household_size": 1,
        # 9,000 + 120 + 1,935 = 11,055.00, less medical 11,300 − 5,000 = 6,300.00: 4,755.00 ÷ 12
        "monthly_income": "396.25",
        "monthly_income_per_person": "396.25",
        "financial_assets": "3297.76",
        "financial_assets_per_person": "3297.76",
        "homes": 1,
        "floor_area": "63.03",
        "vehicles": 0,
        "vessels": 0,
        "businesses": 0,
        "business_capital": "0.00",
        "housing_fund_balance": "0.00",
    },
    outcomes={"rural_dibao": "confirmed", "dibao_edge": "confirmed"},
    findings=frozenset({("income_not_declared", "m1"), ("asset_not_declared", "m1")}),
    benefits={"rural_dibao": "123.75"},  # 520.00 − 396.25
)

CASE: Final = Case(reference="220102-2026-000020", entries=ENTRIES, expected=EXPECTED)
