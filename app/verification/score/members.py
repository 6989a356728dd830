"""Members as variables: who was left out, with means of the person's own, and who is gone."""

from collections.abc import Iterator

from app.domain.decision import Cause
from app.domain.profile import IdentityState, PersonProfile
from app.error_rate.variables import Chance, Heads, Hidden, Variable
from app.verification.score.known import Known, what_tells

_MEMBERS = "household:members"
_REGISTRY = "household_registry"
_GONE_UNKNOWN, _GONE_DOUBTFUL = Chance(0.01, 20.0), Chance(0.05, 20.0)


def members(known: Known) -> Iterator[Variable]:
    """Members not declared, registered or not, and members whose life is in doubt."""
    yield from _newcomer(known, known.parameters.undeclared_member, "undeclared")
    for one in known.profile.composition.registered_not_declared:
        chance = known.parameters.registered(one.relation)
        yield from _newcomer(known, chance, f"registered {one.evidence}")
    for person in known.profile.persons:
        yield from _gone(known, person)


def _newcomer(known: Known, chance: Chance, name: str) -> Iterator[Variable]:
    """One more member: with means, or without; two events that hardly ever both happen."""
    new = known.parameters.newcomer
    with_means, without = f"{name} with means", f"{name} without means"
    able = chance.and_(new.means)
    unable = Chance(max(0.0, chance.mean - able.mean), chance.weight, chance.shared)
    yield Heads(
        cause=Cause.COMPOSITION, probability=unable, change=1, group=without, action=_MEMBERS
    )
    yield Heads(
        cause=Cause.COMPOSITION, probability=able, change=1, group=with_means, action=_MEMBERS
    )
    for total, size in (("monthly_income", new.income), ("financial_assets", new.assets)):
        yield Hidden(
            cause=Cause.COMPOSITION,
            total=total,
            probability=able,
            median=size.median,
            sigma=size.sigma,
            whole=False,
            group=with_means,
            action=_MEMBERS,
        )


def _gone(known: Known, person: PersonProfile) -> Iterator[Heads]:
    doubtful = person.identity in (IdentityState.UNCERTAIN, IdentityState.MISMATCH)
    if person.counted and person.alive is None and doubtful:
        unknown = person.probability is None
        yield Heads(
            cause=Cause.COMPOSITION,
            probability=_GONE_UNKNOWN if unknown else _GONE_DOUBTFUL,
            change=-1,
            action=_registry(known, person.ref) if unknown else "",
        )


def _registry(known: Known, ref: str) -> str:
    """What would tell whether the person lives."""
    asked = (one for one in known.statuses if (one.person, one.source) == (ref, _REGISTRY))
    return next(map(what_tells, asked), "")
