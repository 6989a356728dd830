"""What can be answered to a question, and what each answer would make of the case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from app.domain.decision import ActionKind
from app.domain.errors import Conflict, FieldError, InvalidRequest
from app.domain.evidence import Evidence
from app.domain.profile import Finding
from app.domain.review import Choice
from app.domain.settlement import SettledAs, Settlement
from app.review.effects import Effect, is_worse, outcomes_of
from app.store.review_items import ReviewItem
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.merge import conflicts
from app.verification.merge.explanations import explaining
from app.verification.merge.records import Material
from app.verification.questions import in_place, settlement_of
from connectors.records import AnyRecord

_HOW: Final = {
    Choice.USE_SOURCE: SettledAs.USE,
    Choice.SET_AMOUNT: SettledAs.AMOUNT,
    Choice.ACCEPT: SettledAs.EXPLAINED,
    Choice.NOT_ACCEPT: SettledAs.STANDS,
    Choice.EXCLUDE: SettledAs.LEFT_OUT,
    Choice.CONFIRM_TRUE: SettledAs.TRUE,
}
_MOST: Final = Decimal("1000000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A choice with what belongs to it."""

    choice: Choice
    option: str | None = None
    amount: Decimal | None = field(default=None, repr=False)
    explanation: str | None = None
    proofs: tuple[str, ...] = ()

    @property
    def needs_proof(self) -> bool:
        return self.choice is Choice.SET_AMOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it stands: what is concluded unasked, and now, and what it is about."""

    item: ReviewItem
    case: Case
    finding: Finding
    rows: Sequence[Evidence[AnyRecord]]
    conflict: conflicts.Conflict | None
    unasked: Conclusion
    now: Conclusion
    material: Material
    stands: Settlement | None = None  # what a person said, where it counts now


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and what follows from it."""

    answer: Answer
    settlement: Settlement
    effect: Effect


def asked(case: Case, knowledge: Knowledge, item: ReviewItem) -> Asked:
    """Raises Conflict where the question is none any more: other records came, or none are left."""
    now = conclude(case, knowledge)
    others = {key: one for key, one in case.settlements.items() if key != item.subject}
    unasked_case = replace(case, settlements=others)
    unasked = now if item.subject not in case.settlements else conclude(unasked_case, knowledge)
    finding = next((one for one in unasked.profile.findings if one.subject == item.subject), None)
    if finding is None:
        raise Conflict("this is no question any more: other records have come since")
    material = _material(unasked_case, knowledge, unasked)
    by_subject = {one.subject: one for one in conflicts.conflicts_of(material)}
    return Asked(
        item=item,
        case=unasked_case,
        finding=finding,
        rows=[row for row in unasked.evidence if row.id in finding.evidence],
        conflict=by_subject.get(item.subject),
        unasked=unasked,
        now=now,
        material=material,
        stands=in_place(case.settlements, now.evidence).get(item.subject),
    )


def _material(case: Case, knowledge: Knowledge, concluded: Conclusion) -> Material:
    request = case.request
    standard = knowledge.standards.in_force(request.programmes[0], request.region, request.as_of)
    return Material(
        request=request,
        evidence=concluded.evidence,
        statuses=case.statuses,
        counting=standard.counting,
        rates=knowledge.rates,
        other_cases=case.other_cases,
        settled=in_place(case.settlements, concluded.evidence),
    )


def possible(question: Asked) -> Iterator[Answer]:
    """The answers that need nothing else to be said, in the order in which they are shown."""
    match question.item.kind:
        case ActionKind.CONFLICT if question.conflict is not None:
            for option in question.conflict.options:
                yield Answer(choice=Choice.USE_SOURCE, option=option.key)
        case ActionKind.DECLARED:
            for code, one in explaining(question.item.subject).items():
                if not one.effect.needs_amount:
                    yield Answer(choice=Choice.ACCEPT, explanation=code)
            yield Answer(choice=Choice.NOT_ACCEPT)
        case ActionKind.ANOMALY:
            yield Answer(choice=Choice.CONFIRM_TRUE)
            yield Answer(choice=Choice.EXCLUDE)
        case _:
            return


def answered(question: Asked, knowledge: Knowledge, *more: Answer) -> list[Answered]:
    """What follows of each possible answer, and of these. Raises InvalidRequest.

    An answer is adverse where it makes a programme worse off than another one would: it needs two
    persons, as does leaving a record out, and what the file of explanations says.
    """
    answers = [*possible(question)]
    answers += [one for one in more if one not in answers]
    settled = [settlement(question, one) for one in answers]
    cases = [
        replace(question.case, settlements={**question.case.settlements, one.subject: one})
        for one in settled
    ]
    concluded = [conclude(case, knowledge) for case in cases]
    before = outcomes_of(question.now)
    found = []
    for answer, one, case, conclusion in zip(answers, settled, cases, concluded, strict=True):
        worse = any(is_worse(conclusion, other) for other in (*concluded, question.unasked))
        adverse = worse or _by_rule(question, answer)
        effect = Effect(case, conclusion, adverse, outcomes_of(conclusion) != before)
        found.append(Answered(answer, one, effect))
    return found


def _by_rule(question: Asked, answer: Answer) -> bool:
    if answer.choice is Choice.ACCEPT:
        return explaining(question.item.subject)[answer.explanation or ""].two_persons
    return answer.choice is Choice.EXCLUDE


def settlement(question: Asked, answer: Answer) -> Settlement:
    """The answer as it is concluded from. Raises InvalidRequest for one that is not whole."""
    _check(question, answer)
    return settlement_of(
        question.item.subject,
        question.rows,
        _HOW[answer.choice],
        option=answer.option,
        amount=answer.amount,
        explanation=answer.explanation,
        proofs=answer.proofs,
    )


def _check(question: Asked, answer: Answer) -> None:
    options = () if question.conflict is None else [one.key for one in question.conflict.options]
    wants_option = answer.choice is Choice.USE_SOURCE
    if wants_option != (answer.option is not None) or (
        wants_option and answer.option not in options
    ):
        raise _fault("option", "option.unknown", f"one of: {', '.join(options)}")
    wants_amount = answer.choice is Choice.SET_AMOUNT
    if answer.choice is Choice.ACCEPT:
        known = explaining(question.item.subject)
        named = known.get(answer.explanation or "")
        if named is None:
            raise _fault("explanation", "explanation.unknown", f"one of: {', '.join(known)}")
        wants_amount = named.effect.needs_amount
    elif answer.explanation is not None and answer.choice is not Choice.NOT_ACCEPT:
        raise _fault("explanation", "explanation.not_wanted", "this choice takes no explanation")
    if wants_amount != (answer.amount is not None):
        words = "an amount is needed" if wants_amount else "this choice takes no amount"
        raise _fault("amount", "amount.needed" if wants_amount else "amount.not_wanted", words)
    if answer.amount is not None and not 0 <= answer.amount <= _MOST:
        raise _fault("amount", "amount.out_of_range", "from 0 to 1,000,000,000")


def proof_wanted(question: Asked, answer: Answer) -> bool:
    """Whether the answer stands on a proof alone."""
    if answer.choice is Choice.ACCEPT:
        return explaining(question.item.subject)[answer.explanation or ""].proof
    return answer.needs_proof


def _fault(name: str, code: str, words: str) -> InvalidRequest:
    return InvalidRequest((FieldError(f"/{name}", code, words),))
