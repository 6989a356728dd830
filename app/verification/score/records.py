"""Records as variables: whose they are, and whether what they say is so."""

from collections.abc import Iterator
from typing import Final

from app.domain.decision import Cause
from app.domain.household import AssetKind
from app.domain.profile import FINANCIAL, AssetLine
from app.error_rate.variables import Chance, Presence
from app.verification.score.known import SCORED, Known

_MOST_NAMED: Final = 24  # records of one person and source that an action names
_COUNTS: Final = {
    AssetKind.HOME: "homes",
    AssetKind.VEHICLE: "vehicles",
    AssetKind.VESSEL: "vessels",
    AssetKind.BUSINESS: "businesses",
}


def identities(known: Known) -> Iterator[Presence]:
    """Records that may be somebody else's, or that a person must judge."""
    for difference in known.differences:
        sign = -1.0 if difference.counted else 1.0
        effects = {
            name: sign * (difference.totals[name] - known.base[name])
            for name in SCORED
            if difference.totals[name] != known.base[name]
        }
        if effects:
            named = "|".join(difference.evidence[:_MOST_NAMED])
            yield Presence(
                cause=Cause.IDENTITY,
                probability=known.parameters.link(difference.probability),
                effects=effects,
                counted=difference.counted,
                group="|".join(difference.evidence),
                action=f"review:{named}",
            )


def contents(known: Known) -> Iterator[Presence]:
    """Things that a source shows and that are not so: its record is wrong, or has aged.

    A thing of which the state could not be read may not count at all.
    """
    for asset in known.profile.assets:
        if asset.counted:
            yield from _of_asset(known, asset)
    for line in known.profile.income:
        monthly = float(line.monthly.low)
        if line.counted and line.sources and monthly > 0.0:
            cause, chance = _stands(known, line.sources, line.person)
            yield Presence(
                cause=cause,
                probability=chance,
                effects={"monthly_income": monthly},
                counted=True,
            )


def _of_asset(known: Known, asset: AssetLine) -> Iterator[Presence]:
    effects = _effects(asset)
    if not effects:
        return
    if "doubtful" in asset.details:
        yield Presence(
            cause=Cause.AMOUNT,
            probability=known.parameters.doubtful_counts,
            effects=effects,
            counted=False,
            action=f"household:asset_proof:{asset.person}",
        )
        return
    cause, chance = _stands(known, asset.sources, asset.person)
    yield Presence(cause=cause, probability=chance, effects=effects, counted=True)


def _effects(asset: AssetLine) -> dict[str, float]:
    """What the totals hold of the asset."""
    value = 0.0 if asset.value is None else float(asset.value.low)
    effects = {}
    if asset.kind in FINANCIAL:
        effects["financial_assets"] = value
    elif asset.kind is AssetKind.HOUSING_FUND:
        effects["housing_fund_balance"] = value
    elif asset.kind in _COUNTS:
        same = "same_enterprise" in asset.details
        effects[_COUNTS[asset.kind]] = 0.0 if same else 1.0
        if asset.kind is AssetKind.BUSINESS:
            effects["business_capital"] = value
        elif asset.kind is AssetKind.HOME:
            effects["floor_area"] = float(asset.details.get("area") or 0.0)
    return {name: amount for name, amount in effects.items() if amount}


def _stands(known: Known, sources: tuple[str, ...], person: str) -> tuple[Cause, Chance]:
    """The chance that what the surest of the sources shows is so, and why it may not be."""
    best: tuple[float, Cause, Chance] = (1.0, Cause.AMOUNT, Chance(1.0, float("inf")))
    for source in sorted(sources):
        prior = known.prior(source, person)
        if prior is None:
            continue
        wrong = prior.false_record_rate.mean
        ended = 1.0 - (1.0 - prior.change_per_month.mean) ** known.months_old(source, person)
        doubt = 1.0 - (1.0 - wrong) * (1.0 - ended)
        if doubt < best[0]:
            rate = prior.false_record_rate if wrong >= ended else prior.change_per_month
            cause = Cause.AMOUNT if wrong >= ended else Cause.STALENESS
            best = (doubt, cause, Chance(1.0 - doubt, rate.weight))
    return best[1], best[2]
