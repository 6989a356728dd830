"""Due times: working days after an item arose, by the calendar in data."""

from datetime import UTC, datetime

import pytest

from app.domain.decision import ActionKind
from app.verification.due import shipped_rules

RULES = shipped_rules()


@pytest.mark.parametrize(
    ("kind", "arose", "due"),
    [
        (ActionKind.REVIEW_RECORD, "2026-11-24T04:00Z", "2026-11-26T10:00Z"),  # Tuesday
        (ActionKind.REVIEW_RECORD, "2026-11-27T04:00Z", "2026-12-01T10:00Z"),  # over a weekend
        (ActionKind.ASK_SOURCE, "2026-11-24T04:00Z", "2026-11-27T10:00Z"),
        (ActionKind.ASK_HOUSEHOLD, "2026-11-24T04:00Z", "2026-12-01T10:00Z"),
        (ActionKind.REVIEW_RECORD, "2026-09-30T04:00Z", "2026-10-09T10:00Z"),  # National Day
        (ActionKind.REVIEW_RECORD, "2026-11-23T17:00Z", "2026-11-26T10:00Z"),  # Tuesday in China
        (ActionKind.REVIEW_RECORD, "2025-06-03T04:00Z", "2025-06-05T10:00Z"),  # before any rule
    ],
)
def test_working_days_after_it_arose(kind: ActionKind, arose: str, due: str) -> None:
    at = datetime.fromisoformat(arose).astimezone(UTC)
    assert RULES.due(kind, at) == datetime.fromisoformat(due)
