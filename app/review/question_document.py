"""A question as the interface shows it: what is asked, who tells what, and what follows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from app.domain.decision import ActionKind
from app.domain.interval import Interval
from app.domain.money import as_text
from app.domain.settlement import Settlement
from app.review.answers import Answered, Asked
from app.review.queue import concluded_document
from app.store.settlements import StoredSettlement
from app.verification.document import evidence_document, finding_document, money
from app.verification.merge.anomalies import anomalies_of, rules
from app.verification.merge.comparisons import Comparison, comparisons_of
from app.verification.merge.conflicts import Conflict, ConflictOf, Option
from app.verification.merge.explanations import explaining

_UNITS: Final = {
    ConflictOf.WAGE: "yuan_a_month",
    ConflictOf.ACCOUNT: "yuan",
    ConflictOf.HOME: "square_metres",
}


def question_document(
    question: Asked,
    answers: Iterable[Answered],
    settled: Mapping[int, StoredSettlement],
    seen: Sequence[int],
) -> dict[str, Any]:
    """`seen`: the versions that this reviewer may know of."""
    is_undeclared = question.item.kind is ActionKind.UNDECLARED
    shown = list(answers)
    return {
        "question": {
            "subject": question.item.subject,
            "finding": finding_document(question.finding),
            "conflict": None if question.conflict is None else _conflict(question.conflict),
            "declared": _declared(question),
            "anomaly": _anomaly(question),
            "member": _member(question) if is_undeclared else None,
            "settled": [
                {
                    "version": version,
                    "in_force": _in_force(settled[version].settled, question.stands),
                    **settlement_document(settled[version].settled),
                }
                for version in sorted(settled)
                if version in seen
            ],
        },
        "evidence": [] if is_undeclared else [evidence_document(row) for row in question.rows],
        "now": concluded_document(question.now),
        "effects": [_effect(one) for one in shown],
        "changes_answer": any(one.effect.changes for one in shown),
    }


def _in_force(one: Settlement, stands: Settlement | None) -> bool:
    """It is what counts now, whatever it was shown by."""
    return stands is not None and replace(one, proofs=()) == replace(stands, proofs=())


def settlement_document(one: Settlement) -> dict[str, Any]:
    return {
        "how": one.how.value,
        "option": one.option,
        "amount": None if one.amount is None else as_text(one.amount),
        "explanation": one.explanation,
        "proofs": list(one.proofs),
    }


def _effect(one: Answered) -> dict[str, Any]:
    answer = one.answer
    return {
        "choice": answer.choice.value,
        "option": answer.option,
        "amount": None if answer.amount is None else as_text(answer.amount),
        "explanation": answer.explanation,
        "two_persons": one.effect.adverse,
        "changes_answer": one.effect.changes,
        **concluded_document(one.effect.conclusion),
    }


def _conflict(one: Conflict) -> dict[str, Any]:
    return {
        "about": one.what.value,
        "unit": _UNITS[one.what],
        "values": [_value(option) for option in one.options],
    }


def _value(one: Option) -> dict[str, Any]:
    return {
        "key": one.key,
        "source": one.source,
        "value": _known(one.value),
        "basis": one.basis.value,
        "from": None if one.first is None else one.first.isoformat(),
        "to": None if one.last is None else one.last.isoformat(),
        "months": one.months,
        "evidence": list(one.evidence),
        "holds": one.holds,
    }


def _known(value: Interval) -> Any:
    """None where the source told of it without a value."""
    return None if value.high is None and value.low == 0 else money(value)


def _declared(question: Asked) -> dict[str, Any] | None:
    if question.item.kind is not ActionKind.DECLARED:
        return None
    compared = comparisons_of(question.material, question.unasked.profile)
    return {
        "comparisons": [_comparison(one) for one in compared],
        "explanations": [
            {
                "code": code,
                "words": {"zh": one.zh, "en": one.en},
                "effect": one.effect.value,
                "needs_amount": one.effect.needs_amount,
                "needs_proof": one.proof,
                "two_persons": one.two_persons,
            }
            for code, one in explaining(question.item.subject).items()
        ],
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "person": one.person,
        "kind": one.kind,
        "declared": None if one.declared is None else as_text(one.declared),
        "verified": None if one.verified is None else money(one.verified),
        "things": one.things,
        "compared": one.compared.value,
    }


def _anomaly(question: Asked) -> dict[str, Any] | None:
    if question.item.kind is not ActionKind.ANOMALY:
        return None
    subject = question.item.subject
    found = next(one for one in anomalies_of(question.material) if one.subject == subject)
    rule = rules()[found.rule]
    return {
        "rule": found.rule,
        "words": {"zh": rule.zh, "en": rule.en},
        "field": rule.field or None,
        "value": found.value,
        "usual": [_end(one) for one in rule.usual],
        "likely": list(rule.likely),
        "repeats": found.like,
    }


def _end(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _member(question: Asked) -> dict[str, Any]:
    """Who has not consented: the relation and who says so, nothing else."""
    return {
        "relation": question.finding.detail,
        "source": question.item.source,
    }
