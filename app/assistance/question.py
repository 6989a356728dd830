"""Another centre's question in our own words: a request of one person, and what a source is asked.

Pure. Our rules of consent judge the request as they judge any other.
"""

from datetime import date
from typing import Final

from app.domain.household import (
    Consent,
    Declared,
    Guardianship,
    Household,
    IdType,
    Member,
    Purpose,
    Relationship,
    Scope,
    VerificationRequest,
)
from app.store.audit_reads import ASKED_ABOUT
from connectors.centre.messages import ConsentTold, Question
from connectors.contract import AskedPerson, Months, SourceQuery
from connectors.contract import IdType as AskedIdType

_GUARDIAN: Final = "g1"


def request_of(question: Question) -> VerificationRequest:
    """Of one person; with a guardian who signed, of whom nothing but the name is known.

    Raises `ValueError` for a purpose that is none.
    """
    consent = question.consent
    guardian = () if consent.guardian is None else (_guardian(consent.guardian),)
    return VerificationRequest(
        case_reference=question.case,
        region=question.person.registered_region,
        purpose=Purpose(question.purpose),
        as_of=question.as_of,
        programmes=question.programmes,
        consent=_consent(consent),
        household=Household(address=None, members=(member_of(question), *guardian)),
        declared=Declared(),
    )


def member_of(question: Question) -> Member:
    person = question.person
    return Member(
        ref=ASKED_ABOUT,
        name=person.name,
        id_type=IdType(person.id_type),
        id_number=person.id_number,
        relationship=Relationship.OTHER,
    )


def _guardian(name: str) -> Member:
    return Member(
        ref=_GUARDIAN,
        name=name,
        id_type=IdType.NONE,
        id_number="",
        relationship=Relationship.OTHER,
    )


def _consent(told: ConsentTold) -> Consent:
    signed_for = told.guardian is not None
    scope = told.scope
    return Consent(
        reference=told.reference,
        signed_on=told.signed_on,
        valid_until=told.valid_until,
        document_sha256=told.document_sha256,
        signatories=(_GUARDIAN if signed_for else ASKED_ABOUT,),
        scope=Scope(
            sources=scope.sources,
            programmes=scope.programmes,
            purposes=None
            if scope.purposes is None
            else tuple(Purpose(one) for one in scope.purposes),
            data_from=scope.data_from,
        ),
        guardians=(Guardianship(person=ASKED_ABOUT, guardian=_GUARDIAN),) if signed_for else (),
    )


def query_of(question: Question, reference: str, sequence: int, sent_on: date) -> SourceQuery:
    """What our own source is asked."""
    person = question.person
    return SourceQuery(
        reference=reference,
        sequence=sequence,
        region=person.registered_region,
        persons=(
            AskedPerson(ASKED_ABOUT, person.name, AskedIdType(person.id_type), person.id_number),
        ),
        window=Months(question.first_day, question.last_day),
        as_of=question.as_of,
        sent_on=sent_on,
    )
