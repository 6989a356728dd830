"""How each learned number came about 参数说明: assumed, expected of its type, seen, learned."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Final

from app.error_rate.holdings import SIZES, SeenHolding, at
from app.error_rate.pooling import Count, Posterior
from app.error_rate.variables import Chance

_NORMAL_95: Final = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """How one number came about: assumed, expected of the source's type, seen, learned.

    `key` is its place in the file. A rate has `hits` of `trials` (effective ones; months of
    exposure for a change per month) and a weight in observations; a spread counts amounts as
    trials and has no hits, and so has the median of an amount. `interval` at 95 %; `note` says what
    a number cannot.
    """

    key: str
    assumed: float
    assumed_weight: float
    type: str | None
    expected: float
    hits: float | None
    trials: float
    learned: float
    weight: float
    interval: tuple[float, float]
    note: str | None = None


def explained_rate(key: str, assumed: Chance, found: Posterior, count: Count) -> Explained:
    """A rate that was learned from a count."""
    return Explained(
        key=key,
        assumed=assumed.mean,
        assumed_weight=assumed.weight,
        type=None,
        expected=found.expected,
        hits=count.hits,
        trials=count.trials,
        learned=found.mean,
        weight=found.weight,
        interval=found.interval,
    )


def explained_holdings(
    assumed: Mapping[str, Any], learned: Mapping[str, Any], held: Sequence[SeenHolding]
) -> Iterator[Explained]:
    """What applicants have in each source, and how much of it, in two contents of a file."""
    persons = Counter((one.source, one.kind) for one in held)
    having = Counter((one.source, one.kind) for one in held if one.has)
    sizes = Counter((one.source, one.kind) for one in held if one.amount)
    for source, content in learned["sources"].items():
        for kind, now in content["has"].items():
            place = f"sources.{source}.has.{kind}"
            key = (source, kind)
            before = assumed["sources"][source]["has"][kind]
            count = Count(having[key], persons[key])
            yield _share(f"{place}.probability", before["probability"], now["probability"], count)
            if before.get("median") != now.get("median"):
                yield _median(f"{place}.median", before, now, sizes[key])
    for kind, way in SIZES.items():
        amounts = sum(count for (_, name), count in sizes.items() if name == kind)
        if amounts:
            yield _median(".".join((*way, "median")), at(assumed, way), at(learned, way), amounts)


def _share(
    key: str, before: Mapping[str, float], now: Mapping[str, float], count: Count
) -> Explained:
    found = Posterior(before["mean"], now["mean"], now["weight"])
    return explained_rate(key, Chance(before["mean"], before["weight"]), found, count)


def _median(
    key: str, before: Mapping[str, float], now: Mapping[str, float], amounts: int
) -> Explained:
    """The median of a lognormal amount; the spread of its logarithm is told in the note."""
    half = _NORMAL_95 * now["sigma"] / sqrt(amounts)
    return Explained(
        key=key,
        assumed=before["median"],
        assumed_weight=0.0,
        type=None,
        expected=before["median"],
        hits=None,
        trials=float(amounts),
        learned=now["median"],
        weight=float(amounts),
        interval=(exp(log(now["median"]) - half), exp(log(now["median"]) + half)),
        note=f"sigma {before['sigma']:.3g} → {now['sigma']:.3g}",
    )
