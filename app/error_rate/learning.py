"""From what was observed to a new version of the parameters 参数学习, every number explained."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import expm1, fsum
from typing import Any, Final

from app.error_rate.deviations import ASSUMED_WEIGHT, Deviation, spread_interval, spreads
from app.error_rate.explained import Explained, explained_holdings, explained_rate
from app.error_rate.holdings import SeenHolding, with_holdings
from app.error_rate.observed import (
    Kind,
    LearnedFrom,
    Observation,
    counts_of,
    deviations_of,
    effective_number,
    learned_from,
)
from app.error_rate.parameters import Parameters
from app.error_rate.pooling import Count, pooled
from app.error_rate.priors import SourcePrior
from app.error_rate.variables import Chance

SOURCE_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    # Reported month by month by whoever pays: late or missing reports are their common fault.
    "income": ("tax", "social_insurance", "housing_fund"),
    # Registers of things under one owner's number: what was never entered is missing in all alike.
    "asset_registry": ("property", "business_registration", "vehicle"),
    # Asked institution by institution: whoever was not asked, or keys a name otherwise, is missing.
    "money_holder": ("bank", "insurance", "securities"),
    "registry_of_persons": ("household_registry",),
}
"""Sources that are alike in what makes them fail; one not named here is a type of its own."""
_RATES: Final[Mapping[Kind, str]] = {
    Kind.MISSED: "miss_rate",
    Kind.FALSE: "false_record_rate",
    Kind.CHANGED: "change_per_month",
}
_OF_HOUSEHOLDS: Final = frozenset(
    {
        Kind.UNDECLARED_MEMBER,
        Kind.REGISTERED_MEMBER,
        Kind.UNSEEN_INCOME,
        Kind.DECLARED_UNSEEN,
        Kind.IMPUTED,
        Kind.NEWCOMER_MEANS,
    }
)
_MEAN_DIGITS, _WEIGHT_DIGITS = 10, 3
EXACT: Final = 0.005  # nats: amounts nearer to the true one than this are it


@dataclass(frozen=True, slots=True)
class LearnedParameters:
    """The parameters' file content with what was learned put in, and how.

    `not_used`: sources that were observed and of which nothing is assumed.
    """

    document: Mapping[str, Any]
    explained: tuple[Explained, ...]
    learned_from: LearnedFrom
    not_used: tuple[str, ...]

    @property
    def content(self) -> dict[str, Any]:
        """The document without what names a version: the version learned is another."""
        return {key: one for key, one in self.document.items() if key not in ("version", "since")}


def learn(
    assumed: Mapping[str, Any],
    observations: Iterable[Observation],
    held: Iterable[SeenHolding] = (),
) -> LearnedParameters:
    """The assumed parameters (a file's content), less wrong by what was observed, and is held.

    It starts from what was assumed, never from what was learned before: all observations come in
    each time, none twice. Without any, every number is the assumed one, exactly; their order means
    nothing. Raises ConfigurationError where `assumed` is no parameters.
    """
    seen, held = sorted(observations, key=lambda one: one.row), tuple(held)
    before = Parameters.of(assumed, file="parameters")
    explained = [
        *_rates(before, seen),
        *_amounts(before, seen),
        *_households(before, seen),
    ]
    document = with_holdings(assumed, held)
    for one in explained:
        _put(document, one)
    if seen:
        document["example"] = before.example and _is_mostly_assumed(explained)
    unknown = {one.source for one in seen if one.kind not in _OF_HOUSEHOLDS} - set(before.sources)
    explained += explained_holdings(assumed, document, held)
    return LearnedParameters(
        document, tuple(explained), learned_from(seen, held), tuple(sorted(unknown))
    )


def type_of(source: str) -> str:
    """The type of a source; its own name where it is of none."""
    return next((name for name, members in SOURCE_TYPES.items() if source in members), source)


def _rates(before: Parameters, seen: Sequence[Observation]) -> Iterator[Explained]:
    types = dict.fromkeys(type_of(source) for source in before.sources)
    for kind, name in _RATES.items():
        counts = counts_of(seen, kind)
        note = _without_months(seen) if kind is Kind.CHANGED else {}
        for type_ in types:
            priors = {one.source: one for one in before.sources.values() if _is_of(one, type_)}
            assumed = {source: getattr(prior, name) for source, prior in priors.items()}
            for source, found in pooled(assumed, counts).rates.items():
                count = counts.get(source, Count())
                one = explained_rate(f"sources.{source}.{name}", assumed[source], found, count)
                yield replace(one, type=type_, note=note.get(source))


def _is_of(prior: SourcePrior, type_: str) -> bool:
    return type_of(prior.source) == type_


def _without_months(seen: Sequence[Observation]) -> Mapping[str, str]:
    """By source, how many changes do not count since nobody told in how many months."""
    left_out: dict[str, int] = {}
    for one in seen:
        if one.kind is Kind.CHANGED and one.exposure is None:
            left_out[one.source] = left_out.get(one.source, 0) + 1
    return {source: f"{count} left out: without months" for source, count in left_out.items()}


def _amounts(before: Parameters, seen: Sequence[Observation]) -> Iterator[Explained]:
    for source, prior in before.sources.items():
        told = deviations_of(seen, source)
        off = [one for one in told if abs(one.log_ratio) >= EXACT]
        fresh = [one for one in told if one.months <= 0.0]
        yield _off(f"sources.{source}.amount_off", prior.amount_off, fresh)
        found = spreads(prior.amount_sigma, prior.sigma_per_month, off)
        notes = []
        if found.far_out:
            notes.append(f"{found.far_out} too far off for a spread: false records")
        if found.bias is not None and not found.bias[1] <= 0.0 <= found.bias[2]:
            notes.append(f"those off are {expm1(found.bias[0]):+.1%} off on average")
        one = _spread(prior.amount_sigma, found.fresh, found.effective)
        yield replace(one, key=f"sources.{source}.amount_sigma", note="; ".join(notes) or None)
        monthly = _spread(prior.sigma_per_month, found.per_month, found.aged)
        yield replace(monthly, key=f"sources.{source}.sigma_per_month")
    told = deviations_of(seen, "", Kind.IMPUTED)
    yield _off("imputed_off", before.imputed_off, told)
    imputed = spreads(
        before.imputed_sigma, 0.0, [one for one in told if abs(one.log_ratio) >= EXACT]
    )
    one = _spread(before.imputed_sigma, imputed.fresh, imputed.effective)
    yield replace(one, key="imputed_sigma")


def _off(key: str, assumed: Chance, told: Sequence[Deviation]) -> Explained:
    """How many amounts are other ones at all; rounding and a day's interest do not make one so."""
    mass = fsum(one.weight for one in told)
    count = Count()
    if mass > 0.0:
        share = fsum(one.weight for one in told if abs(one.log_ratio) >= EXACT) / mass
        trials = effective_number([one.weight for one in told])
        count = Count(share * trials, trials)
    return explained_rate(key, assumed, pooled({key: assumed}, {key: count}).rates[key], count)


def _spread(assumed: float, learned: float, trials: float) -> Explained:
    return Explained(
        key="",
        assumed=assumed,
        assumed_weight=ASSUMED_WEIGHT,
        type=None,
        expected=assumed,
        hits=None,
        trials=trials,
        learned=learned,
        weight=ASSUMED_WEIGHT + trials,
        interval=spread_interval(learned, trials),
    )


def _households(before: Parameters, seen: Sequence[Observation]) -> Iterator[Explained]:
    """Each by itself: what is so of spouses tells nothing of others."""
    together = [replace(one, source="") for one in seen if one.kind in _OF_HOUSEHOLDS]
    whole = {kind: counts_of(together, kind).get("", Count()) for kind in _OF_HOUSEHOLDS}
    relations = counts_of(seen, Kind.REGISTERED_MEMBER)
    unseen = before.unseen_income.probability
    chances = {
        "undeclared_member": (before.undeclared_member, whole[Kind.UNDECLARED_MEMBER]),
        "unseen_income.probability": (unseen, whole[Kind.UNSEEN_INCOME]),
        "newcomer.means": (before.newcomer.means, whole[Kind.NEWCOMER_MEANS]),
        "declared_unseen": (before.declared_unseen, whole[Kind.DECLARED_UNSEEN]),
    } | {
        f"registered_member.{relation}": (chance, relations.get(relation, Count()))
        for relation, chance in before.registered_member.items()
    }
    for key, (chance, count) in chances.items():
        yield explained_rate(key, chance, pooled({key: chance}, {key: count}).rates[key], count)


def _put(document: dict[str, Any], one: Explained) -> None:
    """The learned number in its place; what was not learned stays as it was written."""
    if one.learned == one.assumed and one.weight == one.assumed_weight:
        return
    *way, last = one.key.split(".")
    place = document
    for step in way:
        place = place[step]
    mean = round(one.learned, _MEAN_DIGITS)
    if one.hits is None:
        place[last] = mean
    else:
        place[last] = {"mean": mean, "weight": round(one.weight, _WEIGHT_DIGITS)}


def _is_mostly_assumed(explained: Iterable[Explained]) -> bool:
    """Whether some source's missed or false records are still more assumed than seen."""
    names = (_RATES[Kind.MISSED], _RATES[Kind.FALSE])
    return any(one.trials < one.assumed_weight for one in explained if one.key.endswith(names))
