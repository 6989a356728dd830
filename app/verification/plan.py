"""Whom to ask which source, and whom not, with the reason."""

from collections.abc import Iterable, Sequence

from app.domain.evidence import SourceState, SourceStatus
from app.domain.household import Person, Supporter, VerificationRequest

SOURCES = (
    "household_registry",
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
    "bank",
    "insurance",
    "securities",
)
"""The ten of clause 24 第二十四条, in its order."""

NOT_CONFIGURED = "not_configured: this county is not connected to the source"
NOT_SIGNED = "no_consent: the supporter has not signed"


def plan(request: VerificationRequest, configured: Iterable[str]) -> tuple[SourceStatus, ...]:
    """One status a person and source: pending where it is to be asked, else not asked.

    A supporter who did not sign is not asked about anywhere. Sources beyond the ten are asked
    where they are configured.
    """
    connected = tuple(configured)
    sources = (*SOURCES, *(name for name in connected if name not in SOURCES))
    return tuple(
        _planned(person.ref, source, _why_not(person, request, source in connected))
        for person in request.household.persons
        for source in sources
    )


def _why_not(person: Person, request: VerificationRequest, connected: bool) -> str | None:  # noqa: FBT001
    if not connected:
        return NOT_CONFIGURED
    if isinstance(person, Supporter) and not request.has_signed(person.ref):
        return NOT_SIGNED
    return None


def _planned(person: str, source: str, why_not: str | None) -> SourceStatus:
    return SourceStatus(
        source=source,
        person=person,
        state=SourceState.PENDING if why_not is None else SourceState.NOT_ASKED,
        complete=False,
        detail=why_not,
    )


def packed(refs: Sequence[str], persons_a_query: int) -> tuple[tuple[str, ...], ...]:
    """The persons of one source, in queries no larger than the source takes."""
    return tuple(
        tuple(refs[start : start + persons_a_query])
        for start in range(0, len(refs), persons_a_query)
    )
