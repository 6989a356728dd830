"""What merging works on: the accepted records of a household, by person and kind."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from app.domain.evidence import Evidence, Link, SourceStatus
from app.domain.household import Member, VerificationRequest
from app.domain.period import Window
from app.domain.settlement import SettledAs, Settlement, Settlements
from app.programmes.standard import Counting
from connectors.records import AnyRecord, RegisteredPerson

R = TypeVar("R")


@dataclass(frozen=True)
class Rates:
    """Yuan for one unit of a currency (a configured table), CNY being 1."""

    yuan: Mapping[str, Decimal]

    def in_yuan(self, amount: Decimal, currency: str | None) -> Decimal | None:
        """None where the currency or its rate is not known."""
        if currency in ("CNY", "RMB"):
            return amount
        rate = self.yuan.get(currency or "")
        return None if rate is None else amount * rate


@dataclass(frozen=True)
class Material:
    """All that a profile is made from; nothing else is read."""

    request: VerificationRequest
    evidence: tuple[Evidence[AnyRecord], ...]
    statuses: tuple[SourceStatus, ...]
    counting: Counting
    rates: Rates
    other_cases: tuple[str, ...] = ()
    settled: Settlements = field(default_factory=dict)

    def settled_of(self, subject: str, evidence: Collection[str]) -> Settlement | None:
        """What a person settled, where it was about just these records."""
        settled = self.settled.get(subject)
        return settled if settled is not None and settled.evidence == set(evidence) else None

    @cached_property
    def left_out(self) -> frozenset[str]:
        """Records that are not counted, by a person's word."""
        return frozenset(
            id_
            for settled in self.settled.values()
            if settled.how is SettledAs.LEFT_OUT
            for id_ in settled.evidence
        )

    @cached_property
    def window(self) -> Window:
        return Window.before(self.request.as_of, self.counting.window_months)

    @cached_property
    def accepted(self) -> tuple[Evidence[AnyRecord], ...]:
        """The persons' own, less those that a person had left out."""
        left_out = self.left_out
        return tuple(
            row for row in self.evidence if row.link is Link.ACCEPTED and row.id not in left_out
        )

    def of(self, person: str, kind: type[R]) -> Sequence[tuple[Evidence[AnyRecord], R]]:
        """The person's accepted records of exactly this kind, each with its evidence."""
        pairs: Any = self._by_person_and_kind.get((person, kind), ())
        return pairs  # type: ignore[no-any-return]  # the key says which kind

    @cached_property
    def _by_person_and_kind(
        self,
    ) -> Mapping[tuple[str, type], Sequence[tuple[Evidence[AnyRecord], AnyRecord]]]:
        """A dozen readers ask for a person's records of some kind: they are sorted out once."""
        rows: dict[tuple[str, type], list[tuple[Evidence[AnyRecord], AnyRecord]]] = {}
        for row in self.accepted:
            rows.setdefault((row.person, type(row.record)), []).append((row, row.record))
        return rows

    def is_open(self, person: str, source: str) -> bool:
        """The source may hold more about the person than came back."""
        return self.open.get((person, source), True)

    @cached_property
    def open(self) -> Mapping[tuple[str, str], bool]:
        return {(one.person, one.source): one.is_open for one in self.statuses}

    @cached_property
    def dead(self) -> frozenset[str]:
        """Persons whom the registry knows as dead, accepted by the adverse rule."""
        return frozenset(
            row.person
            for row in self.accepted
            if isinstance(row.record, RegisteredPerson)
            and not row.record.in_household
            and row.record.dead is True
        )

    @cached_property
    def counted(self) -> tuple[Member, ...]:
        """Living declared members that are not excluded."""
        return tuple(
            member
            for member in self.request.household.members
            if member.excluded is None and member.ref not in self.dead
        )

    def why_not_counted(self, ref: str) -> str | None:
        """The rule by which a person is outside the denominator, None where counted."""
        for member in self.request.household.members:
            if member.ref == ref:
                if ref in self.dead:
                    return "deceased"
                return None if member.excluded is None else f"excluded_{member.excluded.value}"
        return "supporter"


def evidence_ids(rows: Iterable[Evidence[AnyRecord]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.id for row in rows))


def sources(rows: Iterable[Evidence[AnyRecord]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.source for row in rows))
