"""What the kinds of things that applicants have are called in a profile and in a declaration."""

from collections.abc import Mapping
from typing import Final

from app.domain.household import AssetKind, IncomeKind

INCOME: Final[Mapping[tuple[str, str], IncomeKind]] = {
    ("tax", "wage"): IncomeKind.WAGE,
    ("tax", "property_income"): IncomeKind.PROPERTY,
    ("social_insurance", "pension"): IncomeKind.TRANSFER,
}
"""By source and kind: several sources know of wages, and one tells of them."""
ASSETS: Final[Mapping[str, frozenset[AssetKind]]] = {
    "deposits": frozenset({AssetKind.DEPOSIT, AssetKind.WEALTH_PRODUCT}),
    "cash_value": frozenset({AssetKind.INSURANCE}),
    "holdings": frozenset({AssetKind.SECURITY, AssetKind.FUND}),
    "first_home": frozenset({AssetKind.HOME}),
    "car": frozenset({AssetKind.VEHICLE}),
    "vessel": frozenset({AssetKind.VESSEL}),
    "enterprise": frozenset({AssetKind.BUSINESS}),
    "account": frozenset({AssetKind.HOUSING_FUND}),
}
SOURCE_OF: Final[Mapping[str, str]] = {
    "deposits": "bank",
    "cash_value": "insurance",
    "holdings": "securities",
    "first_home": "property",
    "car": "vehicle",
    "vessel": "vehicle",
    "enterprise": "business_registration",
    "account": "housing_fund",
}
"""The one source that tells of each."""
