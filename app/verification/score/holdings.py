"""Which things the members whom a source told all about have, read from a profile."""

from collections.abc import Iterable, Iterator
from typing import Final

from app.domain.evidence import SourceStatus
from app.domain.household import AssetKind, IncomeKind
from app.domain.interval import Interval
from app.domain.profile import AssetLine, IncomeLine, Profile
from app.error_rate.holdings import AT_A_BANK, SeenHolding
from app.verification.score.kinds import ASSETS, INCOME, SOURCE_OF

_HOMES: Final = "property"


def holdings_of(
    profile: Profile, statuses: Iterable[SourceStatus], adults: frozenset[str]
) -> Iterator[SeenHolding]:
    """One for each counted adult, complete source and kind; of homes one a household."""
    counted = {person.ref for person in profile.persons if person.counted} & adults
    complete = [one for one in statuses if one.complete and one.person in counted]
    for status in complete:
        for (source, kind), income in INCOME.items():
            if source == status.source:
                lines = [one for one in profile.income if _is_income(one, status, income)]
                yield _seen((source, kind), [one.monthly for one in lines])
        for kind, assets in ASSETS.items():
            source = SOURCE_OF[kind]
            if source == status.source and source != _HOMES:
                owned = [one for one in profile.assets if _is_asset(one, status, assets)]
                yield _seen((source, kind), [one.value or _ONE for one in owned])
        if status.source == "bank":
            yield from _at_banks(profile, status)
    if counted and {one.person for one in complete if one.source == _HOMES} >= counted:
        yield from _homes(profile)


def _homes(profile: Profile) -> Iterator[SeenHolding]:
    """Members share a home; a second one is asked for where there is a first."""
    homes = sum(one.counted and one.kind is AssetKind.HOME for one in profile.assets)
    yield SeenHolding(_HOMES, "first_home", homes > 0)
    if homes:
        yield SeenHolding(_HOMES, "second_home", homes > 1)


def _at_banks(profile: Profile, status: SourceStatus) -> Iterator[SeenHolding]:
    kinds = ASSETS["deposits"]
    by_bank: dict[str, list[Interval]] = {}
    for line in profile.assets:
        if _is_asset(line, status, kinds) and line.value is not None:
            by_bank.setdefault(line.details.get("bank", ""), []).append(line.value)
    for _, values in sorted(by_bank.items()):
        yield _seen(("bank", AT_A_BANK), values)


_ONE: Final = Interval.exactly(1)


def _is_income(line: IncomeLine, status: SourceStatus, kind: IncomeKind) -> bool:
    told = line.person == status.person and status.source in line.sources
    return told and line.counted and line.kind is kind


def _is_asset(line: AssetLine, status: SourceStatus, kinds: frozenset[AssetKind]) -> bool:
    told = line.person == status.person and status.source in line.sources
    return told and line.counted and line.kind in kinds


def _seen(place: tuple[str, str], values: list[Interval]) -> SeenHolding:
    exact = all(one.is_exact for one in values)
    amount = float(sum(one.low for one in values)) if values and exact else None
    return SeenHolding(*place, bool(values), amount)
