"""李佳倩 and two children: a barber's taxed receipts, much money, a company, a car."""

from typing import Final

from tests.acceptance.five.case import Case, Expected
from tests.acceptance.five.rows import (
    WINDOW,
    Account,
    Deed,
    Employer,
    Fund,
    Sourced,
    Who,
    banked,
    fund,
    owned,
    registered,
    shareholder,
    shop,
    taxed,
    vehicle,
)

LI: Final = Who("李佳倩", "229903199502013062")
SON: Final = Who("李浩然", "229911201209170974")
YOUNGER: Final = Who("李博文", "229905201607060212")
NAMESAKE: Final = Who("李佳倩", "229904198307172190")
BARBER: Final = Employer("长春市南关区倩香理发店", "92220102MA1CJ2A6ND")
CLOSED: Final = Employer("长春市南关区兰味快餐店", "92220102MAN6BD0EJC")
FRUIT: Final = Employer("长春市南关区倩记水果店", "92220102MA41RLNG3F")
COMPANY: Final = Employer("吉林省鑫盛商贸有限公司", "91220102MATM7KCKKP")
FORMER: Final = Employer("长春市福兴建筑劳务有限公司", "91220102MAG8L5E94A")
BANK: Final = Employer("中国某某银行长春分行", "91220102MA15XK3T7D")
HOME: Final = "长春市南关区民康街道东岭南街2号2栋4单元403室"

ENTRIES: Final[tuple[Sourced, ...]] = (
    registered(LI, "220102000004", HOME),
    registered(SON, "220102000004", HOME, "20"),
    registered(YOUNGER, "220102000004", HOME, "20"),
    taxed(LI, BARBER, "0200", WINDOW[0], "6000.00"),
    taxed(LI, BARBER, "0200", WINDOW[3], "6000.00"),
    taxed(LI, BARBER, "0200", WINDOW[3], "-6000.00"),
    taxed(LI, BARBER, "0200", WINDOW[3], "4500.00"),
    taxed(LI, BARBER, "0200", WINDOW[6], "6000.00"),
    taxed(LI, BARBER, "0200", WINDOW[9], "6000.00"),
    taxed(LI, BANK, "0700", WINDOW[7], "60.00"),
    shop(LI, BARBER, "2"),
    shop(LI, CLOSED, "3", state="3"),
    shareholder(LI, COMPANY, "9"),
    fund(LI, "李佳倩", Fund("2201337001", FORMER, "4300.00", "500.00", "8500.00", "02", "202205")),
    fund(LI, "李佳倩", Fund("2201337002", FORMER, "4300.00", "500.00", "300.00", "09", "201905")),
    banked(LI, Account("icbc", "6222****5001", "95922.86")),
    banked(LI, Account("abc", "6228****5002", "60000.00", kind="02")),
    banked(LI, Account("jlrcu", "6228****5003", "40000.00", kind="04")),
    banked(LI, Account("psbc", "6217****5004", "25000.00")),
    banked(SON, Account("icbc", "6222****5005", "500.00")),
    vehicle(LI, "吉A66P2K", "K33"),
    vehicle(LI, "吉A10Z0Z", "K33", state="E"),
    *owned(
        Deed(
            "吉（2021）长春市不动产权第0000403号",
            HOME,
            "54.39",
            ((LI, LI.number),),
            unit="220102007051GB17736F32540008",
        )
    ),
    *owned(
        Deed(
            "吉（2020）长春市不动产权第0000077号",
            "长春市南关区民康街道东岭南街6号1层7号",
            "31.20",
            ((LI, LI.number),),
            unit="220102007051GB17736F32540077",
            use="商业",
        )
    ),
    *owned(
        Deed(
            "吉（2016）长春市不动产权第0000012号",
            "长春市南关区民康街道卫星路66号4栋5单元203室",
            "48.00",
            ((LI, LI.number),),
            unit="220102007051GB17736F32540012",
            state="历史",
        )
    ),
    registered(NAMESAKE, "220102104500", "长春市南关区民康街道大经路7号1栋1单元101室"),
    shop(NAMESAKE, FRUIT, "30"),
    vehicle(NAMESAKE, "吉AQ5N11", "K33"),
    banked(NAMESAKE, Account("abc", "6228****6001", "7000.00"), NAMESAKE.short),
)

EXPECTED: Final = Expected(
    income=[
        # 6,000 + (6,000 − 6,000 + 4,500) + 6,000 + 6,000 = 22,500.00 as taxed
        ("m1", "business", "1875.00", True),
        ("m1", "property", "5.00", True),  # interest 60.00
    ],
    assets=[
        ("m1", "deposit", "95922.86", True),
        ("m1", "deposit", "60000.00", True),
        ("m1", "deposit", "40000.00", True),  # structured
        ("m1", "deposit", {"min": "20000.00", "max": None}, True),  # psbc: over its limit
        ("m1", "vehicle", None, True),
        ("m1", "vehicle", None, False),  # written off
        ("m1", "housing_fund", "8500.00", True),  # sealed, not closed
        ("m1", "housing_fund", "300.00", False),  # closed
        ("m2", "deposit", "500.00", True),
        ("m1", "home", None, True),
        ("m1", "other_building", None, True),
        ("m1", "home", None, False),  # ownership ended
        ("m1", "business", "20000.00", True),  # the barber's: 2 × 10,000
        ("m1", "business", "30000.00", False),  # struck off
        ("m1", "business", "90000.00", True),  # 9 × 10,000 subscribed
    ],
    totals={
        "household_size": 3,
        "monthly_income": "1880.00",  # (22,500 + 60) ÷ 12
        "monthly_income_per_person": "626.67",  # 22,560 ÷ 36
        # 95,922.86 + 60,000 + 40,000 + 500 = 196,422.86, and 20,000.00 or more
        "financial_assets": {"min": "216422.86", "max": None},
        "financial_assets_per_person": {"min": "72140.95", "max": None},  # 72,140.9533
        "homes": 1,
        "floor_area": "54.39",
        "vehicles": 1,
        "vessels": 0,
        "businesses": 2,
        "business_capital": "110000.00",  # 20,000 + 90,000
        "housing_fund_balance": "8500.00",
    },
    # Income is below both limits; 72,140.95 is above 18,240.00 and 27,360.00; a car; 110,000.00
    outcomes={"urban_dibao": "not_confirmed", "dibao_edge": "not_confirmed"},
    findings=frozenset(
        {
            ("asset_not_declared", "m1"),  # the car
            ("asset_not_declared", "m2"),  # the son's savings
            ("income_below_declared", "m1"),  # 2,250.00 declared
        }
    ),
)

CASE: Final = Case(reference="220102-2026-000004", entries=ENTRIES, expected=EXPECTED)
