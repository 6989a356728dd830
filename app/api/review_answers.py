"""What an item asks, by its kind, and what is done with the answer."""

from collections.abc import Iterable
from typing import Any

from app.access.masking import masked_name
from app.api.schemas.questions import PreviewQuery
from app.api.schemas.review_items import ReviewDecisionIn
from app.domain.decision import ActionKind
from app.domain.review import CHOICES, SETTLES, Choice
from app.review.answers import Answer
from app.review.failures import ACTIONS
from app.review.question_document import question_document
from app.review.queue import effects_document
from app.review.words import Given, Word
from app.store.review_items import ReviewItem
from app.wiring_types import Parts


async def shown(
    service: Parts,
    item: ReviewItem,
    preview: PreviewQuery,
    decisions: Iterable[dict[str, Any]],
    by: str,
) -> dict[str, Any]:
    """What a decision on the item needs to know; `decisions`: those that this reviewer may see."""
    names = await _names(service, item)
    match item.kind:
        case ActionKind.REVIEW_RECORD:
            return effects_document(await service.reviewing.effects(item, by))
        case ActionKind.ASK_SOURCE:
            return {**await service.failures.document(item), "names": names}
        case ActionKind.ASK_HOUSEHOLD:
            return {}
        case _:
            seen = [one["version"] for one in decisions]
            found = await service.settling.question(item, *_wanted(item, preview))
            return {**question_document(*found, seen), "names": names}


async def _names(service: Parts, item: ReviewItem) -> dict[str, str]:
    """Masked, by ref."""
    verification = await service.verifier.load(item.verification_id)
    persons = verification.request.household.persons
    return {person.ref: masked_name(person.name) for person in persons}


def _wanted(item: ReviewItem, preview: PreviewQuery) -> list[Answer]:
    """The answer that is tried out: an amount of one's own, or an explanation that needs one."""
    if item.kind is ActionKind.CONFLICT and preview.amount is not None:
        return [Answer(choice=Choice.SET_AMOUNT, amount=preview.amount)]
    if item.kind is ActionKind.DECLARED and preview.explanation is not None:
        accepted = Choice.ACCEPT
        return [Answer(choice=accepted, explanation=preview.explanation, amount=preview.amount)]
    return []


async def decided(service: Parts, item: ReviewItem, body: ReviewDecisionIn, word: Word) -> Given:
    """The word, stored, with what follows from it. Raises InvalidRequest, Conflict."""
    if body.choice not in CHOICES[item.kind] or body.choice not in SETTLES | ACTIONS:
        return await service.reviewing.decide(item, word)
    if body.choice in ACTIONS:
        return await service.failures.act(item, word)
    answer = Answer(
        choice=body.choice,
        option=body.option,
        amount=body.amount,
        explanation=body.explanation,
        proofs=tuple(body.proofs),
    )
    return await service.settling.decide(item, answer, word)
