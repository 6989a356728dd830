"""What became of facts that stand in both snapshots, or of sums that may be nothing in one."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from app.alerts.changes import Change, Delta, Tolerances, delta_of
from app.alerts.kinds import ChangeKind
from app.alerts.snapshot import Fact, FactKind
from app.domain.money import ZERO, as_text

_K = ChangeKind
AMOUNTS: Final = frozenset({FactKind.INCOME, FactKind.MONEY, FactKind.FUND})
"""Facts that are a sum: one that is not there is nothing."""
_UP_AND_DOWN: Final[Mapping[FactKind, tuple[ChangeKind, ChangeKind]]] = {
    FactKind.INCOME: (_K.INCOME_ROSE, _K.INCOME_FELL),
    FactKind.MONEY: (_K.BALANCE_UP, _K.BALANCE_DOWN),
    FactKind.FUND: (_K.FUND_UP, _K.FUND_WITHDRAWN),
}
INCOME: Final = "monthly_income"


def tolerance(kind: FactKind, tolerances: Tolerances) -> Decimal:
    """The least difference of a sum that is one."""
    if kind is FactKind.INCOME:
        return tolerances.monthly_income
    return tolerances.fund if kind is FactKind.FUND else tolerances.balance


def is_within(delta: Mapping[str, Delta], least: Decimal) -> bool:
    """Neither end of any total moved by as much; an end that is lost or found is a move."""
    return all(
        high is not None and abs(low) < least and abs(high) < least for low, high in delta.values()
    )


def amount_change(before: Fact | None, after: Fact | None, least: Decimal) -> Change | None:
    """The change of a sum; none within the tolerance."""
    one = after or before
    delta = delta_of(before, after)
    if one is None or is_within(delta, max(least, Decimal("0.01"))):
        return None
    up, down = _UP_AND_DOWN[one.kind]
    low, high = next(iter(delta.values()))
    rises = low > 0 or (low == 0 and (high is None or high > 0))
    return Change(
        kind=up if rises else down,
        person=one.person,
        thing=one.thing,
        before=_shown(before),
        after=_shown(after),
        delta=delta,
    )


def _shown(fact: Fact | None) -> dict[str, str]:
    if fact is None:
        return {}
    shown = {"at": fact.thing} if fact.thing else {}
    for total, (low, high) in fact.parts.items():
        most = "" if high is None else as_text(high)
        shown[total] = as_text(low) if low == high else f"{as_text(low)}..{most}"
    return shown


def value_changes(before: Fact, after: Fact, tolerances: Tolerances) -> Iterator[Change]:
    """What is other about a thing that was there before."""
    match after.kind:
        case FactKind.JOB:
            yield from _base(before, after, tolerances)
        case FactKind.ROLE:
            yield from _roles(before, after)
        case FactKind.LIMIT:
            yield from _limit(before, after)
        case FactKind.BUILDING:
            yield from _use(before, after)
        case FactKind.EXPENSE:
            yield from _expense(before, after, tolerances)


def _changed(kind: ChangeKind, before: Fact, after: Fact) -> Change:
    return Change(
        kind=kind,
        person=after.person or before.person,
        thing=after.thing,
        before=before.values,
        after=after.values,
        delta=delta_of(before, after),
        may_add=after.may_add,
    )


def _base(before: Fact, after: Fact, tolerances: Tolerances) -> Iterator[Change]:
    if not base_moved(before, after, tolerances):
        return
    rise = Decimal(after.values["base"]) - Decimal(before.values["base"])
    kind = _K.BASE_ROSE if rise > 0 else _K.BASE_FELL
    yield Change(
        kind=kind,
        person=after.person,
        thing=after.thing,
        before=before.values,
        after=after.values,
        coming={INCOME: rise},
    )


def base_moved(before: Fact, after: Fact, tolerances: Tolerances) -> bool:
    """The contribution base 缴费基数 is another by as much as the tolerance."""
    if "base" not in before.values or "base" not in after.values:
        return False
    rise = Decimal(after.values["base"]) - Decimal(before.values["base"])
    return bool(rise) and abs(rise) >= tolerances.contribution_base


def _roles(before: Fact, after: Fact) -> Iterator[Change]:
    old, new = _words(before, "roles"), _words(after, "roles")
    if old == new:
        return
    yield _changed(_K.ROLE_NEW if new - old else _K.ROLE_GONE, before, after)


def _words(fact: Fact, name: str) -> frozenset[str]:
    return frozenset(fact.values.get(name, "").split(",")) - {""}


def _limit(before: Fact, after: Fact) -> Iterator[Change]:
    if before.values["over"] != after.values["over"]:
        over = after.values["over"] == "true"
        yield _changed(_K.DEPOSIT_OVER_LIMIT if over else _K.DEPOSIT_UNDER_LIMIT, before, after)


def _use(before: Fact, after: Fact) -> Iterator[Change]:
    if before.values.get("home") != after.values.get("home"):
        home = after.values.get("home") == "true"
        yield _changed(_K.HOME_NEW if home else _K.HOME_GONE, before, after)


def _expense(before: Fact, after: Fact, tolerances: Tolerances) -> Iterator[Change]:
    was, is_ = _is_high(before, tolerances), _is_high(after, tolerances)
    if was != is_:
        kind = _K.MEDICAL_COST_UP if is_ else _K.MEDICAL_COST_DOWN
        yield _changed(kind, before, after)


def _is_high(fact: Fact | None, tolerances: Tolerances) -> bool:
    yearly = ZERO if fact is None else Decimal(fact.values["yearly"])
    return yearly > 0 and yearly >= tolerances.medical_yearly


def expense_alone(fact: Fact, tolerances: Tolerances, *, came: bool) -> Iterator[Change]:
    """High costs that were not there at all before, or are not any more."""
    if _is_high(fact, tolerances):
        yield Change(
            kind=_K.MEDICAL_COST_UP if came else _K.MEDICAL_COST_DOWN,
            person=fact.person,
            thing=fact.thing,
            before={} if came else fact.values,
            after=fact.values if came else {},
        )
