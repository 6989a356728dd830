"""李明 and 王玉红: a pension, supporters of whom one pays, one home under two certificates."""

from datetime import datetime
from typing import Final

from tests.acceptance.five.case import Case, Expected
from tests.acceptance.five.rows import (
    WINDOW,
    Account,
    Contract,
    Deed,
    Employer,
    Fund,
    Sourced,
    Who,
    banked,
    benefits,
    fund,
    holding,
    insured,
    owned,
    policy,
    registered,
    taxed,
    vehicle,
)

LI_MING: Final = Who("李明", "229906196107094478")
WIFE: Final = Who("王玉红", "229911196708122789")
DAUGHTER: Final = Who("李静", "229912198312080805")
SON: Final = Who("李立鹏", "229911198708132337")
BROTHER: Final = Who("李建", "229906195803030481")
NAMESAKE: Final = Who("李明", "229901195805062573")
OTHER_SON: Final = Who("李立鹏", "229912197506103230")
CLEANING: Final = Employer("长春市天华保洁服务有限公司", "91220102MARYE6G3RR")
OFFICE: Final = Employer("长春市福兴丰食品有限公司", "91220102MA6CCATRCA")
ODD: Final = Employer("长春市永通隆劳务派遣有限公司", "91220102MA35JY1TU6")
OTHER: Final = Employer("长春市永源保洁服务有限公司", "91220102MAWR3XXHDK")
HOME: Final = "长春市南关区民康街道民康路114号19栋6单元404室"

ENTRIES: Final[tuple[Sourced, ...]] = (
    registered(LI_MING, "220102000003", HOME),
    registered(WIFE, "220102000003", HOME, "12"),
    registered(DAUGHTER, "220102000031", "长春市南关区民康街道平阳街8号2栋1单元301室", "12"),
    registered(SON, "220102000032", "长春市南关区民康街道卫星路9号3栋2单元502室"),
    *benefits(LI_MING, "01", WINDOW[:2], 96000),
    *benefits(LI_MING, "01", WINDOW[2:], 99000),
    *(taxed(WIFE, ODD, "0400", month, "700.00") for month in WINDOW[4:10]),
    # The daughter's employer reports no tax: housing fund and social insurance know her.
    fund(DAUGHTER, "李　静", Fund("220100425792", OFFICE, "5000.00", "800.00", "26700.00")),
    *insured(DAUGHTER, OFFICE, WINDOW, 500000),
    *insured(SON, CLEANING, WINDOW, 360000),
    # The home under its old certificate and, with three owners, under its new one.
    *owned(
        Deed(
            "长房权证南字第80000005号", "民康路114号19-6-404", "64.39", ((LI_MING, LI_MING.short),)
        )
    ),
    *owned(
        Deed(
            "吉（2022）长春市不动产权第0000005号",
            HOME,
            "64.39",
            ((LI_MING, LI_MING.number), (WIFE, WIFE.number), (BROTHER, "")),
            unit="220102005083GB33017F35310005",
            sharing="按份共有",
            shares="60%,1/5,",
            registered=datetime(2022, 3, 1, 9, 0),  # noqa: DTZ001 - as the register keys it
        )
    ),
    vehicle(WIFE, "吉A74CZP", "M21", plate_kind="07"),
    banked(LI_MING, Account("icbc", "6222****0123", "1157.81")),
    banked(LI_MING, Account("jlrcu", "6228****7789", "687.21", kind="02")),
    banked(WIFE, Account("jlrcu", "6228****7351", "2680.06", kind="02")),
    policy(LI_MING, Contract("P2201000000543", "3000.00")),
    policy(WIFE, Contract("P2201000000544", "5000.00", role="受益人")),
    holding(WIFE, "300883", "股票", "1260.26", "426.88"),
    holding(WIFE, "159915", "基金", "2931.00", "426.88"),
    # Namesakes of the father and of the son.
    registered(NAMESAKE, "220102104400", "长春市南关区民康街道卫星路2号10栋4单元601室"),
    *owned(
        Deed(
            "吉（2023）长春市不动产权第0004368号",
            "长春市南关区民康街道卫星路2号10栋4单元601室",
            "91.60",
            ((NAMESAKE, NAMESAKE.number),),
            unit="220102005083GB33017F35314368",
        )
    ),
    *owned(
        Deed(
            "长房权证东字第79004368号", "卫星路二号10-4-601", "91.60", ((NAMESAKE, NAMESAKE.short),)
        )
    ),
    vehicle(NAMESAKE, "吉ADE58NR", "K33", plate_kind="52"),
    banked(NAMESAKE, Account("icbc", "6222****0999", "88888.88")),
    *insured(OTHER_SON, OTHER, WINDOW, 948000),
)

EXPECTED: Final = Expected(
    income=[
        # 2 × 960.00 + 10 × 990.00 = 11,820.00
        ("m1", "transfer", "985.00", True),
        # labour service 6 × 700.00 = 4,200.00
        ("m2", "wage", "350.00", True),
        # 李静: base 5,000.00 − half of 800.00 − (400.00 + 100.00 + 15.00) = 4,085.00 a month;
        # 4,085 ÷ 3 persons − 760.00 = 601.6667, of that 50 % for one supported; 3,610.00 a year.
        # 李立鹏: floor base, so 2,120.00 − 370.80 = 1,749.20 ÷ 4 = 437.30 < 760.00: nothing
        ("s1", "transfer", "300.83", True),
    ],
    assets=[
        ("m1", "deposit", "1157.81", True),
        ("m1", "deposit", "687.21", True),
        ("m1", "insurance", "3000.00", True),
        ("m2", "deposit", "2680.06", True),
        ("m2", "security", "1260.26", True),
        ("m2", "security", "426.88", True),  # cash, once for the account
        ("m2", "fund", "2931.00", True),
        ("m2", "insurance", "5000.00", False),  # the beneficiary owns no cash value
        ("m2", "vehicle", None, False),  # a motorcycle
        ("m1", "home", None, True),  # one home, two certificates
    ],
    totals={
        "household_size": 2,
        "monthly_income": "1635.83",  # (11,820 + 4,200 + 3,610) ÷ 12 = 19,630 ÷ 12
        "monthly_income_per_person": "817.92",  # 19,630 ÷ 24
        # 1,157.81 + 687.21 + 3,000.00 + 2,680.06 + 1,260.26 + 426.88 + 2,931.00
        "financial_assets": "12143.22",
        "financial_assets_per_person": "6071.61",
        "homes": 1,
        "floor_area": "51.51",  # 64.39 × (60 % + 1/5), the rest is the brother's
        "vehicles": 0,
        "vessels": 0,
        "businesses": 0,
        "business_capital": "0.00",
        "housing_fund_balance": "0.00",  # the daughter's is not the household's
    },
    # 817.92 is not below 760.00, but below 1.5 × 760.00 = 1,140.00
    outcomes={"urban_dibao": "not_confirmed", "dibao_edge": "confirmed"},
    findings=frozenset(
        {
            ("income_below_declared", "m2"),  # 640.00 declared, 350.00 verified
            ("asset_not_declared", "m1"),  # the policy
            ("asset_not_declared", "m2"),  # the securities
        }
    ),
)

CASE: Final = Case(reference="220102-2026-000003", entries=ENTRIES, expected=EXPECTED)
