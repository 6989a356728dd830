"""Whose record is it: every record that came back is compared and judged; all are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.access.consent import birth_date_of
from app.domain.evidence import Evidence, FieldEvidence, Link
from app.domain.household import Person, VerificationRequest
from app.verification.answers import Reply, records_of
from connectors.records import AnyRecord, RegisteredPerson, Subject
from matching.identity import Identity, Sex
from matching.pair import Prepared, prepare
from matching.policy import Judgement, judge
from matching.policy import Link as Judged
from matching.weights import Weights

REGISTRY = "household_registry"
_LINKS: Mapping[Judged, Link] = {
    Judged.ACCEPT: Link.ACCEPTED,
    Judged.REVIEW: Link.IN_REVIEW,
    Judged.REFUSE: Link.REFUSED,
}
_RANK = {Link.ACCEPTED: 2, Link.IN_REVIEW: 1, Link.REFUSED: 0}
Judgements = Mapping[str, tuple[bool, str]]
"""Record's raw digest and place → (same person, reviewer): a reviewer's word stands above all."""


def identify(
    replies: Sequence[Reply],
    request: VerificationRequest,
    weights: Weights,
    judgements: Judgements,
) -> tuple[Evidence[AnyRecord], ...]:
    """One evidence a record, in a fixed order whatever the order of the replies.

    The registry is read first: what it tells of an accepted person (former name, address,
    household number) helps to know that person's records elsewhere.
    """
    ordered = sorted(replies, key=lambda one: (one.source, one.person, one.institution))
    registry = [one for one in ordered if one.source == REGISTRY]
    others = [one for one in ordered if one.source != REGISTRY]
    known = {person.ref: _identity(person, request) for person in request.household.persons}
    prepared = {ref: prepare(identity) for ref, identity in known.items()}
    found = [_judged(one, prepared, weights, judgements) for one in registry]
    rows = [evidence for some in found for evidence in some]
    prepared = {ref: prepare(_enriched(identity, rows, ref)) for ref, identity in known.items()}
    for one in others:
        rows.extend(_judged(one, prepared, weights, judgements))
    return tuple(rows)


def _identity(person: Person, request: VerificationRequest) -> Identity:
    return Identity(
        name=person.name,
        former_names=(person.former_name,) if person.former_name else (),
        id_number=person.id_number or None,
        id_type=person.id_type.value,
        birth_date=person.birth_date or birth_date_of(person),
        address=person.address or request.household.address,
        phone=person.phone,
    )


def _enriched(identity: Identity, rows: Iterable[Evidence[AnyRecord]], ref: str) -> Identity:
    for row in rows:
        record = row.record
        if row.person != ref or not row.accepted or not isinstance(record, RegisteredPerson):
            continue
        subject = record.subjects[0]
        former = tuple(name for name in (subject.former_name,) if name)
        return replace(
            identity,
            former_names=tuple(dict.fromkeys((*identity.former_names, *former))),
            household_number=record.household_number,
            sex=None if subject.sex is None else Sex(subject.sex.value),
        )
    return identity


def _judged(
    reply: Reply,
    persons: Mapping[str, Prepared],
    weights: Weights,
    judgements: Judgements,
) -> list[Evidence[AnyRecord]]:
    rows = []
    for index, record in enumerate(records_of(reply.outcome)):
        if isinstance(record, RegisteredPerson) and record.in_household:
            row = _household_row(reply, index, persons, weights)
        else:
            row = _person_row(reply, index, persons[reply.person], weights)
        rows.append(_reviewed(row, judgements))
    return rows


def _person_row(
    reply: Reply, index: int, person: Prepared, weights: Weights
) -> Evidence[AnyRecord]:
    """The record against the person asked about; of co-owners, the one that fits best."""
    record = records_of(reply.outcome)[index]
    adverse = isinstance(record, RegisteredPerson) and record.dead is True
    judged = [
        judge(person, prepare(claim_of(subject)), weights, adverse=adverse)
        for subject in record.subjects
    ]
    best = max(range(len(judged)), key=lambda place: _strength(judged[place]))
    return _evidence(reply, index, judged[best], (reply.person, best))


def _household_row(
    reply: Reply, index: int, persons: Mapping[str, Prepared], weights: Weights
) -> Evidence[AnyRecord]:
    """A row of a household's list: the declared person that it is, if any (else refused)."""
    claim = prepare(claim_of(records_of(reply.outcome)[index].subjects[0]))
    judged = {ref: judge(person, claim, weights) for ref, person in persons.items()}
    ref = max(judged, key=lambda one: _strength(judged[one]))
    row = _evidence(reply, index, judged[ref], (ref, 0))
    return row if row.link is not Link.REFUSED else replace(row, person=reply.person)


def _strength(judgement: Judgement) -> tuple[int, float]:
    return _RANK[_LINKS[judgement.link]], judgement.probability


def _evidence(
    reply: Reply, index: int, judgement: Judgement, whose: tuple[str, int]
) -> Evidence[AnyRecord]:
    place = f"{reply.institution}/" if reply.institution else ""
    return Evidence(
        id=f"ev_{reply.source}_{reply.person}_{place.replace('/', '_')}{index + 1}",
        source=reply.source,
        person=whose[0],
        institution=reply.institution,
        record=records_of(reply.outcome)[index],
        link=_LINKS[judgement.link],
        probability=judgement.probability,
        decided_by="model" if judgement.rule is None else "rule",
        rule=judgement.rule,
        comparison=tuple(
            FieldEvidence(one.field, str(one.level), one.weight, one.words)
            for one in judgement.comparison.fields
        ),
        prior=judgement.comparison.prior,
        raw_digest=reply.raw_digest,
        answered_at=reply.answered_at,
        data_as_of=reply.data_as_of,
        subject=whose[1],
    )


def _reviewed(row: Evidence[AnyRecord], judgements: Judgements) -> Evidence[AnyRecord]:
    word = judgements.get(record_key(row))
    if word is None:
        return row
    same, reviewer = word
    return replace(
        row,
        link=Link.ACCEPTED if same else Link.REFUSED,
        probability=1.0 if same else 0.0,
        decided_by=reviewer,
    )


def record_key(row: Evidence[AnyRecord]) -> str:
    """Under what a reviewer's word on a record is found again."""
    return f"{row.id}/{row.raw_digest}"


def claim_of(subject: Subject) -> Identity:
    """What a register says of whom its record is about."""
    return Identity(
        name=subject.name,
        former_names=(subject.former_name,) if subject.former_name else (),
        id_number=subject.id_number,
        birth_date=subject.birth_date,
        sex=None if subject.sex is None else Sex(subject.sex.value),
        address=subject.address,
        household_number=subject.household_number,
        employer=subject.employer_code or subject.employer,
    )
