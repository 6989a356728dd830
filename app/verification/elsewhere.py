"""Who is asked about at which centre 异地协查: the connected sources, here and elsewhere."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

from app.access.consent import is_adult
from app.domain.household import Person, Scope, VerificationRequest
from app.store.verifications import StoredVerification
from connectors.centres import MARK, NO_CENTRES, THERE_ALONE, Centres
from connectors.contract import (
    Json,
    Mandate,
    Permit,
    Progress,
    Source,
    SourceQuery,
    SourceReply,
    Ticket,
    Unknown,
)
from connectors.failure import Failure, FailureKind

_GONE: Final = Failure(FailureKind.REJECTED, "no centre is named for the region any more")


class Connected(dict[str, Source]):
    """The connected sources by name; of other centres' those about the persons of their regions."""

    def __init__(self, here: Mapping[str, Source], centres: Centres = NO_CENTRES) -> None:
        super().__init__(here)
        self.centres = centres

    def institutions_of(self, source: str, person: Person | None) -> tuple[str, ...]:
        """Whose answers about the person are needed: ours, the other centre's, or both."""
        here = self[source].institutions
        centre = self.centres.responsible(None if person is None else person.registered_region)
        if centre is None or source not in centre.sources:
            return here
        there = centre.sources[source].institutions
        return there if source in THERE_ALONE else (*here, *there)

    def all_institutions(self, source: str) -> tuple[str, ...]:
        """All that ever answer for the source."""
        return (*self[source].institutions, *self.centres.named_for(source))

    def at(self, source: str, institutions: tuple[str, ...] | None) -> Source:
        """What is asked: a centre where the institution is one, else the source itself."""
        if not is_elsewhere(institutions):
            return self[source]
        (institution,) = institutions or ("",)
        return self.centres.source_at(institution, source) or _Gone(source, institution)

    def parted(
        self, source: str, institutions: tuple[str, ...]
    ) -> Iterator[tuple[str, ...] | None]:
        """Institutions as they are asked: ours together (None: all of them), each centre alone."""
        here = tuple(one for one in institutions if not one.startswith(MARK))
        if here:
            yield None if here == self[source].institutions else here
        yield from ((one,) for one in institutions if one.startswith(MARK))


def is_elsewhere(institutions: tuple[str, ...] | None) -> bool:
    """Whether another centre is asked."""
    return bool(institutions) and all(one.startswith(MARK) for one in institutions or ())


class _Gone:
    """A centre that was taken out of the configuration: nothing more comes of it."""

    persons_a_query = 1
    answers_later = True

    def __init__(self, name: str, institution: str) -> None:
        self.name = name
        self.institutions: tuple[str, ...] = (institution,)

    async def ask(self, query: SourceQuery, permit: Permit) -> Progress:
        return Progress(
            tuple(
                SourceReply(
                    person=one.ref, institution=self.institutions[0], outcome=Unknown(_GONE)
                )
                for one in query.persons
            )
        )

    async def collect(self, ticket: Ticket, query: SourceQuery, permit: Permit) -> Progress:
        return await self.ask(query, permit)

    async def aclose(self) -> None:
        """Nothing is held."""


def mandate_of(verification: StoredVerification, ref: str) -> Mandate:
    """On what a question about the person rests; the case is told by a number of its own."""
    request = verification.request
    consent = request.consent
    reference, valid_until = consent.of(ref)
    is_own = reference == consent.reference
    person = next(one for one in request.household.persons if one.ref == ref)
    return Mandate(
        case=sha256(f"case of {verification.id}".encode()).hexdigest(),
        region=request.region,
        registered_region=person.registered_region or request.region,
        purpose=request.purpose.value,
        programmes=request.programmes,
        consent=reference,
        signed_on=consent.signed_on if is_own else None,
        valid_until=valid_until,
        document_sha256=consent.document_sha256 if is_own else None,
        guardian=_guardian(request, ref),
        scope=_scope(consent.scope_of(ref)),
    )


def _guardian(request: VerificationRequest, ref: str) -> str | None:
    """The name of whoever signed for the person; None where he or she did.

    For a minor without a named guardian an adult member's signature stands: the first one's.
    """
    named = request.consent.guardian_of(ref)
    if named is None and request.has_signed(ref):
        return None
    for one in request.household.persons:
        is_adult_signatory = request.has_signed(one.ref) and is_adult(one, request) is not False
        if one.ref == named or (named is None and is_adult_signatory):
            return one.name
    return None


def _scope(scope: Scope) -> Mapping[str, Json]:
    purposes = None if scope.purposes is None else [one.value for one in scope.purposes]
    return {
        "sources": None if scope.sources is None else list(scope.sources),
        "programmes": None if scope.programmes is None else list(scope.programmes),
        "purposes": None if purposes is None else [*purposes],
        "data_from": None if scope.data_from is None else scope.data_from.isoformat(),
    }
