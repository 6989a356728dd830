"""Whom to ask which source, and whom not, with the reason."""

from collections.abc import Iterable, Sequence

from app.domain.consent import Refusal
from app.domain.evidence import SourceState, SourceStatus, Unasked
from app.domain.household import Person, Supporter, VerificationRequest
from app.programmes.needs import Needs

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

NOT_CONFIGURED = Refusal(
    Unasked.NOT_CONFIGURED, "not_configured: this county is not connected to the source"
)
NOT_SIGNED = Refusal(Unasked.SUPPORTER_NOT_SIGNED, "no_consent: the supporter has not signed")
NOT_COVERED = Refusal(Unasked.OUT_OF_SCOPE, "no_consent: the consent does not cover this source")


def plan(
    request: VerificationRequest, configured: Iterable[str], needs: Needs
) -> tuple[SourceStatus, ...]:
    """One status a person and source: pending where it is to be asked, else not asked.

    A supporter who did not sign is not asked about anywhere; a source on which no programme of the
    request rests is asked about nobody. Sources beyond the ten are asked where they are configured
    and needed.
    """
    connected = tuple(configured)
    sources = (*SOURCES, *(name for name in connected if name not in SOURCES))
    unneeded = {source: needs.refusal(request.programmes, source) for source in sources}
    gone = {source: NOT_CONFIGURED for source in sources if source not in connected}
    return tuple(
        _planned(
            person.ref,
            source,
            unneeded[source] or gone.get(source) or _unsaid(person, request, source),
        )
        for person in request.household.persons
        for source in sources
    )


def _unsaid(person: Person, request: VerificationRequest, source: str) -> Refusal | None:
    """What the consent itself says; whether it holds is asked at each sending."""
    if isinstance(person, Supporter) and not request.has_signed(person.ref):
        return NOT_SIGNED
    covered = request.consent.scope_of(person.ref).sources
    return NOT_COVERED if covered is not None and source not in covered else None


def _planned(person: str, source: str, why_not: Refusal | None) -> SourceStatus:
    return SourceStatus(
        source=source,
        person=person,
        state=SourceState.PENDING if why_not is None else SourceState.NOT_ASKED,
        complete=False,
        detail=None if why_not is None else why_not.words,
        reason=None if why_not is None else why_not.reason,
    )


def packed(refs: Sequence[str], persons_a_query: int) -> tuple[tuple[str, ...], ...]:
    """The persons of one source, in queries no larger than the source takes."""
    return tuple(
        tuple(refs[start : start + persons_a_query])
        for start in range(0, len(refs), persons_a_query)
    )
