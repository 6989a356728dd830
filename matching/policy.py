"""Whose record it is (记录归属): hard rules first, the probability where they leave room."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from matching import tables
from matching.compare import compare_relatives, shown_digits
from matching.frequency import name_bits
from matching.levels import Level
from matching.pair import Comparison, FieldComparison, compare
from matching.prepared import Prepared
from matching.weights import Weights

EQUAL_NUMBER: Final = frozenset({Level.EQUAL, Level.EQUAL_15_18})
SLIPS: Final = frozenset({Level.ONE_EDIT, Level.TRANSPOSED, Level.SUCCESSOR_AREA})
EXACT_NAME: Final = frozenset({Level.EQUAL, Level.VARIANT})
# With an equal number these say: the same name, written otherwise.
CONFIRMING_NAME: Final = EXACT_NAME | {
    Level.HOMOPHONE,
    Level.SAME_SYLLABLE,
    Level.LOOK_ALIKE,
    Level.FORMER,
    Level.MASKED_COMPATIBLE,
    Level.ROMANISED,
    Level.REORDERED,
    Level.TRANSLITERATION,
}
DOUBTFUL_NAME: Final = frozenset({Level.NEAR, Level.PARTIAL})
# The same name as far as a mis-keyed or masked number needs it.
AGREEING_NAME: Final = CONFIRMING_NAME - {Level.MASKED_COMPATIBLE}
# What says nothing of the person beside the name: half of all share a sex, a household its people.
NOT_PERSONAL: Final = frozenset({"name", "id_number", "sex", "relatives"})
SAME_HOME: Final = frozenset({Level.SAME_HOME, Level.SAME_BUILDING})


class Link(StrEnum):
    """What to do with a record: count it, ask a person, or leave it out."""

    ACCEPT = "accept"
    REVIEW = "review"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`rule` names the hard rule that decided; None: the model alone."""

    link: Link
    probability: float
    rule: str | None
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at."""

    person: Prepared
    claim: Prepared
    weights: Weights
    comparison: Comparison
    name: Level
    number: Level
    birth: Level

    @property
    def asks(self) -> Link:
        """Ask a person where the model sees a chance worth asking for, else refuse."""
        likely = self.comparison.probability >= self.weights.thresholds.review
        return Link.REVIEW if likely else Link.REFUSE

    @property
    def is_sure(self) -> bool:
        return self.comparison.probability >= self.weights.thresholds.accept

    @property
    def name_and_birth_agree(self) -> bool:
        return self.name in AGREEING_NAME and self.birth is Level.SAME


def number_of_a_relative(case: Case) -> Link | None:
    """The name is the person's, the number that of another of the household: lent or mis-filed."""
    return Link.REVIEW if case.number is Level.RELATIVES_NUMBER else None


def contradicting_number(case: Case) -> Link | None:
    """A full number that contradicts is another person, whatever else agrees."""
    return Link.REFUSE if case.number is Level.DIFFERENT else None


def two_valid_numbers(case: Case) -> Link | None:
    """Two valid numbers a digit apart are twins or neighbours, unless name and birth agree."""
    if case.number is not Level.NEIGHBOUR:
        return None
    return Link.REVIEW if case.name_and_birth_agree else Link.REFUSE


def number_and_name(case: Case) -> Link | None:
    """The number is equal and the name is the same, as written or as registers vary it."""
    agrees = case.number in EQUAL_NUMBER and case.name in CONFIRMING_NAME
    return Link.ACCEPT if agrees else None


def name_not_confirmed(case: Case) -> Link | None:
    """The number is equal, the name only nearly so."""
    doubtful = case.number in EQUAL_NUMBER and case.name in DOUBTFUL_NAME
    return Link.REVIEW if doubtful else None


def identity_mismatch(case: Case) -> Link | None:
    """The number is equal, the name another: wrong or lent number, or changed name. Hold."""
    differs = case.number in EQUAL_NUMBER and case.name is Level.DIFFERENT
    return Link.REVIEW if differs else None


def mistyped_number(case: Case) -> Link | None:
    """A slip apart, so one side is mis-keyed: proposed, never linked by itself."""
    if case.number in SLIPS:
        return Link.REVIEW if case.name_and_birth_agree else case.asks
    return case.asks if case.number in (Level.TWO_EDITS, Level.MASKED_NEAR) else None


def masked_number(case: Case) -> Link | None:
    """Area, order and check character are shown and agree, and the name is fully the same."""
    if case.number is not Level.MASKED_COMPATIBLE:
        return None
    shown = shown_digits(case.person, case.claim)
    strong = "*" not in shown[:6] + shown[14:]
    agrees = case.name in AGREEING_NAME and case.birth in (Level.SAME, Level.MISSING)
    return Link.ACCEPT if strong and agrees and case.is_sure else case.asks


def name_only(case: Case) -> Link | None:
    """Nothing but the name agrees: a clue, never a link."""
    says = {Level.SAME, *SAME_HOME, Level.SIMILAR, Level.MASKED_COMPATIBLE}
    others = [f for f in case.comparison.fields if f.field not in NOT_PERSONAL]
    if case.number in EQUAL_NUMBER or any(field.level in says for field in others):
        return None
    return case.asks


def rare_name_birth_and_home(case: Case) -> Link | None:
    """No usable number, but a rare name, the date of birth and the home or household agree."""
    if case.number in EQUAL_NUMBER:
        return None
    levels = {field.field: field.level for field in case.comparison.fields}
    at_home = levels["address"] in SAME_HOME or levels["household_number"] is Level.SAME
    exact = case.name in EXACT_NAME and case.birth is Level.SAME
    agrees = exact and at_home and levels["sex"] is not Level.DIFFERENT
    return Link.ACCEPT if agrees and _is_rare(case) and case.is_sure else None


def no_full_number(case: Case) -> Link | None:
    """Without a number that can be compared, a person decides."""
    return None if case.number in EQUAL_NUMBER else case.asks


def _is_rare(case: Case) -> bool:
    names = (case.person.name, case.claim.name)
    return all(n is not None and name_bits(n) >= case.weights.name_bits.rare for n in names)


RULES: Final[tuple[Callable[[Case], Link | None], ...]] = (
    number_of_a_relative,
    contradicting_number,
    two_valid_numbers,
    number_and_name,
    name_not_confirmed,
    identity_mismatch,
    mistyped_number,
    masked_number,
    name_only,
    rare_name_birth_and_home,
    no_full_number,
)


def _by_model(case: Case) -> Link:
    return Link.ACCEPT if case.is_sure else case.asks


def _adverse(case: Case, link: Link) -> bool:
    """An adverse record (death, prison) may be linked only by full number, exact name and birth."""
    proven = case.number in EQUAL_NUMBER and case.name in EXACT_NAME and case.birth is Level.SAME
    return link is Link.ACCEPT and not proven


def _decided(case: Case) -> tuple[Link, str | None]:
    """The first rule that decides, or the model."""
    for check in RULES:
        link = check(case)
        if link is not None:
            return link, check.__name__
    return _by_model(case), None


def _case(person: Prepared, claim: Prepared, weights: Weights, found: Comparison) -> Case:
    name, number, birth = (field.level for field in found.fields[:3])
    return Case(person, claim, weights, found, name, number, birth)


def with_relatives(
    found: Comparison, person: Prepared, claim: Prepared, weights: Weights
) -> Comparison:
    """The comparison with what the others of both households say (同户人员), as its last field."""
    level = compare_relatives(person, claim)
    if level is Level.MISSING:
        return found
    weight = weights.fields["relatives"][level].weight
    field = FieldComparison("relatives", level, weight, tables.words()["relatives"][level])
    fields = (*found.fields, field)
    total = math.fsum([found.prior, *(one.weight for one in fields)])
    return Comparison(fields, found.prior, weights.probability(total))


def judge(
    person: Prepared, claim: Prepared, weights: Weights, *, adverse: bool = False
) -> Judgement:
    """Whether a claim (one record) is the person's; looks at no other claim.

    Household evidence raises a probability and replaces no evidence of the person: what is refused
    without it is at most reviewed with it.
    """
    personal = compare(person, claim, weights)
    found = with_relatives(personal, person, claim, weights)
    case = _case(person, claim, weights, found)
    link, rule = _decided(case)
    if link is Link.ACCEPT and found is not personal:
        alone, _ = _decided(_case(person, claim, weights, personal))
        if alone is Link.REFUSE:
            link, rule = Link.REVIEW, "household_evidence_alone"
    if adverse and _adverse(case, link):
        link, rule = Link.REVIEW, "adverse_needs_full_identity"
    return Judgement(link, found.probability, rule, found)
