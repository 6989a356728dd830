"""Which sources can show a change of each kind; none where the request itself tells it."""

from collections.abc import Mapping
from typing import Final

from app.alerts.kinds import ChangeKind

_K = ChangeKind
_REGISTRY: Final = ("household_registry",)
_WAGES: Final = ("tax", "social_insurance", "housing_fund")
_MONEY: Final = ("bank", "securities", "insurance", "housing_fund")
SOURCES_OF: Final[Mapping[ChangeKind, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            _K.DEATH,
            _K.DEATH_WITHDRAWN,
            _K.MARRIAGE,
            _K.DIVORCE,
            _K.WIDOWED,
            _K.MOVED_OUT,
            _K.MOVED_BACK,
            _K.NEW_MEMBER,
            _K.REGISTERED_MEMBER_GONE,
        ),
        _REGISTRY,
    ),
    **dict.fromkeys((_K.VEHICLE_NEW, _K.VEHICLE_GONE), ("vehicle",)),
    **dict.fromkeys((_K.VESSEL_NEW, _K.VESSEL_GONE), ("vehicle",)),
    **dict.fromkeys((_K.HOME_NEW, _K.HOME_GONE), ("property",)),
    **dict.fromkeys((_K.BUILDING_NEW, _K.BUILDING_GONE), ("property",)),
    **dict.fromkeys((_K.ROLE_NEW, _K.ROLE_GONE), ("business_registration",)),
    **dict.fromkeys((_K.JOB_STARTED, _K.JOB_ENDED), ("social_insurance",)),
    **dict.fromkeys((_K.BASE_ROSE, _K.BASE_FELL), ("social_insurance",)),
    **dict.fromkeys((_K.PENSION_STARTED, _K.PENSION_ENDED), ("social_insurance",)),
    **dict.fromkeys(
        (_K.UNEMPLOYMENT_BENEFIT_STARTED, _K.UNEMPLOYMENT_BENEFIT_ENDED), ("social_insurance",)
    ),
    **dict.fromkeys((_K.INCOME_ROSE, _K.INCOME_FELL), _WAGES),
    **dict.fromkeys((_K.DEPOSIT_OVER_LIMIT, _K.DEPOSIT_UNDER_LIMIT), ("bank",)),
    **dict.fromkeys((_K.BALANCE_UP, _K.BALANCE_DOWN), _MONEY),
    **dict.fromkeys((_K.FUND_UP, _K.FUND_WITHDRAWN), ("housing_fund",)),
    **dict.fromkeys((_K.ACCOUNT_OPENED, _K.ACCOUNT_CLOSED), ("bank", "securities")),
    **dict.fromkeys((_K.POLICY_NEW, _K.POLICY_GONE), ("insurance",)),
}


def sources_of(kind: str) -> tuple[str, ...]:
    """Of a kind's word; none of a word that is no kind any more."""
    return SOURCES_OF.get(ChangeKind(kind), ()) if kind in tuple(ChangeKind) else ()
