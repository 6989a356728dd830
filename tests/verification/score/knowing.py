"""What a household's variables are made from, built of its evidence as the flow builds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any, Final

from app.access.consent import is_adult
from app.domain.decision import Cause
from app.domain.evidence import Evidence, Link, SourceState, Unasked
from app.domain.household import VerificationRequest
from app.error_rate.parameters import Parameters
from app.error_rate.priors import Holding
from app.error_rate.variables import Heads, Hidden, Presence, Spread, Variable
from app.verification.conclude import _Work
from app.verification.identify import identify
from app.verification.merge.profile import counted, merge, without
from app.verification.merge.records import Material
from app.verification.score.known import Difference, Known
from app.verification.score.score import Scored
from connectors.records import AnyRecord
from tests.builders import a_material
from tests.concluding import Told, knowledge
from tests.records import AS_OF

Told_ = Mapping[tuple[str, str], Mapping[str, Any]]
"""What came of asking other than a whole answer: (person, source) → the status's fields."""
FAILED: Final = {"state": SourceState.FAILED, "complete": False}
PENDING: Final = {"state": SourceState.PENDING, "complete": False}
NOT_CONNECTED: Final = {
    "state": SourceState.NOT_ASKED,
    "complete": False,
    "reason": Unasked.NOT_CONFIGURED,
}
UNSIGNED: Final = {
    "state": SourceState.NOT_ASKED,
    "complete": False,
    "reason": Unasked.WITHDRAWN,
}


def aged(months: int) -> Mapping[str, Any]:
    """A whole answer of so many months before the day of judgement."""
    return {"data_as_of": AS_OF - timedelta(days=round(months * 30.4375))}


@cache
def priors() -> Parameters:
    return Parameters.load()


def holding(source: str, kind: str) -> Holding:
    return priors().sources[source].has[kind]


def known_of(
    *evidence: Evidence[AnyRecord] | AnyRecord,
    request: VerificationRequest | None = None,
    states: Told_ | None = None,
    differences: Sequence[Difference] = (),
    parameters: Parameters | None = None,
    **counting: Any,
) -> Known:
    """m1 alone, of whom all ten sources told all, unless changed; `counting` changes its rules."""
    material = a_material(*evidence, request=request, **counting)
    changed = {} if states is None else states
    statuses = tuple(
        replace(one, **changed.get((one.person, one.source), {})) for one in material.statuses
    )
    return known_from(replace(material, statuses=statuses), differences, parameters)


def known_from(
    material: Material,
    differences: Sequence[Difference] = (),
    parameters: Parameters | None = None,
) -> Known:
    """From what a profile is made of."""
    in_review = frozenset(row.id for row in material.evidence if row.link is Link.IN_REVIEW)
    settled, _ = counted(without(material, in_review))
    request = material.request
    adults = (one for one in request.household.members if is_adult(one, request) is not False)
    return Known(
        request=request,
        profile=merge(material),
        settled=settled,
        differences=differences,
        statuses=material.statuses,
        adults=frozenset(one.ref for one in adults),
        found=frozenset((row.person, row.source) for row in material.accepted),
        parameters=parameters or priors(),
    )


def scored_of(told: Told, programme: str = "urban_dibao") -> Scored:
    """What the flow makes of replies as they are stored, by the programme's counting rules."""
    case, knows = told.case(), knowledge()
    evidence = identify(case.replies, case.request, knows.weights, case.judgements)
    return _Work(case, knows, evidence).view(programme).scored


def effects_of(one: Variable) -> dict[str, float]:
    """The totals that a variable moves; of an amount that is not known by 1."""
    match one:
        case Presence():
            return dict(one.effects)
        case Hidden() | Spread():
            return {one.total: 1.0}
        case Heads():
            return {"household_size": float(one.change)}


def moving(variables: Iterable[Variable], total: str) -> list[Variable]:
    """The variables that move the total."""
    return [one for one in variables if total in effects_of(one)]


def chance_of(one: Variable) -> float:
    """How likely it is; of an amount, that it is there."""
    return 1.0 if isinstance(one, Spread) else one.probability.mean


def actions_of(variables: Iterable[Variable]) -> set[str]:
    return {one.action for one in variables} - {""}


def causes_of(variables: Iterable[Variable]) -> set[Cause]:
    return {one.cause for one in variables}


def as_set(variables: Iterable[Variable]) -> list[str]:
    """The variables whatever their order, and whatever that of their effects."""
    return sorted(
        repr((dict(sorted(effects_of(one).items())), replace(one, effects={})))
        if isinstance(one, Presence)
        else repr(one)
        for one in variables
    )
