"""Candidates 候选 of a query: whom it may mean, how likely, and what speaks for it and against.

`match` is the policy's own link and nothing weaker; whom the policy refuses is no candidate.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.access.masking import masked_name
from app.domain.household import Person, Relationship, VerificationRequest
from app.reconciliation.entities import EntityType, Handle, type_document
from app.verification.identify import identity_of
from matching.levels import Level
from matching.pair import FieldComparison, prepare
from matching.policy import Judgement, Link, judge
from matching.prepared import Prepared
from matching.weights import Weights

_PERCENT: Final = 100
_SILENT: Final = (Level.MISSING, Level.UNUSABLE)
_CASE_REFERENCE: Final = "case_reference"


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case within reach, opened to be compared: its id (`vf_…`, or `rc_…`) and the request."""

    id: str
    request: VerificationRequest = field(repr=False)

    def person(self, place: int) -> Person | None:
        """By its place, from 1 on."""
        persons = self.request.household.persons
        return persons[place - 1] if place <= len(persons) else None

    @property
    def head(self) -> Person:
        members = self.request.household.members
        return next((one for one in members if one.relationship is Relationship.HEAD), members[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What a field adds to the log2 odds of the score; or that something is so."""

    id: str
    value: float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One candidate; `name` is masked where it is somebody's. `case`: what has been looked at."""

    id: str
    name: str
    score: float
    match: bool
    type: EntityType
    description: str
    features: tuple[Feature, ...]
    case: OpenedCase | None = None

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "type": [type_document(self.type)],
            "score": self.score,
            "match": self.match,
            "features": [{"id": one.id, "value": one.value} for one in self.features],
        }


@dataclass(frozen=True, slots=True)
class _Found:
    """Somebody of a case, and the judgement."""

    case: OpenedCase
    place: int
    person: Person = field(repr=False)
    judgement: Judgement

    @property
    def rank(self) -> tuple[float, bool, str]:
        accepted = self.judgement.link is Link.ACCEPT
        return self.judgement.probability, accepted, self.case.id


def people(
    claim: Prepared,
    cases: Iterable[OpenedCase],
    weights: Weights,
    key_of: Callable[[Person], int],
) -> list[Candidate]:
    """The likeliest first. Who stands in several cases is one candidate, by the newest of them.

    Two whom the policy would both link are a question: then none of them is a match.
    """
    found = _persons(claim, cases, weights, key_of)
    sure = sum(one.judgement.link is Link.ACCEPT for one in found)
    return [
        Candidate(
            id=str(Handle(one.case.id, one.place)),
            name=masked_name(one.person.name),
            score=_score(one.judgement),
            match=one.judgement.link is Link.ACCEPT and sure == 1,
            type=EntityType.PERSON,
            description=_words(one.judgement),
            features=_features(one.judgement),
            case=one.case,
        )
        for one in found
    ]


def households(
    claim: Prepared,
    cases: Sequence[OpenedCase],
    weights: Weights,
    case_reference: str | None,
) -> list[Candidate]:
    """By the case's number, which is certain; else by the member who is likeliest meant.

    Of one case the newest alone is a candidate.
    """
    newest = {
        (one.request.region, one.request.case_reference): one
        for one in sorted(cases, key=lambda one: (one.id.startswith("vf_"), one.id))
    }
    made: list[Candidate] = []
    for case in newest.values():
        named = case.request.case_reference == case_reference
        likely = _persons(claim, [case], weights, _place_of(case))
        if named or likely:
            made.append(_household(case, likely[0].judgement if likely else None, named=named))
    made.sort(key=lambda one: (one.score, one.match, one.id), reverse=True)
    sure = sum(one.match for one in made)
    return made if sure <= 1 else [_unsure(one) for one in made]


def _place_of(case: OpenedCase) -> Callable[[Person], int]:
    """Within one case everybody is somebody else."""
    places = {one.ref: place for place, one in enumerate(case.request.household.persons)}
    return lambda person: places[person.ref]


def _household(case: OpenedCase, judgement: Judgement | None, *, named: bool) -> Candidate:
    features = () if judgement is None else _features(judgement)
    words = "" if judgement is None else _words(judgement)
    if named:
        features = (Feature(id=_CASE_REFERENCE, value=True), *features)
        words = "；".join(filter(None, ("案卷编号一致", words)))
    sure = judgement is not None and judgement.link is Link.ACCEPT
    return Candidate(
        id=str(Handle(case.id)),
        name=f"{masked_name(case.head.name)} {case.request.case_reference}",
        score=float(_PERCENT) if named or judgement is None else _score(judgement),
        match=named or sure,
        type=EntityType.HOUSEHOLD,
        description=words,
        features=features,
        case=case,
    )


def _unsure(one: Candidate) -> Candidate:
    return Candidate(
        **{**{name: getattr(one, name) for name in Candidate.__slots__}, "match": False}
    )


def _persons(
    claim: Prepared,
    cases: Iterable[OpenedCase],
    weights: Weights,
    key_of: Callable[[Person], int],
) -> list[_Found]:
    best: dict[int, _Found] = {}
    for case in cases:
        for place, person in enumerate(case.request.household.persons, 1):
            judgement = judge(prepare(identity_of(person, case.request)), claim, weights)
            if judgement.link is Link.REFUSE:
                continue
            one = _Found(case, place, person, judgement)
            before = best.setdefault(key_of(person), one)
            if _is_rather(one, before):
                best[key_of(person)] = one
    return sorted(best.values(), key=lambda one: one.rank, reverse=True)


def _is_rather(one: _Found, before: _Found) -> bool:
    """A verification rather than a row of relief, for more is known of it; then the newer."""
    return (one.case.id.startswith("vf_"), one.case.id) > (
        before.case.id.startswith("vf_"),
        before.case.id,
    )


def _score(judgement: Judgement) -> float:
    return round(judgement.probability * _PERCENT, 4)


def _told(judgement: Judgement) -> list[FieldComparison]:
    """Fields that both sides have; of the others a tool learns nothing, not even that they are."""
    return [one for one in judgement.comparison.fields if one.level not in _SILENT]


def _features(judgement: Judgement) -> tuple[Feature, ...]:
    """With the prior they add up to the log2 odds, before a calibration corrects those."""
    prior = Feature(id="prior", value=round(judgement.comparison.prior, 4))
    fields = (Feature(id=one.field, value=round(one.weight, 4)) for one in _told(judgement))
    return (*fields, prior)


def _words(judgement: Judgement) -> str:
    """The reviewers' sentences on each field; none of them quotes a value."""
    return "；".join(_sentence(one.words) for one in _told(judgement))


def _sentence(words: Mapping[str, str]) -> str:
    return words["zh"].rstrip("。；")
