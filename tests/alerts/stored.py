"""A stored alert, to be changed by the test that it stands in."""

from datetime import timedelta
from typing import Any

from app.store.alerts import StoredAlert
from tests.builders import NOON, REGION


def an_alert(**changes: Any) -> StoredAlert:
    values: dict[str, Any] = {
        "id": "al_1",
        "region": REGION,
        "verification_id": "vf_1",
        "case_reference": "220102-2026-000123",
        "recipient_id": None,
        "kind": "vehicle_new",
        "positive": False,
        "decisive": True,
        "rank": 1_000_000.0,
        "fact_index": b"\x01",
        "state": "raised",
        "outcome": None,
        "person": "m1",
        "told": b'{"before":"","after":"kind=passenger_car","money_monthly":"760.00"}',
        "raised_at": NOON,
        "explain_until": NOON + timedelta(days=10),
        "due_at": NOON + timedelta(days=30),
        "assigned_to": None,
        "changed_at": NOON,
        "version": 1,
    }
    return StoredAlert(**{**values, **changes})
