"""Households and persons as registry records: JSON-LD by the schemas of DCI's social registry.

Pure. A field of which nothing is known is not there: an empty one would say that there is nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.dci import attributes
from app.dci.household import (
    Household,
    born_on,
    error_rate,
    identifier_kind,
    marital_of,
    sex_of,
)
from app.dci.words import Words
from app.domain.household import Member, Relationship
from app.domain.instants import rfc3339
from matching.names import parse_name

CONTEXT: Final = {
    "@vocab": "https://schema.spdci.org/extensions/social/v1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
}
GROUP: Final = "Group"
MEMBER: Final = "Member"
PERSON: Final = "SRPerson"
_TYPES: Final = {
    attributes.NATIONAL_ID: "UIN",
    attributes.PASSPORT: "PASSPORT",
    attributes.HK_MACAU_PERMIT: "HK_MACAU_PERMIT",
    attributes.TAIWAN_PERMIT: "TAIWAN_PERMIT",
}
"""How identifiers are called: a resident identity number is the person's UIN (GB 11643)."""
_RELATIONS: Final = {
    Relationship.HEAD: "SELF",
    Relationship.SPOUSE: "SPS",
    Relationship.CHILD: "CHILD",
    Relationship.PARENT: "PRN",
    Relationship.GRANDCHILD: "GRNDCHILD",
    Relationship.GRANDPARENT: "GRPRN",
    Relationship.SIBLING: "SIB",
    Relationship.OTHER: "FAMMEMB",
}
"""Codes of HL7's PersonalRelationshipRoleType, which DCI's list goes by."""


def group_record(household: Household, words: Words, base: str) -> dict[str, Any]:
    """The household: `Group`."""
    request = household.verification.request
    record: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": f"{base}/registry/groups/{household.id}",
        "@type": GROUP,
        "group_identifier": _group_identifiers(household),
        "group_type": "household",
        "place": {"@type": "Place", "region_code": request.region},
        "group_head_info": _member(household, household.head, base),
        "group_size": len(household.members),
        "member_list": [_member(household, one, base) for one in household.members],
        **_moments(household),
        "additional_attributes": list(attributes_of(household, words)),
    }
    if request.household.address:
        record["place"]["address"] = request.household.address
    return record | _poverty(household)


def member_record(household: Household, member: Member, words: Words, base: str) -> dict[str, Any]:
    """One person with his or her household's results: `Member`, and flat as OpenSPP reads it."""
    flat = {
        name: value
        for name, value in _person(household, member, base).items()
        if not name.startswith("@")
    }
    record = {
        "@context": CONTEXT,
        **_member(household, member, base),
        **flat,
        "household_id": household.verification.request.case_reference,
        "household_identifier": _group_identifiers(household),
        "household_size": len(household.members),
        "is_head_of_household": member.ref == household.head.ref,
        "enrolled_programs": [one.programme for one in household.enrolled],
        "additional_attributes": list(attributes_of(household, words)),
    }
    if "sex" in record:
        record["gender"] = record["sex"]
    return record | _poverty(household)


def person_record(household: Household, member: Member, words: Words, base: str) -> dict[str, Any]:
    """The same as an `SRPerson`, where that is asked for."""
    return {**member_record(household, member, words, base), "@type": PERSON}


def beneficiary_record(household: Household, member: Member, base: str) -> dict[str, Any]:
    """One person as the registry of beneficiaries has him or her: `Beneficiary`."""
    return {
        "@context": {**CONTEXT, "@vocab": "https://schema.spdci.org/extensions/ibr/v1/"},
        "@id": f"{base}/registry/groups/{household.id}#{member.ref}",
        "@type": "Beneficiary",
        "assistance_unit": "household",
        "member": _member(household, member, base),
        "programme_identifier": [
            {
                "programme": {"programme_identifier": one.programme},
                **({"enrolment_date": one.since.isoformat()} if one.since is not None else {}),
                "enrolment_status": "Active",
            }
            for one in household.enrolled
        ],
    }


def _group_identifiers(household: Household) -> list[dict[str, str]]:
    return [
        _identifier("HHID", household.verification.request.case_reference),
        _identifier("VERIFICATION_ID", household.id),
    ]


def _identifier(kind: str, value: str) -> dict[str, str]:
    return {"@type": "Identifier", "identifier_type": kind, "identifier_value": value}


def _moments(household: Household) -> dict[str, str]:
    verification = household.verification
    return {
        "registration_date": rfc3339(verification.requested_at),
        "last_updated": rfc3339(verification.final_at or verification.changed_at),
    }


def _poverty(household: Household) -> dict[str, Any]:
    found = household.poverty
    if found is None:
        return {}
    score, standard = found
    return {
        "poverty_score": float(score),
        "poverty_score_type": f"income per person / limit of {standard}",
    }


def _member(household: Household, member: Member, base: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "@type": MEMBER,
        "@id": f"{base}/registry/groups/{household.id}#{member.ref}",
        "member_identifier": _identifiers(member),
        "demographic_info": _person(household, member, base),
        "relationship_head": _RELATIONS[member.relationship],
        **_moments(household),
    }
    marital = marital_of(household, member)
    if marital is not None:
        record["marital_status"] = marital
    return record


def _identifiers(member: Member) -> list[dict[str, str]]:
    kind = identifier_kind(member)
    return [] if kind is None else [_identifier(_TYPES[kind], member.id_number)]


def _person(household: Household, member: Member, base: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "@type": PERSON,
        "@id": f"{base}/registry/groups/{household.id}#{member.ref}",
        "identifier": _identifiers(member),
        "name": _name(member.name),
        **_moments(household),
    }
    born, sex, marital = born_on(member), sex_of(member), marital_of(household, member)
    for name, value in (
        ("sex", sex),
        ("birth_date", None if born is None else born.isoformat()),
        ("marital_status", marital),
    ):
        if value is not None:
            record[name] = value
    if member.phone:
        record["phone_number"] = [member.phone]
    address = member.address or household.verification.request.household.address
    if address:
        lines = {"address_line1": address, "region_code": household.region, "country_code": "CN"}
        record["address"] = [{"@type": "Address", **lines}]
    return record


def _name(text: str) -> dict[str, str]:
    """Surname and given name where the name is written in characters; else the text alone."""
    parsed = parse_name(text)
    whole = {"@type": "Name", "full_name": text}
    if parsed is None or parsed.has_latin or parsed.is_wild or parsed.is_long:
        return {**whole, "surname": "", "given_name": text}
    length = parsed.surname_length
    if len(text) != len(parsed.units) or not 0 < length < len(text):
        return {**whole, "surname": "", "given_name": text}
    return {**whole, "surname": text[:length], "given_name": text[length:]}


def attributes_of(household: Household, words: Words) -> Iterator[dict[str, Any]]:
    """What the verification found, as names and values."""
    for name, value in _told(household, words):
        if value is not None:
            yield {"@type": "AttributeNameValue", "name": f"verification.{name}", "value": value}


def _told(household: Household, words: Words) -> Iterator[tuple[str, Any]]:
    verification, report = household.verification, household.report
    yield "id", verification.id
    yield "status", verification.status
    yield "status_text", words.status(verification.status)
    yield "as_of", verification.request.as_of.isoformat()
    rate = error_rate(household)
    yield "error_rate_score", None if rate is None else float(rate)
    for decision in household.decisions:
        programme = decision["programme"]
        yield f"outcome.{programme}", decision["outcome"]
        yield f"outcome_text.{programme}", words.outcome(decision["outcome"])
        yield f"standard.{programme}", decision["standard"]
        yield f"error_rate_score.{programme}", decision["error_rate"]
    yield from _amounts("income.monthly", household.totals, "monthly_income", words)
    yield from _amounts(
        "income.monthly_per_person", household.totals, "monthly_income_per_person", words
    )
    yield from _amounts("assets.total", household.totals, "financial_assets", words)
    if report is not None:
        yield "report_number", report.number
        yield "report_version", report.version
        yield "valid_until", report.valid_until.isoformat()


def _amounts(
    name: str, totals: Mapping[str, Any], total: str, words: Words
) -> Iterator[tuple[str, Any]]:
    """Yuan as text where it is known; else in words, with the ends that are known. Never zero."""
    value = totals.get(total)
    if value is None:
        return
    if isinstance(value, str):
        yield name, value
        return
    low, high = value["min"], value["max"]
    yield name, words.interval(low, high)
    if low != "0.00":
        yield f"{name}.min", low
    if high is not None:
        yield f"{name}.max", high
