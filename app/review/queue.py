"""The worklist as its readers see it: pages in order, an item with all that a decision needs."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, assert_never

from app.domain.decision import ActionKind
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import rfc3339
from app.domain.review import CHOICES, Order
from app.review.effects import Effects
from app.review.rounds import seen_decisions, seen_state
from app.store.review_decisions import Agreement, ReviewDecision
from app.store.review_items import ReviewItem
from app.store.review_orders import place_in
from app.store.review_queue import Listed, Worth
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


def place_of(text: str, order: Order = Order.SAVING) -> tuple[Any, ...]:
    """The place that `cursor_of` wrote; raises InvalidRequest."""
    *written, id_ = text.split(_BETWEEN)
    readers = _READERS[order]
    try:
        values = [read(one) for read, one in zip(readers, written, strict=True)]
    except ValueError:
        raise InvalidRequest(
            (FieldError("/after", "page.invalid", "`after` is that of the page before"),)
        ) from None
    return (*values, id_)


def cursor_of(item: ReviewItem, order: Order = Order.SAVING) -> str:
    """The item's place in the order, exactly."""
    return _BETWEEN.join(_text(value) for value in place_in(order, item))


def _text(value: Any) -> str:
    match value:
        case datetime():
            return rfc3339(value)
        case float():
            return repr(value)
        case _:
            return str(value)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _flag(text: str) -> int:
    if text not in ("0", "1"):
        raise ValueError
    return int(text)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at


def _region(text: str) -> str:
    if not text.isdigit():
        raise ValueError
    return text


_READERS: Final[Mapping[Order, tuple[Callable[[str], Any], ...]]] = {
    Order.SAVING: (_finite,),
    Order.EFFECT: (_flag, _instant),
    Order.DUE: (_instant,),
    Order.DOUBT: (_finite,),
    Order.AREA: (_region, _instant),
}


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
        "effects": effects_of_choices(effects),
        "changes_answer": effects.decisive,
    }


def effects_of_choices(effects: Effects) -> list[dict[str, Any]]:
    """What each word would lead to."""
    return [
        {
            "choice": choice.value,
            "two_persons": effect.adverse,
            "changes_answer": effect.changes,
            **concluded_document(effect.conclusion),
        }
        for choice, effect in effects.by_choice.items()
    ]


def concluded_document(conclusion: Conclusion) -> dict[str, Any]:
    return {
        "totals": totals_document(conclusion.profile.totals),
        "decisions": [short_decision(decision_document(one)) for one in conclusion.decisions],
    }


def short_decision(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Of a decision's document: outcome, how sure it is, what it gives, the tests that fail."""
    tests = whole["tests"]
    failed = [test["test"] for test in tests if test["passed"] is False]
    limits = {test["test"]: test["limit"] for test in tests if test["limit"] is not None}
    short = {name: whole[name] for name in _SHORT if name in whole}
    return short | {"failed": failed, "limits": limits}


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
