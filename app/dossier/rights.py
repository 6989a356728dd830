"""What whoever looks at a case may do with it just now, and why not. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.access.clients import check_within
from app.access.looking import Looker
from app.access.roles import Shown, shown_to
from app.domain.errors import InvalidRequest, NotAllowed
from app.domain.household import Purpose, VerificationRequest
from app.verification.checks import check_covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the case stands."""

    request: VerificationRequest
    status: str
    has_report: bool
    open_items: int
    today: date


def rights_document(look: Looker, case: Standing) -> list[dict[str, Any]]:
    """One for each action: allowed, or the reason of the refusal."""
    return [
        {"action": action, "allowed": why is None, "why": why}
        for action, why in _refusals(look, case)
    ]


def _refusals(look: Looker, case: Standing) -> Iterator[tuple[str, str | None]]:
    yield "history", None
    yield "recheck", _recheck(look, case)
    yield "objection", _objection(look, case)
    yield "export", None
    yield "report", _report(case)
    yield "cancel", _cancel(look, case)
    yield "reveal", _reveal(look)


def _recheck(look: Looker, case: Standing) -> str | None:
    if "verify" not in look.scopes:
        return "no_role"
    if case.status in ("accepted", "querying", "partial"):
        return "still_asking"
    return _uncovered(look, case, replace(case.request, purpose=Purpose.REVERIFICATION))


def _uncovered(look: Looker, case: Standing, wanted: VerificationRequest) -> str | None:
    """Whether the consent and the caller's own limits leave room for asking again."""
    if case.today > wanted.consent.valid_until:
        return "consent_expired"
    try:
        check_covered(wanted)
        check_within(look, wanted.purpose, wanted.programmes)
    except InvalidRequest:
        return "consent_not_for_this"
    except NotAllowed:
        return "no_role"
    return None


def _objection(look: Looker, case: Standing) -> str | None:
    if "verify" not in look.scopes:
        return "no_role"
    if case.status != "final":
        return "not_final"
    return _uncovered(look, case, replace(case.request, purpose=Purpose.OBJECTION))


def _report(case: Standing) -> str | None:
    if case.has_report:
        return None
    if case.status == "cancelled":
        return "cancelled"
    if case.open_items:
        return "open_items"
    return "not_final"


def _cancel(look: Looker, case: Standing) -> str | None:
    if "verify" not in look.scopes:
        return "no_role"
    return "closed" if case.status in ("final", "cancelled") else None


def _reveal(look: Looker) -> str | None:
    """People alone: a system that sees all is given all at once."""
    if not look.is_staff or shown_to(look.roles) is not Shown.WHOLE:
        return "no_role"
    return None
