"""Whose record is it: every record that came back is compared and judged; all are kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.access.consent import birth_date_of
from app.domain.evidence import Difference, Evidence, FieldEvidence, Link
from app.domain.household import Person, VerificationRequest
from app.verification.answers import Reply, records_of
from connectors.records import AnyRecord, RegisteredPerson, Subject
from matching.explain import explain_comparison, masked
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
    known = {person.ref: identity_of(person, request) for person in request.household.persons}
    judge_of = _Judge(known, weights)
    rows = [row for one in registry for row in _judged(one, judge_of, judgements)]
    judge_of = _Judge({ref: _enriched(one, rows, ref) for ref, one in known.items()}, weights)
    for one in others:
        rows.extend(_judged(one, judge_of, judgements))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A judgement in the words of the evidence."""

    link: Link
    rule: str | None
    probability: float
    prior: float
    comparison: tuple[FieldEvidence, ...]

    @property
    def strength(self) -> tuple[int, float]:
        return _RANK[self.link], self.probability


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whom a record names: one of its subjects, the others beside it, and who says so."""

    source: str
    subject: Subject
    others: tuple[Subject, ...] = ()


class _Judge:
    """Judges what registers say of a subject against the persons asked about.

    A year of wages is twelve records of one subject: each is judged once.
    """

    def __init__(self, persons: Mapping[str, Identity], weights: Weights) -> None:
        self._persons = {ref: prepare(identity) for ref, identity in persons.items()}
        self._weights = weights
        self._claims: dict[tuple[Subject, tuple[Subject, ...]], Prepared] = {}
        self._verdicts: dict[tuple[str, Claimed, bool], _Verdict] = {}

    @property
    def refs(self) -> Iterable[str]:
        return self._persons

    def verdict(self, ref: str, claimed: Claimed, *, adverse: bool = False) -> _Verdict:
        key = (ref, claimed, adverse)
        verdict = self._verdicts.get(key)
        if verdict is None:
            person, claim = self._persons[ref], self._claim(claimed)
            weights = self._weights.of_source(claimed.source)
            judgement = judge(person, claim, weights, adverse=adverse)
            compared = _compared(judgement, person, claim, weights)
            verdict = self._verdicts[key] = _verdict(judgement, compared)
        return verdict

    def _claim(self, claimed: Claimed) -> Prepared:
        key = (claimed.subject, claimed.others)
        claim = self._claims.get(key)
        if claim is None:
            claim = self._claims[key] = prepare(claim_of(*key))
        return claim


def _compared(
    judgement: Judgement, person: Prepared, claim: Prepared, weights: Weights
) -> tuple[FieldEvidence, ...]:
    """Every field; where a person has to judge, with its differences, masked."""
    if judgement.link is not Judged.REVIEW:
        return tuple(
            FieldEvidence(one.field, str(one.level), one.weight, one.words)
            for one in judgement.comparison.fields
        )
    shown = masked(explain_comparison(judgement.comparison, person, claim, weights))
    return tuple(
        FieldEvidence(
            one.field,
            str(one.level),
            one.weight,
            one.words,
            tuple(Difference(str(s.kind), s.left, s.right, s.part) for s in one.spans),
            str(one.counted),
        )
        for one in shown.fields
    )


def _verdict(judgement: Judgement, compared: tuple[FieldEvidence, ...]) -> _Verdict:
    return _Verdict(
        link=_LINKS[judgement.link],
        rule=judgement.rule,
        probability=judgement.probability,
        prior=judgement.comparison.prior,
        comparison=compared,
    )


def identity_of(person: Person, request: VerificationRequest) -> Identity:
    """What a request says of one of its persons, the others of the household beside."""
    others = [one for one in request.household.persons if one.ref != person.ref]
    return Identity(
        name=person.name,
        former_names=(person.former_name,) if person.former_name else (),
        id_number=person.id_number or None,
        id_type=person.id_type.value,
        birth_date=person.birth_date or birth_date_of(person),
        address=person.address or request.household.address,
        phone=person.phone,
        relatives=tuple(one.name for one in others),
        relatives_numbers=tuple(one.id_number for one in others if one.id_number),
    )


def _enriched(identity: Identity, rows: Sequence[Evidence[AnyRecord]], ref: str) -> Identity:
    for row in rows:
        record = row.record
        if row.person != ref or not row.accepted or not isinstance(record, RegisteredPerson):
            continue
        subject = record.subjects[0]
        former = tuple(name for name in (subject.former_name,) if name)
        others = _registered_with(record.household_number, rows, ref)
        names = [one.name for one in others if one.name]
        numbers = [one.id_number for one in others if one.id_number]
        return replace(
            identity,
            former_names=tuple(dict.fromkeys((*identity.former_names, *former))),
            household_number=record.household_number,
            sex=None if subject.sex is None else Sex(subject.sex.value),
            relatives=tuple(dict.fromkeys((*identity.relatives, *names))),
            relatives_numbers=tuple(dict.fromkeys((*identity.relatives_numbers, *numbers))),
        )
    return identity


def _registered_with(
    household_number: str | None, rows: Iterable[Evidence[AnyRecord]], ref: str
) -> list[Subject]:
    """The others that the registry lists under one household number (同户人员)."""
    if household_number is None:
        return []
    return [
        row.record.subjects[0]
        for row in rows
        if isinstance(row.record, RegisteredPerson)
        and row.record.household_number == household_number
        and (row.person != ref or row.link is Link.REFUSED)
    ]


def _judged(
    reply: Reply, judge_of: _Judge, judgements: Judgements
) -> Iterator[Evidence[AnyRecord]]:
    for index, record in enumerate(records_of(reply.outcome)):
        if isinstance(record, RegisteredPerson) and record.in_household:
            row = _household_row(reply, index, record, judge_of)
        else:
            row = _person_row(reply, index, record, judge_of)
        yield _reviewed(row, judgements)


def _person_row(
    reply: Reply, index: int, record: AnyRecord, judge_of: _Judge
) -> Evidence[AnyRecord]:
    """The record against the person asked about; of co-owners, the one that fits best."""
    adverse = isinstance(record, RegisteredPerson) and record.dead is True
    verdicts = [
        judge_of.verdict(
            reply.person, Claimed(reply.source, subject, record.subjects), adverse=adverse
        )
        for subject in record.subjects
    ]
    best = max(range(len(verdicts)), key=lambda place: verdicts[place].strength)
    return _evidence(reply, index, record, verdicts[best], (reply.person, best))


def _household_row(
    reply: Reply, index: int, record: AnyRecord, judge_of: _Judge
) -> Evidence[AnyRecord]:
    """A row of a household's list: the declared person that it is, if any (else refused)."""
    claimed = Claimed(reply.source, record.subjects[0])
    verdicts = {ref: judge_of.verdict(ref, claimed) for ref in judge_of.refs}
    ref = max(verdicts, key=lambda one: verdicts[one].strength)
    verdict = verdicts[ref]
    whose = reply.person if verdict.link is Link.REFUSED else ref
    return _evidence(reply, index, record, verdict, (whose, 0))


def _evidence(
    reply: Reply, index: int, record: AnyRecord, verdict: _Verdict, whose: tuple[str, int]
) -> Evidence[AnyRecord]:
    place = f"{reply.institution}/" if reply.institution else ""
    return Evidence(
        id=f"ev_{reply.source}_{reply.person}_{place.replace('/', '_')}{index + 1}",
        source=reply.source,
        person=whose[0],
        institution=reply.institution,
        record=record,
        link=verdict.link,
        probability=verdict.probability,
        decided_by="model" if verdict.rule is None else "rule",
        rule=verdict.rule,
        comparison=verdict.comparison,
        prior=verdict.prior,
        raw_digest=reply.raw_digest,
        answered_at=reply.answered_at,
        data_as_of=reply.data_as_of,
        subject=whose[1],
        by_hand=reply.by_hand,
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


def claim_of(subject: Subject, others: Iterable[Subject] = ()) -> Identity:
    """What a register says of whom its record is about; `others` stand in the same record."""
    return Identity(
        name=subject.name,
        former_names=(subject.former_name,) if subject.former_name else (),
        id_number=subject.id_number,
        birth_date=subject.birth_date,
        sex=None if subject.sex is None else Sex(subject.sex.value),
        address=subject.address,
        household_number=subject.household_number,
        employer=subject.employer_code or subject.employer,
        relatives=tuple(one.name for one in others if one.name and one != subject),
    )
