"""What applicants have in a source 持有先验, learned from the service's own complete answers.

No audit is needed for it: whom a source answered about completely either has a thing or not, and
how large it is. What the source misses lowers the share a little; the miss rate is learned apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Final

AT_A_BANK: Final = "deposit_at_a_bank"
SIZES: Final[Mapping[str, tuple[str, ...]]] = {
    AT_A_BANK: (AT_A_BANK,),
    "newcomer_income": ("newcomer", "income"),
    "newcomer_assets": ("newcomer", "assets"),
    "unseen_income": ("unseen_income",),
}
"""Kinds of which only the size is learned, and where it stands in the file."""
_SIZE_WEIGHT: Final = 20.0  # amounts that the assumed median and sigma stand for
_LEAST_SIGMA: Final = 0.1
_LEAST_MEDIAN: Final = 0.01  # a fen
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class SeenHolding:
    """One person of whom the source told all: has a thing of the kind, and how much of it.

    `amount` in the total's unit; None where there is none, or it is not known exactly.
    """

    source: str
    kind: str
    has: bool
    amount: float | None = None


def with_holdings(assumed: Mapping[str, Any], seen: Iterable[SeenHolding]) -> dict[str, Any]:
    """A parameters file's content, its `has` less wrong by what was seen.

    Shares are Beta posteriors; the logarithms of amounts have a normal-inverse-gamma posterior
    that starts from the assumed median and sigma. Without anything seen, the assumed, exactly.
    """
    document = deepcopy(dict(assumed))
    by_kind: dict[tuple[str, str], list[SeenHolding]] = {}
    for one in seen:
        by_kind.setdefault((one.source, one.kind), []).append(one)
    for (source, kind), persons in sorted(by_kind.items()):
        holding = document.get("sources", {}).get(source, {}).get("has", {}).get(kind)
        logs = sorted(log(one.amount) for one in persons if one.amount and one.amount > 0.0)
        if kind in SIZES and logs:
            _learn_size(at(document, SIZES[kind]), logs)
        elif holding is not None:
            _learn_share(holding["probability"], persons)
            if logs and not holding.get("whole", False):
                _learn_size(holding, logs)
    return document


def at(document: Any, way: Sequence[str]) -> Any:
    """What stands in a file's content under these keys, one in the other."""
    found = document
    for step in way:
        found = found[step]
    return found


def _learn_share(share: dict[str, float], persons: Sequence[SeenHolding]) -> None:
    weight = share["weight"]
    hits = sum(one.has for one in persons)
    share["mean"] = round((share["mean"] * weight + hits) / (weight + len(persons)), _DIGITS)
    share["weight"] = weight + len(persons)


def _learn_size(holding: dict[str, Any], logs: Sequence[float]) -> None:
    centre, sigma = log(holding["median"]), holding["sigma"]
    count = len(logs)
    mean = sum(logs) / count
    squares = sum((one - mean) ** 2 for one in logs)
    apart = _SIZE_WEIGHT * count / (_SIZE_WEIGHT + count) * (mean - centre) ** 2
    variance = (_SIZE_WEIGHT * sigma**2 + squares + apart) / (_SIZE_WEIGHT + count)
    middle = (_SIZE_WEIGHT * centre + count * mean) / (_SIZE_WEIGHT + count)
    holding["median"] = max(_LEAST_MEDIAN, round(exp(middle), 2))
    holding["sigma"] = round(max(_LEAST_SIGMA, sqrt(variance)), _DIGITS)
