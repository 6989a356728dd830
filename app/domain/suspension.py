"""Why a verification was ended before its end 中止."""

from enum import StrEnum


class SuspensionReason(StrEnum):
    """As the case system or whoever cancels says; stands in the suspension report."""

    APPLICATION_WITHDRAWN = "application_withdrawn"
    DECEASED = "applicant_deceased"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    NOT_COOPERATING = "not_cooperating"
    MISTAKE = "filed_by_mistake"
    BATCH_CANCELLED = "batch_cancelled"
    OTHER = "other_reason"
    NOT_GIVEN = "not_given"
