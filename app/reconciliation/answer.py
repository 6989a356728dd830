"""Answers queries: finds cases within the caller's reach, opens them, compares, and says no more.

Nobody is found by a name alone: an index finds numbers and homes, and only who is found is
compared. What a caller may not see in lists is no candidate either.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson
import sqlalchemy as sa

from app.access.case_looks import LookDesk
from app.access.limited import must_concern
from app.access.looking import Looker
from app.access.relations import Home, home_of
from app.domain.errors import Erased, NotFound
from app.domain.household import IdType, Person, Relationship
from app.programmes.standard import Standards
from app.reconciliation import candidates, reference
from app.reconciliation.candidates import Candidate, OpenedCase
from app.reconciliation.entities import OF_CASES, EntityType, Handle
from app.reconciliation.extension import Standing
from app.reconciliation.numbers import likely_numbers
from app.reconciliation.queries import Query
from app.store.reach import Reach
from app.store.recipients import Recipients
from app.store.results import Results
from app.store.roster_candidates import RosterCandidates, Sought
from app.store.verifications import Verifications
from matching.identity import Identity
from matching.idnumber import to_15
from matching.pair import prepare
from matching.prepared import Prepared
from matching.weights import Weights

_MOST_CASES = 20
"""Opened for one query by each index: a person stands in few, a home in some more."""
_COUNTY = 6
_RECIPIENT = "rc_"
_FINAL = "final"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, what of lists is within reach, and where is looked."""

    look: Looker
    reach: Reach | None
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The stores that are looked through, and what judges."""

    verifications: Verifications
    results: Results
    recipients: Recipients
    index: RosterCandidates
    looks: LookDesk
    weights: Weights
    standards: Standards

    def answer(
        self, tx: sa.Connection, asking: Asking, queries: Mapping[str, Query]
    ) -> dict[str, list[Candidate]]:
        """By the keys of the queries, the likeliest first; none of what nobody is like."""
        return {key: self._candidates(tx, asking, one) for key, one in queries.items()}

    def opened(self, tx: sa.Connection, asking: Asking, handle: Handle) -> OpenedCase:
        """The case of a handle. Raises `NotFound` alike for what is elsewhere, out of the caller's
        programmes, erased, and nowhere."""
        with suppress(Erased):
            case = self._open(tx, asking.region, handle.case)
            must_concern(asking.look, case.request)
            if handle.place is None or case.person(handle.place) is not None:
                return case
        raise NotFound("no such entity")

    def standing(self, tx: sa.Connection, asking: Asking, case: OpenedCase) -> Standing:
        """How the case stands; outcomes of the caller's programmes alone."""
        if case.id.startswith(_RECIPIENT):
            row = self.recipients.get(tx, case.id, region=asking.region)
            return Standing(status=row.state.value, verified_on=row.last_verified_on)
        stored = self.verifications.get(tx, case.id, region=asking.region)
        result = self.results.newest(tx, case.id)
        decided = [] if result is None else orjson.loads(result.body).get("decisions", [])
        own = asking.look.programmes
        return Standing(
            status=stored.status,
            verified_on=case.request.as_of if stored.status == _FINAL else None,
            outcomes=[
                (one["programme"], one["outcome"])
                for one in decided
                if not own or one["programme"] in own
            ],
        )

    def programmes(self) -> Mapping[str, Mapping[str, str]]:
        """Their names, by key and language."""
        return {key: self.standards.file(key).name for key in self.standards.programmes}

    def _candidates(self, tx: sa.Connection, asking: Asking, query: Query) -> list[Candidate]:
        found: list[Candidate] = []
        if any(one in OF_CASES for one in query.types):
            found += self._somebody(tx, asking, query)
        if EntityType.REGION in query.types:
            found += reference.regions(
                query.text or query.first("region") or "",
                lambda code: self.index.regions(tx, code, asking.region),
            )
        if EntityType.PROGRAMME in query.types:
            found += reference.programmes(query.text, self.programmes())
        found.sort(key=lambda one: (one.score, one.match), reverse=True)
        return found[: query.limit]

    def _somebody(self, tx: sa.Connection, asking: Asking, query: Query) -> list[Candidate]:
        region = _narrowed(asking.region, query.first("region"))
        if region is None:
            return []
        identity, case_reference = query.identity(), None
        if EntityType.HOUSEHOLD in query.types:
            case_reference = query.first("case_reference") or query.text or None
        claim = prepare(identity)
        sought = Sought(
            region=region,
            persons=_persons(identity, claim, region),
            homes=_homes(claim, region),
            case_reference=case_reference,
        )
        cases = list(self._within_reach(tx, asking, sought))
        found: list[Candidate] = []
        if EntityType.PERSON in query.types:
            found += candidates.people(claim, cases, self.weights, self.index.key_of)
        if EntityType.HOUSEHOLD in query.types:
            found += candidates.households(claim, cases, self.weights, case_reference)
        return found

    def _within_reach(
        self, tx: sa.Connection, asking: Asking, sought: Sought
    ) -> Iterator[OpenedCase]:
        """Cases that may be seen: no relative's, none of other programmes or purposes."""
        related = (
            self.looks.related_to(tx, asking.look.actor)
            if asking.look.is_staff
            else lambda _: False
        )
        ids = self.index.verifications(tx, sought, asking.reach, _MOST_CASES)
        ids += [one.id for one in self.index.recipients(tx, sought, asking.reach, _MOST_CASES)]
        for id_ in ids:
            with suppress(NotFound, Erased):
                case = self._open(tx, sought.region, id_)
                must_concern(asking.look, case.request)
                if not related(case.request):
                    yield case

    def _open(self, tx: sa.Connection, region: str, id_: str) -> OpenedCase:
        if id_.startswith(_RECIPIENT):
            row = self.recipients.get(tx, id_, region=region)
            (request,) = self.recipients.requests(tx, [row])
            return OpenedCase(id_, request)
        return OpenedCase(id_, self.verifications.get(tx, id_, region=region).request)


def _narrowed(own: str, named: str | None) -> str | None:
    """Where to look: the part of the own region that a row names; None: a place elsewhere."""
    if named is None or own.startswith(named):
        return own
    return named if named.startswith(own) and named.isascii() and named.isdigit() else None


def _persons(identity: Identity, claim: Prepared, region: str) -> Sequence[Person]:
    """Under which documents the person may stand; and without one, by name and date of birth."""
    counties = (region[:_COUNTY],) if len(region) >= _COUNTY else ()
    numbers = likely_numbers(claim.number, claim.birth_date, counties)
    found = [_person(one, identity) for one in numbers]
    if claim.number.is_valid and claim.number.text[6:8] == "19":
        found.append(_person(to_15(claim.number.text), identity))
    if identity.name and claim.name and claim.birth_date:
        found.append(
            Person(
                ref="",
                name=identity.name,
                id_type=IdType.NONE,
                id_number="",
                relationship=Relationship.OTHER,
                birth_date=claim.birth_date,
            )
        )
    return found


def _person(number: str, identity: Identity) -> Person:
    return Person(
        ref="",
        name="",
        id_type=IdType(identity.id_type),
        id_number=number,
        relationship=Relationship.OTHER,
    )


def _homes(claim: Prepared, region: str) -> Sequence[str]:
    """What names the home within its city, where the row has an address and a name to compare.

    Signs that are no name compare with nothing: who sends them would find all who live there.
    """
    address = claim.identity.address
    if not address or claim.name is None or len(region) < 4:
        return ()
    return (home_of(Home(region=region, address=address)),)
