"""What a consent covers beyond who signed: sources, programmes, purposes, months, guardians."""

from typing import Any

import pytest

from app.access.consent import consent_holds
from app.api.schemas.verification import VerificationIn
from app.domain.consent import Withdrawal
from app.domain.errors import InvalidRequest
from app.domain.evidence import Unasked
from app.domain.household import VerificationRequest
from app.verification.checks import check
from tests.service_parts import NOON, NUMBERS, a_body
from tests.verification.test_consent_state import a_withdrawal

NEW = NUMBERS["m1"]
OLD = NEW[:6] + NEW[8:17]
"""The 15 digits that the same number was."""


def a_request(**consent: Any) -> VerificationRequest:
    body = a_body()
    body["consent"].update(signatories=["m1", "m2", "s1"], **consent)
    return VerificationIn.model_validate(body).to_domain()


def why(
    request: VerificationRequest, ref: str, source: str = "bank", *taken: Withdrawal
) -> Unasked | None:
    decision = consent_holds(request, (ref,), source, withdrawals=taken, now=NOON)
    return None if decision.refusal is None else decision.refusal.reason


@pytest.mark.parametrize(
    ("scope", "source", "wanted"),
    [
        ({}, "bank", None),
        ({"sources": ["bank", "tax"]}, "bank", None),
        ({"sources": ["tax"]}, "bank", Unasked.OUT_OF_SCOPE),
        ({"programmes": ["urban_dibao", "dibao_edge"]}, "bank", None),
        ({"programmes": ["dibao_edge"]}, "bank", Unasked.OUT_OF_SCOPE),
        ({"purposes": ["application"]}, "bank", None),
        ({"purposes": ["spot_check"]}, "bank", Unasked.OUT_OF_SCOPE),
        ({"data_from": "2025-11-01"}, "tax", None),  # the window begins then
        ({"data_from": "2025-11-02"}, "tax", Unasked.OUT_OF_SCOPE),
        ({"data_from": "2026-01-01"}, "social_insurance", Unasked.OUT_OF_SCOPE),
        ({"data_from": "2026-01-01"}, "bank", None),  # it is asked what it holds now
    ],
)
def test_what_is_beyond_the_consent_is_not_asked(
    scope: dict[str, Any], source: str, wanted: Unasked | None
) -> None:
    assert why(a_request(**scope), "m1", source) is wanted


@pytest.mark.parametrize(
    ("guardians", "ref", "wanted"),
    [
        ([], "m3", None),  # any adult member's signature stands
        ([("m3", "m2")], "m3", None),
        ([("m3", "s1")], "m3", None),  # a grandfather outside the household
        ([("m3", "m3")], "m3", Unasked.NO_GUARDIAN),
        ([("m3", "m9")], "m3", Unasked.NO_GUARDIAN),
        ([("m2", "m1")], "m2", None),  # an adult without capacity
        ([("m2", "m3")], "m2", Unasked.NO_GUARDIAN),  # a minor is nobody's guardian
        ([("m3", "m2"), ("m2", "m1")], "m3", Unasked.NO_GUARDIAN),  # whoever is a ward, either
    ],
)
def test_a_guardian_who_is_named_must_have_signed(
    guardians: list[tuple[str, str]], ref: str, wanted: Unasked | None
) -> None:
    named = [{"person": person, "guardian": guardian} for person, guardian in guardians]
    assert why(a_request(guardians=named), ref) is wanted


def test_a_guardian_who_has_not_signed_covers_nobody() -> None:
    request = a_request(guardians=[{"person": "m3", "guardian": "m2"}])
    body = a_body()
    body["consent"].update(signatories=["m1"], guardians=[{"person": "m3", "guardian": "m2"}])
    unsigned = VerificationIn.model_validate(body).to_domain()
    assert (why(request, "m3"), why(unsigned, "m3")) == (None, Unasked.NO_GUARDIAN)


@pytest.mark.parametrize(
    ("taken", "ref", "source", "wanted"),
    [
        ({}, "m2", "tax", True),
        ({"number": NEW}, "m1", "tax", True),
        ({"number": NEW}, "m2", "tax", False),
        ({"source": "bank"}, "m2", "bank", True),
        ({"source": "bank"}, "m2", "tax", False),
        ({"number": NEW, "source": "bank"}, "m1", "bank", True),
        ({"number": NEW, "source": "bank"}, "m1", "tax", False),
        ({"number": NEW, "source": "bank"}, "m2", "bank", False),
        ({"region": "220103"}, "m1", "tax", False),
        ({"reference": "SQ-9"}, "m1", "tax", False),
    ],
)
def test_what_was_taken_back_in_part_ends_that_part(
    taken: dict[str, Any], ref: str, source: str, wanted: bool
) -> None:
    found = why(a_request(), ref, source, a_withdrawal(**taken))
    assert found is (Unasked.WITHDRAWN if wanted else None)


def test_the_old_number_is_the_same_person() -> None:
    body = a_body()
    body["household"]["members"][0]["id_number"] = OLD
    request = VerificationIn.model_validate(body).to_domain()
    assert why(request, "m1", "tax", a_withdrawal(number=NEW)) is Unasked.WITHDRAWN


@pytest.mark.parametrize(
    ("consent", "pointer", "code"),
    [
        ({"programmes": ["dibao_edge"]}, "/programmes/0", "consent.programme_not_covered"),
        ({"purposes": ["spot_check"]}, "/purpose", "consent.purpose_not_covered"),
        (
            {"guardians": [{"person": "m3", "guardian": "m9"}]},
            "/consent/guardians/0/guardian",
            "ref.unknown",
        ),
        (
            {"guardians": [{"person": "m2", "guardian": "m3"}]},
            "/consent/guardians/0/guardian",
            "consent.guardian_may_not_sign",
        ),
        (
            {"guardians": [{"person": "m3", "guardian": "m1"}] * 2},
            "/consent/guardians/1/person",
            "consent.guardian_repeated",
        ),
    ],
)
def test_a_request_beyond_its_consent_is_refused_with_the_place(
    consent: dict[str, Any], pointer: str, code: str
) -> None:
    request = a_request(**consent)
    with pytest.raises(InvalidRequest) as refused:
        check(request, known=lambda _: True, today=request.as_of)
    assert (pointer, code) in [(one.pointer, one.code) for one in refused.value.errors]


def test_an_adult_without_capacity_need_not_sign() -> None:
    body = a_body()
    body["consent"].update(signatories=["m1"], guardians=[{"person": "m2", "guardian": "m1"}])
    request = VerificationIn.model_validate(body).to_domain()
    assert check(request, known=lambda _: True, today=request.as_of) is request
    assert why(request, "m2") is None
