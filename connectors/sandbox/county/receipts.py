"""Income that is no wage of an employer: pensions, benefits, shop receipts, rent, odd jobs."""

from decimal import Decimal
from typing import Final

from connectors.sandbox.county.numbers import credit_code
from connectors.sandbox.county.truth import OtherIncome
from connectors.sandbox.county.world import World

PENSION: Final = "01"
UNEMPLOYMENT: Final = "02"
INJURY: Final = "03"
SURVIVORS: Final = "04"
RESIDENTS_PENSION: Final = "05"
BENEFIT_KINDS: Final = (PENSION, UNEMPLOYMENT, INJURY, SURVIVORS, RESIDENTS_PENSION)
ODD_JOBS: Final = "odd_jobs"
UNREPORTED: Final = "unreported"
"""Takings of a shop that never reached the tax office."""

_TAX_OFFICE: Final = ("国家税务总局长春市南关区税务局", credit_code("11", "TAX001"))
_LOTTERY: Final = ("吉林省福利彩票发行中心", credit_code("12", "CA1P01"))
_BANKS: Final = (
    ("中国工商银行股份有限公司长春南关支行", credit_code("91", "BANK01")),
    ("长春农村商业银行股份有限公司", credit_code("91", "BANK02")),
)


def benefit(world: World, code: str, monthly: Decimal) -> list[OtherIncome]:
    """A benefit paid every month of the window, raised a little each January."""
    raised = (monthly * Decimal("1.024")).quantize(Decimal("0.1"))
    year = world.months[-1][:4]
    return [
        OtherIncome(
            "transfer",
            "social_insurance",
            code,
            month,
            raised if month[:4] == year else monthly,
            "长春市社会保险事业管理局",
            "",
        )
        for month in world.months
    ]


def shop_receipts(world: World, monthly: Decimal) -> list[OtherIncome]:
    """What a sole trader declares every month (0200)."""
    agent, code = _TAX_OFFICE
    return [
        OtherIncome("business", "tax", "0200", month, monthly, agent, code)
        for month in world.months
    ]


def interest(world: World, amount: Decimal) -> OtherIncome:
    """Interest or a dividend once in the window (0700)."""
    month = world.rng.choice(world.months)
    bank, code = world.rng.choice(_BANKS)
    return OtherIncome("property", "tax", "0700", month, amount, bank, code)


def rent(world: World, monthly: Decimal) -> list[OtherIncome]:
    """Rent that a tenant company reports every month (0801)."""
    tenant = world.rng.choice(world.employers)
    return [
        OtherIncome("property", "tax", "0801", month, monthly, tenant.name, tenant.code)
        for month in world.months
    ]


def lottery(world: World, amount: Decimal) -> OtherIncome:
    """A prize (1000), accidental income."""
    month = world.rng.choice(world.months)
    agent, code = _LOTTERY
    return OtherIncome("transfer", "tax", "1000", month, amount, agent, code)


def labour_service(world: World, amount: Decimal) -> OtherIncome:
    """A single payment for labour service (0400); no job, and taxed as none at this size."""
    employer = world.rng.choice(world.employers)
    month = world.rng.choice(world.months)
    return OtherIncome("wage", "tax", "0400", month, amount, employer.name, employer.code)


def odd_jobs(world: World, monthly: Decimal) -> list[OtherIncome]:
    """Day labour, which no source can show."""
    return _nowhere_shown(world, "wage", ODD_JOBS, monthly)


def unreported_takings(world: World, monthly: Decimal) -> list[OtherIncome]:
    """What a trader earns who declares nothing to the tax office."""
    return _nowhere_shown(world, "business", UNREPORTED, monthly)


def _nowhere_shown(world: World, kind: str, code: str, monthly: Decimal) -> list[OtherIncome]:
    return [OtherIncome(kind, None, code, month, monthly, "", "") for month in world.months]
