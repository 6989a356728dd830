"""Explains a comparison: its fields in their order, the prior, and how they add up."""

from collections.abc import Mapping

from matching.explain.explanation import Counted, Explanation, FieldExplanation
from matching.explain.fields import PAIRS
from matching.explain.words import prior_words, share_note, words_of
from matching.levels import Level
from matching.pair import Comparison, FieldComparison, compare, is_together
from matching.prepared import Prepared
from matching.weights import Weights


def explain(person: Prepared, claim: Prepared, weights: Weights) -> Explanation:
    """Every field of `matching.pair.compare`: the person left, whom the record names right."""
    return explain_comparison(compare(person, claim, weights), person, claim, weights)


def explain_comparison(
    comparison: Comparison, person: Prepared, claim: Prepared, weights: Weights
) -> Explanation:
    """A comparison of these two that was made already, such as a judgement's.

    The prior and the weights add up to `log_odds`.
    """
    levels = {one.field: one.level for one in comparison.fields}
    return Explanation(
        fields=tuple(
            _field(one, (person, claim), _counted(one, levels, weights))
            for one in comparison.fields
        ),
        prior=comparison.prior,
        prior_words=prior_words(comparison.prior),
        log_odds=comparison.log_odds,
        probability=comparison.probability,
        weights=f"{weights.name} {weights.version}",
    )


def _field(
    found: FieldComparison, sides: tuple[Prepared, Prepared], counted: Counted
) -> FieldExplanation:
    pair = PAIRS[found.field](*sides, found.level)
    explained = FieldExplanation(
        field=found.field,
        level=found.level,
        weight=found.weight,
        left=pair.left,
        right=pair.right,
        spans=pair.spans,
        notes=pair.notes,
        sentence=found.words,
        counted=counted,
        share_note=share_note(found.field, counted),
        words={},
    )
    return words_of(explained)


def _counted(found: FieldComparison, levels: Mapping[str, Level], weights: Weights) -> Counted:
    """Whether another field has said what this one says, and so it weighs less or nothing."""
    if found.level in (Level.MISSING, Level.UNUSABLE) or found.field == "address":
        return Counted.IN_FULL
    apart, home = (weights.fixed.get((found.field, found.level, one), 0.0) for one in (False, True))
    if found.weight == 0 and apart != 0 != home:
        return Counted.NOT
    household = Level.MISSING if found.field == "household_number" else levels["household_number"]
    together = is_together(levels["address"], household)
    return Counted.AS_ONE_HOME if together and apart != home else Counted.IN_FULL
