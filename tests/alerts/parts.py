"""What the tests of alerts share: snapshots of told households, and made-up snapshots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from app.alerts.changes import Change, Tolerances
from app.alerts.compare import compare
from app.alerts.facts import snapshot_of
from app.alerts.rules import AlertRules
from app.alerts.rules_file import load_rules
from app.alerts.snapshot import Fact, Snapshot
from app.domain.household import VerificationRequest
from app.store.crypto import FieldCipher
from app.verification.conclude import conclude
from connectors.records import AnyRecord
from tests.builders import REGION, a_member, a_request
from tests.concluding import Told, knowledge
from tests.records import AS_OF

CIPHER: Final = FieldCipher(bytes(range(32)))
FEW: Final = Tolerances(
    balance=Decimal(3000),
    fund=Decimal(1000),
    monthly_income=Decimal(100),
    contribution_base=Decimal(300),
    medical_yearly=Decimal(20000),
)
"""The shipped tolerances."""
NONE: Final = Tolerances(
    balance=Decimal(0),
    fund=Decimal(0),
    monthly_income=Decimal(0),
    contribution_base=Decimal(0),
    medical_yearly=Decimal(0),
)


@cache
def rules() -> AlertRules:
    """The shipped rules."""
    return load_rules(None, AS_OF).in_force(REGION, AS_OF)


def digest(words: str) -> str:
    return CIPHER.blind("snapshot.digest", words)[:8].hex()


def a_family(**changes: Any) -> VerificationRequest:
    """Two adults and a child, for urban dibao."""
    return a_request(a_member("m1"), a_member("m2"), a_member("m3"), **changes)


def family(*of_m1: AnyRecord, m2: Sequence[AnyRecord] = (), **changes: Any) -> Told:
    """The family, of which m1 and m2 have these records."""
    told = {"request": a_family(), "records": {"m1": of_m1, "m2": tuple(m2)}}
    return Told(**{**told, **changes})


def snapshot(told: Told, of: AlertRules | None = None) -> Snapshot:
    case = told.case()
    return snapshot_of(case, conclude(case, knowledge()), of or rules(), digest)


def between(before: Told, after: Told, tolerances: Tolerances = FEW) -> list[tuple[str, str]]:
    """Kind and person (by ref) of every change, but for what follows for the outcomes."""
    old, new = snapshot(before), snapshot(after)
    refs = {**old.persons, **new.persons}
    return [
        (one.kind.value, refs.get(one.person, ""))
        for one in compare(old, new, tolerances)
        if one.kind.value not in ("outcome_worse", "missed_relief")
    ]


def changes_of(before: Told, after: Told, tolerances: Tolerances = FEW) -> tuple[Change, ...]:
    return compare(snapshot(before), snapshot(after), tolerances)


def a_snapshot(
    facts: Iterable[Fact] = (),
    known: Iterable[tuple[str, str]] = (),
    **changes: Any,
) -> Snapshot:
    values: dict[str, Any] = {
        "as_of": date(2026, 11, 24),
        "persons": {"p1": "m1", "p2": "m2"},
        "known": frozenset(known),
        "missing": {},
        "unconsented": (),
        "outcomes": {},
        "facts": {fact.key: fact for fact in facts},
    }
    return Snapshot(**{**values, **changes})


def turned(snapshot: Snapshot) -> Snapshot:
    """The same with its facts the other way round."""
    facts: Mapping[Any, Fact] = dict(reversed(list(snapshot.facts.items())))
    return replace(snapshot, facts=facts)
