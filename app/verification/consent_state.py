"""How the consent 授权 of a verification stands at a moment, as documents show it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from app.access.consent import comparable
from app.domain.consent import Withdrawal
from app.domain.household import VerificationRequest
from app.domain.instants import china_day, rfc3339


def consent_document(
    request: VerificationRequest, withdrawals: Iterable[Withdrawal], now: datetime
) -> dict[str, Any]:
    """State, and every part that was taken back; persons by the refs of the request."""
    consent = request.consent
    held = [one for one in withdrawals if request.region.startswith(one.region) and one.at <= now]
    whole = min(
        (one.at for one in held if one.is_whole and one.reference == consent.reference),
        default=None,
    )
    parts = sorted(_parts(request, held), key=lambda part: tuple(str(said) for said in part))
    return {
        "reference": consent.reference,
        "state": _state(request, now, whole=whole, narrowed=bool(parts)),
        "signed_on": None if consent.signed_on is None else consent.signed_on.isoformat(),
        "valid_until": consent.valid_until.isoformat(),
        "withdrawn_at": None if whole is None else rfc3339(whole),
        "parts": [
            {"person": person, "source": source, "withdrawn_at": rfc3339(at)}
            for person, source, at in parts
        ],
    }


def concerned(request: VerificationRequest, one: Withdrawal) -> tuple[str, ...]:
    """The refs of the persons for whom the consent that was taken back stood."""
    return tuple(
        person.ref
        for person in request.household.persons
        if request.consent.of(person.ref)[0] == one.reference
        and one.number in (None, comparable(person.id_number))
    )


def _parts(
    request: VerificationRequest, held: Iterable[Withdrawal]
) -> Iterator[tuple[str | None, str | None, datetime]]:
    everybody = {person.ref for person in request.household.persons}
    for one in held:
        if one.is_whole and one.reference == request.consent.reference:
            continue
        refs = concerned(request, one)
        if one.number is None and set(refs) == everybody:
            yield None, one.source, one.at
            continue
        for ref in refs:
            yield ref, one.source, one.at


def _state(
    request: VerificationRequest, now: datetime, *, whole: datetime | None, narrowed: bool
) -> str:
    consent, today = request.consent, china_day(now)
    if whole is not None:
        return "withdrawn"
    if consent.signed_on is not None and today < consent.signed_on:
        return "not_yet_valid"
    if today > consent.valid_until:
        return "expired"
    return "narrowed" if narrowed else "valid"
