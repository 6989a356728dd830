"""What is asked when a recipient's household is verified again."""

from dataclasses import replace
from datetime import date

from app.domain.household import Purpose, VerificationRequest


def as_kept(request: VerificationRequest) -> VerificationRequest:
    """What is kept of a roster's or a case's request; its day is put in when it is asked."""
    return replace(request, purpose=Purpose.REVERIFICATION)


def as_asked(request: VerificationRequest, today: date) -> VerificationRequest:
    """As of today; whose consent holds is checked at every sending."""
    return replace(request, as_of=today)


def consent_until(request: VerificationRequest) -> date:
    """The day on which the first consent of those who signed ends."""
    consent = request.consent
    return min((consent.of(ref)[1] for ref in consent.signatories), default=consent.valid_until)
