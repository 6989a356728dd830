"""杨家鹏 and a child: a job left with a correction and a bonus, a job known by its base alone."""

from typing import Final

from tests.acceptance.five.case import Case, Expected
from tests.acceptance.five.rows import (
    WINDOW,
    Account,
    Contract,
    Employer,
    Sourced,
    Who,
    banked,
    insured,
    policy,
    registered,
    taxed,
)

YANG: Final = Who("杨家鹏", "229902198904153833")
CHILD: Final = Who("杨一桐", "229908201402091057")
NAMESAKE: Final = Who("杨家鹏", "229908199012192717")
LEFT: Final = Employer("长春市鑫泰物业有限公司", "91220102MAY1Q6167H")
NEW: Final = Employer("长春市天华保洁服务有限公司", "91220102MARYE6G3RR")
CARRIER: Final = Employer("长春市福兴瑞运输有限公司", "91220102MA6L515L2C")
HOME: Final = "长春市南关区新立镇双庙子村4组86号"

ENTRIES: Final[tuple[Sourced, ...]] = (
    registered(YANG, "220102000002", HOME),
    registered(CHILD, "220102000002", HOME, "20"),
    taxed(YANG, LEFT, "0101", WINDOW[0], "2614.00"),
    taxed(YANG, LEFT, "0101", WINDOW[1], "2660.00"),
    taxed(YANG, LEFT, "0101", WINDOW[1], "-2660.00"),  # taken back …
    taxed(YANG, LEFT, "0101", WINDOW[1], "2560.00"),  # … and entered anew
    taxed(YANG, LEFT, "0101", WINDOW[2], "2682.00"),
    taxed(YANG, LEFT, "0103", WINDOW[2], "1200.00", "36.00"),
    # The social insurance still keeps the 15-digit number.
    *insured(YANG, LEFT, WINDOW[:3], 360000, YANG.short),
    *insured(YANG, NEW, WINDOW[10:], 360000, YANG.short),
    banked(YANG, Account("icbc", "6228****3998", "3088.08", kind="02")),
    banked(YANG, Account("icbc", "6222****3999", "100.00", state="1")),
    banked(YANG, Account("abc", "6228****4001", "400.00", currency="USD")),
    banked(YANG, Account("abc", "6228****4002", "500.00", state="9")),
    banked(YANG, Account("abc", "6228****4003", "20000.00", kind="09")),
    banked(YANG, Account("jlrcu", "6228****1380", "543.31", kind="03")),
    policy(YANG, Contract("P2201000000029", "800.00", role="被保险人")),
    policy(YANG, Contract("P2201000000030", "1200.00", state="失效")),
    registered(NAMESAKE, "220102104372", "长春市南关区民康街道大经路61号17栋1单元702室", "20"),
    *(taxed(NAMESAKE, CARRIER, "0101", month, "4160.00") for month in WINDOW[1:]),
    *insured(NAMESAKE, CARRIER, WINDOW[1:], 416000, NAMESAKE.short),
    banked(
        NAMESAKE,
        Account("icbc", "6210****0215", "2810170.58", currency="KRW"),
        NAMESAKE.short,
    ),
)

EXPECTED: Final = Expected(
    income=[
        # Tax: 2,614 + (2,660 − 2,660 + 2,560) + 2,682 = 7,856.00, bonus 1,200.00, less tax 36.00
        # and own contributions 3 × (288.00 + 72.00 + 10.80) = 1,112.40: 7,907.60 over 12 months
        ("m1", "wage", "658.97", True),
        # No tax entry: the base is the floor 3,600.00, so the minimum wage 2,120.00 counts, less
        # own contributions 370.80; 2 × 1,749.20 = 3,498.40 over 12 months
        ("m1", "wage", "291.53", True),
    ],
    assets=[
        ("m1", "deposit", "3088.08", True),
        ("m1", "deposit", "100.00", True),  # frozen, still the person's
        ("m1", "deposit", "2840.00", True),  # 400.00 dollars at 7.10
        ("m1", "deposit", "500.00", False),  # closed
        ("m1", "deposit", "20000.00", False),  # a loan, owed
        ("m1", "wealth_product", "543.31", True),
        ("m1", "insurance", "800.00", False),  # the insured, not the holder
        ("m1", "insurance", "1200.00", False),  # lapsed
    ],
    totals={
        "household_size": 2,
        "monthly_income": "950.50",  # (7,907.60 + 3,498.40) ÷ 12 = 11,406.00 ÷ 12
        "monthly_income_per_person": "475.25",
        "financial_assets": "6571.39",  # 3,088.08 + 100.00 + 2,840.00 + 543.31
        "financial_assets_per_person": "3285.70",  # 3,285.695, half up
        "homes": 0,
        "floor_area": "0.00",
        "vehicles": 0,
        "vessels": 0,
        "businesses": 0,
        "business_capital": "0.00",
        "housing_fund_balance": "0.00",
    },
    outcomes={"rural_dibao": "confirmed", "dibao_edge": "confirmed"},
    findings=frozenset({("income_above_declared", "m1")}),  # 640.00 declared
    benefits={"rural_dibao": "89.50"},  # 2 × (520.00 − 475.25)
)

CASE: Final = Case(reference="220102-2026-000002", entries=ENTRIES, expected=EXPECTED)
