"""What would be concluded otherwise 试算: another word on a record, other programmes, a draft."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.domain.decision import Decision
from app.programmes.standard import Standard, Standards
from app.verification.conclude import Case, Knowledge, conclude


def with_words(case: Case, words: Mapping[str, bool], reviewer: str) -> Case:
    """The case as if the reviewer had said of each record (by its key) whose it is."""
    said = {record: (same, reviewer) for record, same in words.items()}
    return replace(case, judgements={**case.judgements, **said})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """By which standards the household is judged, for what; `day`: whose standards (None: its own).

    The evidence, the months that count and ages stay those of the verification: of other months
    nobody was asked.
    """

    programmes: tuple[str, ...]
    standards: Standards
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The decisions asked for, and what else the household would be confirmed for.

    `left_to_case_system` has, of those others, what only the case system knows and must find true.
    """

    day: date
    decisions: tuple[Decision, ...]
    also_confirmed_for: tuple[str, ...]
    left_to_case_system: Mapping[str, tuple[str, ...]]


def what_if(case: Case, knowledge: Knowledge, question: Question) -> Answer:
    """Decisions from the case's evidence alone. Raises UnknownProgramme, NoStandardInForce."""
    request = replace(case.request, programmes=question.programmes)
    day = request.as_of if question.day is None else question.day
    standards = _OfOneDay(question.standards, day)
    concluded = conclude(replace(case, request=request), replace(knowledge, standards=standards))
    others = concluded.also_confirmed_for
    left = {key: standards.in_force(key, request.region, day).left_to_case_system for key in others}
    return Answer(
        day=day,
        decisions=concluded.decisions,
        also_confirmed_for=others,
        left_to_case_system={key: words for key, words in left.items() if words},
    )


class _OfOneDay(Standards):
    """The standards of one day, whatever day is asked for."""

    def __init__(self, standards: Standards, day: date) -> None:
        self._standards = standards
        self._day = day

    @property
    def programmes(self) -> tuple[str, ...]:
        return self._standards.programmes

    def in_force(self, programme: str, region: str, day: date) -> Standard:
        return self._standards.in_force(programme, region, self._day)
