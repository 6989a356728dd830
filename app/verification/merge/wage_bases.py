"""What bases of contributions tell of wages, and what contributions may be besides."""

from decimal import Decimal

from app.domain.money import ZERO
from app.verification.merge.records import Material


def from_base(material: Material, base: Decimal) -> Decimal:
    """What a base of contributions says of the wage: at its floor the minimum wage at least."""
    counting = material.counting
    return min(base, counting.minimum_wage) if base == counting.contribution_floor else base


def unseen(
    material: Material, person: str, gross: Decimal, seen: tuple[Decimal, Decimal]
) -> Decimal:
    """What own contributions can be besides, where a source that shows them did not answer."""
    counting = material.counting
    base = min(max(gross, counting.contribution_floor), counting.contribution_ceiling)
    own, funded = seen
    more = ZERO
    if material.is_open(person, "social_insurance"):
        more += max(ZERO, base * counting.own_contribution_rate_most - own)
    if material.is_open(person, "housing_fund"):
        more += max(ZERO, base * counting.own_fund_rate_most - funded)
    return more
