"""One change 变化 between two verifications, with what it adds to the totals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeAlias

from app.alerts.kinds import ChangeKind
from app.alerts.snapshot import NO_PART, Fact, Part

Delta: TypeAlias = tuple[Decimal, Decimal | None]
"""By how much the lower and the upper end of a total moved; None: the upper end is not known."""
NO_DELTA: Final[Delta] = (Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is other than before; `person` is an index (empty: the household).

    `delta`: what it added to the totals as they are now. `coming`: what it will add besides, once
    it has lasted for all of the window (a wage that began last month). `may_add`: what another
    programme's rules could count of it.
    """

    kind: ChangeKind
    person: str = ""
    thing: str = ""
    before: Mapping[str, str] = field(default_factory=dict, repr=False)
    after: Mapping[str, str] = field(default_factory=dict, repr=False)
    delta: Mapping[str, Delta] = field(default_factory=dict, repr=False)
    coming: Mapping[str, Decimal] = field(default_factory=dict, repr=False)
    may_add: Mapping[str, Decimal] = field(default_factory=dict, repr=False)

    @property
    def order(self) -> tuple[str, str, str]:
        return self.kind.value, self.person, self.thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """Differences below these are none yet: they add up until they reach one; yuan."""

    balance: Decimal  # of a person's money at one kind of source
    fund: Decimal
    monthly_income: Decimal
    contribution_base: Decimal
    medical_yearly: Decimal  # proven costs of a year from which they are high


def delta_of(before: Fact | None, after: Fact | None) -> dict[str, Delta]:
    """What the totals gained from one fact to the other; nothing where both add the same."""
    old: Mapping[str, Part] = {} if before is None else before.parts
    new: Mapping[str, Part] = {} if after is None else after.parts
    found = {}
    for total in dict.fromkeys((*old, *new)):
        delta = _less(new.get(total, NO_PART), old.get(total, NO_PART))
        if delta != NO_DELTA:
            found[total] = delta
    return found


def _less(new: Part, old: Part) -> Delta:
    if new == old:
        return NO_DELTA
    high = None if new[1] is None or old[1] is None else new[1] - old[1]
    return new[0] - old[0], high


def joined(first: Mapping[str, Delta], second: Mapping[str, Delta]) -> dict[str, Delta]:
    """Both deltas together."""
    found = dict(first)
    for total, (low, high) in second.items():
        old_low, old_high = found.get(total, NO_DELTA)
        both = None if high is None or old_high is None else high + old_high
        found[total] = (low + old_low, both)
    return found
