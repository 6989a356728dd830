"""The worklist as its readers see it: pages in order, an item with all that a decision needs."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, assert_never

from app.domain.decision import ActionKind
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import rfc3339
from app.domain.review import CHOICES
from app.review.effects import Effects
from app.review.rounds import seen_decisions, seen_state
from app.store.review_decisions import Agreement, ReviewDecision
from app.store.review_items import ReviewItem
from app.store.review_queue import Listed, Place, Worth
from app.verification.conclude import Conclusion
from app.verification.document import decision_document, evidence_document, totals_document

_PLACES: Final = 6
_BETWEEN: Final = "~"
_SHORT: Final = (
    "programme",
    "outcome",
    "favours",
    "error_rate",
    "error_rate_interval",
    "money_error",
    "benefit",
)


def place_of(text: str) -> Place:
    """The place that `cursor_of` wrote; raises InvalidRequest."""
    number, found, id_ = text.partition(_BETWEEN)
    try:
        reduction = float(number)
    except ValueError:
        reduction = math.nan
    if not found or not math.isfinite(reduction):
        raise InvalidRequest(
            (FieldError("/after", "page.invalid", "`after` is that of the page before"),)
        )
    return Place(reduction, id_)


def cursor_of(item: ReviewItem) -> str:
    """The item's place in the order, exactly."""
    return f"{item.expected_reduction!r}{_BETWEEN}{item.id}"


def worth_document(worth: Worth, first: int) -> dict[str, Any]:
    """What the open items are expected to save, and the share of the first ones of them."""
    share = worth.of_first / worth.reduction if worth.reduction > 0 else None
    return {
        "items": worth.items,
        "expected_reduction": round(worth.reduction, _PLACES),
        "first": min(first, worth.items),
        "share_of_reduction": None if share is None else round(min(1.0, share), _PLACES),
    }


def listed_document(listed: Listed, by: str, now: datetime) -> dict[str, Any]:
    """An item as a page of the worklist shows it."""
    item = listed.item
    is_locked = item.locked_until is not None and item.locked_until > now
    return {
        "id": item.id,
        "verification": item.verification_id,
        "case_reference": listed.case_reference,
        "verification_status": listed.status,
        "region": item.region,
        "kind": item.kind.value,
        "action": item.subject,
        "source": item.source,
        "person": item.person,
        "expected_reduction": round(item.expected_reduction, _PLACES),
        "error_rate": round(item.error_rate, _PLACES),
        "programmes": [
            {
                "programme": gain.programme,
                "error_rate": round(gain.error_rate, _PLACES),
                "expected_rate": round(gain.expected_rate, _PLACES),
                "reduction": round(gain.reduction, _PLACES),
            }
            for gain in item.gains
        ],
        "needed": item.needed,
        "state": seen_state(item, by).value,
        "why_closed": None if item.why_closed is None else item.why_closed.value,
        "since": rfc3339(item.created_at),
        "age_days": (now - item.created_at).days,
        "lock": {"yours": item.locked_by == by, "until": rfc3339(item.locked_until)}
        if is_locked
        else None,
        "choices": [choice.value for choice in CHOICES[item.kind]],
    }


def decisions_document(
    item: ReviewItem, decisions: Sequence[ReviewDecision], by: str
) -> list[dict[str, Any]]:
    """The versions that this reviewer may know of."""
    return [decision_of_item(one) for one in seen_decisions(item, decisions, by)]


def decision_of_item(one: ReviewDecision) -> dict[str, Any]:
    """One reviewer's word."""
    return {
        "version": one.version,
        "choice": one.choice.value,
        "role": one.role.value,
        "reviewer": one.reviewer,
        "reason_code": one.reason_code.value,
        "reason": one.reason,
        "two_persons": one.adverse,
        "reverses": one.reverses,
        "decided_at": rfc3339(one.decided_at),
    }


def effects_document(effects: Effects) -> dict[str, Any]:
    """The records in question, what is concluded now, and what each choice would change."""
    return {
        "evidence": [evidence_document(row) for row in effects.records],
        "now": concluded_document(effects.now),
        "effects": [
            {
                "choice": choice.value,
                "two_persons": effect.adverse,
                "changes_answer": effect.changes,
                **concluded_document(effect.conclusion),
            }
            for choice, effect in effects.by_choice.items()
        ],
        "changes_answer": effects.decisive,
    }


def concluded_document(conclusion: Conclusion) -> dict[str, Any]:
    return {
        "totals": totals_document(conclusion.profile.totals),
        "decisions": [short_decision(decision_document(one)) for one in conclusion.decisions],
    }


def short_decision(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Of a decision's document: outcome, how sure it is, what it gives, the tests that fail."""
    failed = [test["test"] for test in whole["tests"] if test["passed"] is False]
    return {name: whole[name] for name in _SHORT if name in whole} | {"failed": failed}


def asking_document(item: ReviewItem) -> dict[str, Any] | None:
    """What is asked of whom; None of an item that asks whose records are."""
    match item.kind:
        case (
            ActionKind.REVIEW_RECORD
            | ActionKind.CONFLICT
            | ActionKind.DECLARED
            | ActionKind.ANOMALY
        ):
            return None
        case ActionKind.UNDECLARED:
            return {"whom": "household", "about": None, "what": "consent"}
        case ActionKind.ASK_SOURCE:
            return {"whom": item.source, "about": item.person, "what": "answer"}
        case ActionKind.ASK_HOUSEHOLD:
            what = item.subject.split(":")[1]
            return {"whom": "household", "about": item.person, "what": what}
        case _:
            assert_never(item.kind)


def agreement_document(found: Iterable[Agreement], waiting: int) -> dict[str, Any]:
    """How often a second reviewer says what the first one did; no rate of nothing."""
    rows = tuple(found)
    pairs, agreed = sum(one.pairs for one in rows), sum(one.agreed for one in rows)
    return {
        "pairs": pairs,
        "agreed": agreed,
        "disagreed": pairs - agreed,
        "rate": _rate(agreed, pairs),
        "awaiting_second": waiting,
        "sources": {
            one.source: {
                "pairs": one.pairs,
                "agreed": one.agreed,
                "rate": _rate(one.agreed, one.pairs),
            }
            for one in rows
        },
    }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, _PLACES) if whole else None
