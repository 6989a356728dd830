"""What sources did not tell: missed, never asked about, begun since, or beyond what they see."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from app.domain.decision import Cause
from app.domain.evidence import SourceStatus
from app.domain.household import IncomeKind
from app.error_rate.priors import Holding, SourcePrior
from app.error_rate.variables import Chance, Hidden, Presence
from app.verification.score.kinds import ASSETS, INCOME
from app.verification.score.known import Known, lacks_consent, what_tells

_INCOME_SOURCES: Final = ("tax", "social_insurance", "business_registration")
_HOMES: Final = "property"
_LEAST: Final = 1e-5  # a chance below bears on no rate that is reported


def gaps(known: Known) -> Iterator[Hidden | Presence]:
    """All that counted grown-up members may have besides what was returned."""
    for status in known.statuses:
        prior = known.prior(status.source, status.person)
        if prior is None or status.person not in known.grown_up:
            continue
        for holding in prior.has.values():
            for one in _of_kind(known, status, prior, holding):
                if one.probability.mean > _LEAST:
                    yield one
    yield from _of_supporters(known)
    unseen = known.parameters.unseen_income
    for _ in known.grown_up:
        yield unseen.hidden(Cause.SOURCE_GAP, unseen.probability)


def _of_kind(
    known: Known, status: SourceStatus, prior: SourcePrior, holding: Holding
) -> Iterator[Hidden | Presence]:
    if _is_told_elsewhere(known, status, holding):
        return
    miss = prior.miss_rate
    seen = _is_seen(known, status, holding.kind)
    if status.complete:
        if seen:
            more = holding.probability.and_(known.parameters.another.and_(miss))
            yield holding.hidden(Cause.SOURCE_GAP, more)
        else:
            yield from _unseen(known, status, prior, holding)
        yield from _begun(known, status, prior, holding)
        return
    ways = _had(known, status, holding)
    if seen:
        ways = ((holding.probability.and_(known.parameters.more_where_open), holding),)
    cause = Cause.CONSENT_GAP if lacks_consent(status) else Cause.SOURCE_GAP
    for had, sized in ways:
        told = replace_mean(had, had.mean * (1.0 - miss.mean))
        yield replace(sized.hidden(cause, told), action=what_tells(status))
        yield sized.hidden(cause, had.and_(miss))


def _is_seen(known: Known, status: SourceStatus, kind: str) -> bool:
    """Something of the kind is among the lines, whoever told of it, or the source told of others.

    Others do not stand for what is declared: a car on the register is not the vessel.
    """
    income = INCOME.get((status.source, kind))
    if income is not None and known.has_income(status.person, income):
        return True
    if kind in ASSETS and known.has_asset(status.person, ASSETS[kind]):
        return True
    is_found = (status.person, status.source) in known.found
    return is_found and _declared(known, status, kind) is None


def replace_mean(chance: Chance, mean: float) -> Chance:
    """As surely known, with another mean."""
    return Chance(min(1.0, mean), chance.weight, chance.shared)


def _had(
    known: Known, status: SourceStatus, holding: Holding
) -> tuple[tuple[Chance, Holding], ...]:
    """The chance that the person has it before the source answers, and how much it may be.

    What is declared is there, about as declared, or as much as such persons have where they tell
    of a part only: two things that are hardly ever both so.
    """
    declared = _declared(known, status, holding.kind)
    parameters = known.parameters
    if declared is not None:
        if declared <= 0.0 or holding.whole:
            return ((parameters.declared_held, holding),)
        sized = replace(holding, median=declared, sigma=parameters.declared_sigma)
        held, hides = parameters.declared_held, parameters.undeclared_share.mean
        return (
            (replace_mean(held, held.mean * (1.0 - hides)), sized),
            (replace_mean(held, held.mean * hides), holding),
        )
    before = holding.probability
    if not known.declares_anything:
        return ((before, holding),)
    hidden = before.mean * parameters.undeclared_share.mean
    mean = hidden / (1.0 - before.mean + hidden) if hidden > 0.0 else 0.0
    return ((replace_mean(before, mean), holding),)


def _declared(known: Known, status: SourceStatus, kind: str) -> float | None:
    if (status.source, kind) in INCOME:
        return known.declared_income(status.person, INCOME[status.source, kind])
    if kind in ASSETS:
        return known.declared_assets(status.person, ASSETS[kind])
    return None


def _is_told_elsewhere(known: Known, status: SourceStatus, holding: Holding) -> bool:
    """A first home once a household, a second where there may be a first; a wage once as well."""
    if holding.kind == "first_home":
        elsewhere = not status.complete and status.person != _first_owner(known)
        return elsewhere or known.base["homes"] > 0.0
    if holding.kind == "second_home":
        return known.base["homes"] == 0.0 and _first_owner(known) is None
    if (status.source, holding.kind) == ("housing_fund", "wage"):
        return known.has_income(status.person, IncomeKind.WAGE)
    return False


def _first_owner(known: Known) -> str | None:
    """Whose a home would be of which the register did not tell: who declares one, else the first.

    Members share a home: what each of them alone may have would make two of one.
    """
    untold = {one.person for one in known.statuses if one.source == _HOMES and not one.complete}
    kinds = ASSETS["first_home"]
    return min(
        untold & known.grown_up,
        key=lambda ref: (known.declared_assets(ref, kinds) is None, ref),
        default=None,
    )


def _unseen(
    known: Known, status: SourceStatus, prior: SourcePrior, holding: Holding
) -> Iterator[Hidden | Presence]:
    """What is there although the source, which answered all, has nothing of the kind.

    By Bayes: had and missed, among missed and not had. An income that the household itself
    declares is another matter: an employer who pays in cash reports to nobody.
    """
    ways = _had(known, status, holding)
    if (status.source, holding.kind) in INCOME and len(ways) > 1:
        sized = ways[0][1]
        hidden = sized.hidden(Cause.SOURCE_GAP, known.parameters.declared_unseen)
        yield replace(hidden, action=f"household:income_proof:{status.person}")
        return
    miss = prior.miss_rate
    had = min(1.0, sum(chance.mean for chance, _ in ways))
    for chance, sized in ways:
        both = chance.and_(miss)
        mean = both.mean / (1.0 - had + had * miss.mean) if both.mean > 0.0 else 0.0
        yield sized.hidden(Cause.SOURCE_GAP, Chance(min(mean, 1.0), both.weight, miss.shared))


def _begun(
    known: Known, status: SourceStatus, prior: SourcePrior, holding: Holding
) -> Iterator[Hidden | Presence]:
    """What began after the day that the source's answer is of."""
    months = known.months_old(status.source, status.person)
    began = 1.0 - (1.0 - prior.change_per_month.mean) ** months
    if began <= 0.0:
        return
    chance = holding.probability.and_(replace_mean(prior.change_per_month, began))
    yield replace(holding.hidden(Cause.STALENESS, chance), action=what_tells(status))


def _of_supporters(known: Known) -> Iterator[Hidden | Presence]:
    """What a supporter pays whose own income is not known, once a supporter.

    Of who did not sign the declared payment stands.
    """
    payment = known.parameters.supporter_payment
    untold: dict[str, list[SourceStatus]] = {}
    for status in known.statuses:
        is_open = not status.complete and status.source in _INCOME_SOURCES
        if status.person in known.supporters and is_open and not lacks_consent(status):
            untold.setdefault(status.person, []).append(status)
    for statuses in untold.values():
        in_order = sorted(statuses, key=lambda one: _INCOME_SOURCES.index(one.source))
        action = next(filter(None, map(what_tells, in_order)), "")
        hidden = payment.hidden(Cause.SOURCE_GAP, payment.probability)
        yield replace(hidden, action=action)
