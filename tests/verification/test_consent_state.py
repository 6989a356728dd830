"""How a consent stands, as documents show it."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.consent import Withdrawal
from app.verification.consent_state import consent_document
from tests.builders import a_consent, a_member, a_request
from tests.service_parts import NOON, NUMBERS

AT = "2026-11-24T04:00:00Z"


def a_withdrawal(**changes: Any) -> Withdrawal:
    values = {"region": "220102", "reference": "SQ-2026-000123", "at": NOON, **changes}
    return Withdrawal(**values)


@pytest.mark.parametrize(
    ("consent", "taken", "state"),
    [
        ({}, [], "valid"),
        ({"signed_on": date(2026, 11, 25)}, [], "not_yet_valid"),
        ({"valid_until": date(2026, 11, 23)}, [], "expired"),
        ({}, [{}], "withdrawn"),
        ({}, [{"at": NOON + timedelta(seconds=1)}], "valid"),
        ({}, [{"region": "220103"}], "valid"),
        ({}, [{"source": "bank"}], "narrowed"),
        ({"valid_until": date(2026, 11, 23)}, [{"source": "bank"}], "expired"),
    ],
)
def test_the_state_of_a_consent(
    consent: dict[str, Any], taken: list[dict[str, Any]], state: str
) -> None:
    request = a_request(consent=a_consent(**consent))
    document = consent_document(request, [a_withdrawal(**one) for one in taken], NOON)
    assert document["state"] == state
    assert document["withdrawn_at"] == (AT if state == "withdrawn" else None)


def test_parts_name_persons_by_ref() -> None:
    request = a_request(a_member("m1"), a_member("m2"))
    number = request.household.members[1].id_number
    parts = [a_withdrawal(source="bank"), a_withdrawal(number=number)]
    document = consent_document(request, parts, NOON)
    assert document["parts"] == [
        {"person": None, "source": "bank", "withdrawn_at": AT},
        {"person": "m2", "source": None, "withdrawn_at": AT},
    ]
    stranger = consent_document(request, [a_withdrawal(number=NUMBERS["s1"])], NOON)
    assert (stranger["state"], stranger["parts"]) == ("valid", [])
