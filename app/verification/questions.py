"""Questions that a person can settle, and the answers among which the outcome may lie."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from app.domain.evidence import Evidence
from app.domain.household import Purpose, VerificationRequest
from app.domain.profile import Finding, FindingCode
from app.domain.settlement import SettledAs, Settlement, Settlements
from app.verification.identify import record_key
from app.verification.merge.conflicts import Conflict, conflicts_of
from app.verification.merge.explanations import Effect, explaining
from app.verification.merge.records import Material
from connectors.records import AnyRecord

CONFLICT: Final = "conflict"
DECLARED: Final = "declared"
ANOMALY: Final = "anomaly"
UNDECLARED: Final = "undeclared"
Rows = Sequence[Evidence[AnyRecord]]


def kind_of_question(subject: str) -> str:
    return subject.partition(":")[0]


def in_place(settlements: Settlements, rows: Rows) -> Settlements:
    """Those that are about records which are all still there."""
    there = {record_key(row) for row in rows}
    return {key: one for key, one in settlements.items() if one.records <= there}


def open_questions(findings: Sequence[Finding]) -> Iterator[Finding]:
    """What a person can settle, and has not."""
    settled = {one.subject for one in findings if one.code is FindingCode.VALUE_SETTLED}
    for one in findings:
        if one.subject is not None and one.subject not in settled:
            yield one


def settlement_of(
    subject: str, rows: Rows, how: SettledAs, **more: str | Decimal | tuple[str, ...] | None
) -> Settlement:
    """An answer about these records."""
    records = frozenset(record_key(row) for row in rows)
    return Settlement(subject=subject, how=how, records=records, **more)  # type: ignore[arg-type]


def holding(
    request: VerificationRequest, material: Material, findings: Sequence[Finding]
) -> Mapping[str, Sequence[Settlement]]:
    """Open questions on which an outcome is not to rest unasked, each with the other answers.

    Differences from what was declared are heard before an objection is answered; before, what the
    sources tell is the answer.
    """
    conflicts: dict[str, Conflict] | None = None
    found: dict[str, Sequence[Settlement]] = {}
    for finding in open_questions(findings):
        subject = finding.subject or ""
        kind, rows = kind_of_question(subject), _rows(material, finding)
        if kind == CONFLICT:
            conflicts = conflicts or {one.subject: one for one in conflicts_of(material)}
            found[subject] = list(_others(conflicts[subject], rows))
        elif kind == ANOMALY:
            found[subject] = [settlement_of(subject, rows, SettledAs.LEFT_OUT)]
        elif kind == DECLARED and request.purpose is Purpose.OBJECTION and rows:
            found[subject] = list(_explained(subject, rows))
    return found


def _rows(material: Material, finding: Finding) -> Rows:
    wanted = set(finding.evidence)
    return [row for row in material.evidence if row.id in wanted]


def _others(conflict: Conflict, rows: Rows) -> Iterator[Settlement]:
    for option in conflict.options:
        if not option.holds:
            yield settlement_of(conflict.subject, rows, SettledAs.USE, option=option.key)


def _explained(subject: str, rows: Rows) -> Iterator[Settlement]:
    """The one that changes most: that nothing of it counts."""
    for code, one in explaining(subject).items():
        if one.effect is Effect.NOT_COUNTED:
            yield settlement_of(subject, rows, SettledAs.EXPLAINED, explanation=code)
            return
