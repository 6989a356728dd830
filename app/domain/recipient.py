"""Who receives relief 在保家庭: how often a household is verified again, and why it is due."""

from enum import StrEnum
from typing import Final


class Cadence(StrEnum):
    """How often a household is verified again 复核周期."""

    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"

    @property
    def months(self) -> int:
        return _MONTHS[self]


_MONTHS: Final = {Cadence.YEARLY: 12, Cadence.HALF_YEARLY: 6, Cadence.QUARTERLY: 3}


class RecipientState(StrEnum):
    """Whether relief is paid 在保、停发、退保."""

    RECEIVING = "receiving"
    SUSPENDED = "suspended"
    ENDED = "ended"


class WhyDue(StrEnum):
    """Why a household is due for verification; all but cadence are at once 即时复核."""

    CADENCE = "cadence"
    NEW = "new"
    REPORTED = "reported"
    DOUBTFUL = "doubtful"
    MEMBER_CHANGED = "member_changed"
    AT_ONCE = "at_once"
