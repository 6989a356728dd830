"""What supporters 赡养人 have to pay the household, from their own incomes."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from app.domain.evidence import Evidence
from app.domain.household import IncomeKind, Supporter
from app.domain.interval import NOTHING, Interval
from app.domain.money import ZERO
from app.domain.profile import IncomeLine
from app.verification.merge.person_income import line_of, lines_of
from app.verification.merge.records import Material
from connectors.records import AnyRecord

INCOME_SOURCES = (
    "tax",
    "social_insurance",
    "housing_fund",
    "business_registration",
    "insurance",
)
"""Sources without which a person's income is not known from above."""
COMPUTED: Final = "support_computed"
DECLARED: Final = "support_declared"
"""Why a payment counts: by the formula, or as it was declared."""


def support_of(material: Material, supporter: Supporter) -> list[IncomeLine]:
    """A supporter's payment 赡养费: a share of the own household's excess over the standard.

    Who did not sign is not asked about: the declared payment stands, unverified. Who is dead pays
    nothing.
    """
    if supporter.ref in material.dead:
        return []
    if not material.request.has_signed(supporter.ref):
        return _declared(material, supporter)
    payment, rows = _computed(material, supporter)
    if payment == NOTHING:
        return []
    found = (rows, payment)
    return [line_of(material, supporter.ref, IncomeKind.TRANSFER, found, why=COMPUTED)]


def _declared(material: Material, supporter: Supporter) -> list[IncomeLine]:
    declared = supporter.declared_payment_monthly or ZERO
    if not declared:
        return []
    total = Interval.exactly(declared * material.counting.window_months)
    line = line_of(material, supporter.ref, IncomeKind.TRANSFER, ([], total), why=DECLARED)
    return [replace(line, verified=False)]


def _computed(
    material: Material, supporter: Supporter
) -> tuple[Interval, list[Evidence[AnyRecord]]]:
    """Yuan over the window: an equal part for each person supported, to those who count."""
    counting = material.counting
    lines = [line for line in lines_of(material, supporter.ref) if line.counted]
    income = sum((line.total for line in lines), NOTHING)
    if any(material.is_open(supporter.ref, source) for source in INCOME_SOURCES):
        income = Interval(income.low, None)
    each = income.per(Interval.exactly(supporter.household_size))
    excess = each.less(counting.local_standard * counting.window_months)
    many = len(supporter.supports) >= counting.supporters_many
    share = counting.supporter_share_many if many else counting.supporter_share
    supported = [ref for ref in supporter.supports if material.why_not_counted(ref) is None]
    # Multiplied first: a third of a share would lose the last digits.
    payment = excess.times(share * len(supported)).per(
        Interval.exactly(Decimal(len(supporter.supports)))
    )
    ids = {one for line in lines for one in line.evidence}
    return payment, [row for row in material.accepted if row.id in ids]
