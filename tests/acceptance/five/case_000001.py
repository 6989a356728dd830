"""王明海, alone in the country: pension over the year change, a stall without taxed receipts."""

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
    insured,
    owned,
    policy,
    registered,
    shop,
    taxed,
    vehicle,
)

WANG: Final = Who("王明海", "229906196312301173")
NAMESAKE: Final = Who("王明海", "229903197102140039")
FARM: Final = Employer("长春市南关区柳条沟村委会", "54220102MEA1234563")
BANK: Final = Employer("长春市鑫和农业合作社", "93220102MA5T4TQN96")
LOTTERY: Final = Employer("吉林省福利彩票发行中心", "12220000412759123A")
STALL: Final = Employer("长春市南关区明海菜摊", "92220102MA17XK3T7D")
WORKS: Final = Employer("长春市鑫和建筑劳务有限公司", "91220102MA5T4TQN96")

ENTRIES: Final[tuple[Sourced, ...]] = (
    registered(WANG, "220102000001", "长春市南关区新立镇柳条沟村3组61号"),
    *benefits(WANG, "05", WINDOW[:2], 18900),  # November and December 2025
    *benefits(WANG, "05", WINDOW[2:], 19350),  # January to October 2026
    *(taxed(WANG, FARM, "0801", month, "300.00") for month in WINDOW),
    taxed(WANG, BANK, "0700", WINDOW[3], "120.00", "24.00"),
    taxed(WANG, LOTTERY, "1000", WINDOW[6], "300.00"),
    taxed(WANG, FARM, "0900", WINDOW[8], "5000.00"),
    shop(WANG, STALL, "3"),  # in business, and no 0200 in the window
    banked(WANG, Account("jlrcu", "6228****1001", "733.31", kind="03")),
    banked(WANG, Account("psbc", "6217****1002", "1500.00")),
    policy(WANG, Contract("P2201000000001", "6100.00", kind="健康", state="满期")),
    vehicle(WANG, "吉A3K58C", "N11", plate_kind="07"),
    *owned(
        Deed(
            "长房权证南字第80000061号",
            "新立镇柳条沟村3组61号",
            "63.03",
            ((WANG, WANG.short),),
        )
    ),
    # The namesake has what the applicant has not.
    registered(NAMESAKE, "220102104001", "长春市南关区民康街道大经路61号17栋1单元702室"),
    *(taxed(NAMESAKE, WORKS, "0101", month, "8090.00", "68.22") for month in WINDOW),
    *insured(NAMESAKE, WORKS, WINDOW, 809000, NAMESAKE.short),
    banked(NAMESAKE, Account("psbc", "6217****2001", "88000.00")),
    banked(NAMESAKE, Account("icbc", "6222****2002", "40000.00")),
    vehicle(NAMESAKE, "吉AP4QPJ", "K33"),
)

EXPECTED: Final = Expected(
    income=[
        ("m1", "business", {"min": "0.00", "max": None}, True),  # trades, nothing taxed: unknown
        ("m1", "property", "300.00", True),  # rent 12 × 300.00 = 3,600.00
        ("m1", "property", "10.00", True),  # interest 120.00; its tax is not taken off
        ("m1", "property", "416.67", False),  # sale 5,000.00 is no income
        ("m1", "transfer", "31.50", False),  # pension of 2025: 2 × 189.00 = 378.00
        ("m1", "transfer", "161.25", True),  # pension of 2026: 10 × 193.50 = 1,935.00
        ("m1", "transfer", "25.00", True),  # lottery 300.00
    ],
    assets=[
        ("m1", "wealth_product", "733.31", True),
        ("m1", "deposit", {"min": "0.00", "max": "20000.00"}, True),  # psbc: not over its limit
        ("m1", "insurance", "6100.00", False),  # matured
        ("m1", "vehicle", None, False),  # a three-wheeler
        ("m1", "home", None, True),
        ("m1", "business", "30000.00", True),  # 3 × 10,000
    ],
    totals={
        "household_size": 1,
        # 3,600 + 120 + 1,935 + 300 = 5,955.00 a year, and what the stall brings in
        "monthly_income": {"min": "496.25", "max": None},
        "monthly_income_per_person": {"min": "496.25", "max": None},
        "financial_assets": {"min": "733.31", "max": "20733.31"},  # 733.31 + 0 … 20,000.00
        "financial_assets_per_person": {"min": "733.31", "max": "20733.31"},
        "homes": 1,
        "floor_area": "63.03",
        "vehicles": 0,
        "vessels": 0,
        "businesses": 1,
        "business_capital": "30000.00",
        "housing_fund_balance": "0.00",
    },
    # Limits: 520.00 and 24 × 520.00 = 12,480.00; 780.00 and 18,720.00. Both tests stay open.
    outcomes={"rural_dibao": "undetermined", "dibao_edge": "undetermined"},
    findings=frozenset(
        {
            ("business_income_unknown", "m1"),
            ("asset_disposed_recently", "m1"),
            ("asset_not_declared", "m1"),  # the stall
        }
    ),
)

CASE: Final = Case(reference="220102-2026-000001", entries=ENTRIES, expected=EXPECTED)
