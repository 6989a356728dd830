"""Draws an audit's sample from its frame: strata, chances, who is read twice, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil, log2
from typing import Any, Final

from app.domain.errors import FieldError, InvalidRequest
from app.review.audit_design import LEAST_RATE, KindDrawn, design_document, expected
from app.review.audit_plan import AuditPlan
from app.review.sampling import design
from app.review.sampling.allocation import LEAST
from app.review.sampling.design import Drawn, Part, Plan, Sample
from app.review.sampling.errors import InvalidDesign, InvalidFrame
from app.review.sampling.frame import Decided, Frame, Unit, frames
from app.review.sampling.lottery import Lottery, by_size
from app.review.sampling.planning import size_for, size_for_strata
from app.review.sampling.strata import LEVELS, Stratification, Stratum, stratify
from app.store.audit_samples import FrameRow, StoredItem

_COUNTY, _TOWN = LEVELS
_LEAST_SIZE: Final = 30  # below it no rate is given as a point
_BOUND: Final = 2  # at most half of a sample is what its strata must have
_ORDER, _SECOND_BY_RISK = "order", "second by risk"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn sample as it is stored: its items, its frame's digest, sizes and precision."""

    items: tuple[StoredItem, ...]
    frame_digest: str
    details: Mapping[str, Any]


def draw(plan: AuditPlan, rows: Sequence[FrameRow], seed: int) -> Drawing:
    """The sample of that plan, frame and seed: always the same.

    Raises `InvalidRequest` where the frame holds no decision of the kinds, or the sample is too
    small for its strata.
    """
    digits = region_digits(plan.region)
    found = frames(unit_of(row, digits) for row in rows if decided(row) in plan.kinds)
    if not found:
        raise InvalidRequest(
            (FieldError("/frame", "frame.empty", "no decision of these kinds became final then"),)
        )
    try:
        drawn = [_drawn(plan, frame, seed) for frame in found.values()]
    except (InvalidDesign, InvalidFrame) as error:
        raise InvalidRequest((FieldError("/size", "sample.not_drawable", str(error)),)) from None
    digest = _digest([one.sample.digest for one in drawn])
    regions = {_id(row): row.region for row in rows}
    return Drawing(
        items=tuple(_items(drawn, regions, Lottery(seed, digest, _ORDER))),
        frame_digest=digest,
        details=design_document(plan, drawn),
    )


def region_digits(region: str) -> int:
    """Strata and results go by the level below the audit's region: counties, or towns of one."""
    return _COUNTY if len(region) < _COUNTY else _TOWN


def decided(row: FrameRow) -> Decided:
    """A stop is no refusal: its frame is of those who were paid before."""
    if row.outcome == "confirmed":
        return Decided.CONFIRMED
    return Decided.STOPPED if row.stopped else Decided.REFUSED


def unit_of(row: FrameRow, digits: int) -> Unit:
    """The decision as it is drawn; a region above the level of strata is a place of its own."""
    return Unit(
        id=_id(row),
        programme=row.programme,
        region=row.region.ljust(digits, "0"),
        decided=decided(row),
        risk=row.error_rate,
    )


def _id(row: FrameRow) -> str:
    return f"{row.verification_id}/{row.programme}"


def _digest(digests: Sequence[str]) -> str:
    """Of all kinds' frames together; each one's own stands in the details."""
    together = "\n".join(digests)
    return f"sha256:{sha256(together.encode()).hexdigest()}"


def _drawn(plan: AuditPlan, frame: Frame, seed: int) -> KindDrawn:
    n = min(_size(plan, frame), len(frame.units))
    by, strata = _strata(frame, region_digits(plan.region), n)
    wanted = Plan(
        n=n,
        allocation=plan.allocation,
        stratification=by,
        second_share=plan.second_reading_share,
        risk=_risk_part(plan, frame, n),
    )
    sample = design.draw(frame, wanted, seed)
    return KindDrawn(frame, strata, sample, _twice_by_risk(sample, seed))


def _risk_part(plan: AuditPlan, frame: Frame, n: int) -> int:
    """As many as are surely left by the random part and have any risk, if it is fewer."""
    risky = sum(unit.risk > 0.0 for unit in frame.units)
    return max(0, min(plan.risk_supplement, risky - n))


def _size(plan: AuditPlan, frame: Frame) -> int:
    """As asked for, or what the precision takes if decisions are as often wrong as predicted."""
    if plan.size is not None:
        return plan.size
    if plan.half_width is None:
        raise InvalidDesign("neither a size nor a precision is asked for")
    rate = max(LEAST_RATE, sum(unit.risk for unit in frame.units) / len(frame.units))
    simple = max(_LEAST_SIZE, size_for(rate, plan.half_width, len(frame.units)))
    _, strata = _strata(frame, region_digits(plan.region), min(simple, len(frame.units)))
    return max(_LEAST_SIZE, size_for_strata(expected(strata, plan), plan.half_width))


def _strata(frame: Frame, digits: int, n: int) -> tuple[Stratification, tuple[Stratum, ...]]:
    """The finest strata, by doublings of what is too small, that bind at most half of the sample.

    Each must have two. At the coarsest each programme is one stratum.
    """
    by = Stratification(region_digits=digits)
    low, high = 0, max(0, ceil(log2(len(frame.units) / by.smallest)))
    found: dict[int, tuple[Stratification, tuple[Stratum, ...]]] = {}
    while low < high:
        middle = (low + high) // 2
        found[middle] = _divided(frame, by, middle)
        bound = sum(min(LEAST, len(one.units)) for one in found[middle][1])
        if bound * _BOUND <= n:
            high = middle
        else:
            low = middle + 1
    return found.get(low) or _divided(frame, by, low)


def _divided(
    frame: Frame, by: Stratification, doublings: int
) -> tuple[Stratification, tuple[Stratum, ...]]:
    coarser = replace(by, smallest=by.smallest * 2**doublings)
    return coarser, stratify(frame, coarser)


def _twice_by_risk(sample: Sample, seed: int) -> frozenset[str]:
    """Second readings of the risk part, at the random part's share: so that they tell neither."""
    drawn = sum(one.drawn for one in sample.strata)
    share = sum(one.twice for one in sample.strata) / drawn
    names = [one.unit for one in sample.units if one.part is Part.RISK]
    lottery = Lottery(seed, sample.digest, _SECOND_BY_RISK)
    return frozenset(lottery.lowest(names, ceil(share * len(names))))


def _items(
    drawn: Sequence[KindDrawn], regions: Mapping[str, str], order: Lottery
) -> list[StoredItem]:
    """All parts of all kinds in one random order."""
    items = [(one, kind) for kind in drawn for one in kind.sample.units]
    items.sort(key=lambda pair: order.ticket(pair[0].unit))
    chances = {kind.frame.decided: _Chances.of(kind) for kind in drawn}
    return [
        _item(one, kind, chances[kind.frame.decided], (position, regions[one.unit]))
        for position, (one, kind) in enumerate(items, start=1)
    ]


@dataclass(frozen=True, slots=True)
class _Chances:
    """What either part's chance of a unit is: by its stratum, and by its risk."""

    random: Mapping[str, float]
    twice: Mapping[str, float]
    risk: Mapping[str, float]
    by_risk: float

    @classmethod
    def of(cls, kind: KindDrawn) -> "_Chances":
        random = {one.name: one.chance for one in kind.sample.strata}
        twice = {one.name: one.second_chance for one in kind.sample.strata}
        risk = {unit.id: unit.risk for unit in kind.frame.units}
        return cls(random, twice, risk, _chance_by_risk(kind))

    def inclusion(self, one: Drawn) -> float:
        """That the random part draws the unit, or leaves it and the risk part does."""
        random = self.random[one.stratum]
        return random + (1.0 - random) * min(1.0, self.by_risk * self.risk[one.unit])


def _chance_by_risk(kind: KindDrawn) -> float:
    """The risk part's chance of a unit, by the unit's risk, below the units that are certain."""
    taken = {one.unit for one in kind.sample.units if one.part is Part.RANDOM}
    left = {unit.id: unit.risk for unit in kind.frame.units if unit.id not in taken}
    names = sorted(left)
    chances = by_size(names, [left[name] for name in names], kind.sample.plan.risk)
    pairs = zip(chances, names, strict=True)
    ratios = [chance / left[name] for chance, name in pairs if left[name] > 0.0]
    return max(ratios, default=0.0)


def _item(one: Drawn, kind: KindDrawn, chances: _Chances, where: tuple[int, str]) -> StoredItem:
    verification, _, programme = one.unit.partition("/")
    if one.part is Part.RANDOM:
        second = chances.twice[one.stratum] if one.twice else None
    else:
        second = kind.second_by_risk if one.unit in kind.twice_by_risk else None
    return StoredItem(
        verification_id=verification,
        programme=programme,
        part=one.part.value,
        region=where[1],
        position=where[0],
        kind=kind.frame.decided.value,
        stratum=one.stratum,
        probability=one.chance,
        inclusion=chances.inclusion(one),
        predicted=chances.risk[one.unit],
        second_probability=second,
    )
