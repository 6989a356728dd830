"""The closed words of the interface and what each means, from the review UI's own words."""

from collections.abc import Mapping
from typing import Any, Final

from app.web import case_words, figures_words, kind_words, review_words, words_desk
from app.web.i18n import english
from docs.generator.words import Words

Labels = Mapping[str, Any]
"""By value: the UI's Chinese text, or a tuple of which the last is the text."""

_LABELS: Final[Mapping[str, tuple[Labels, ...]]] = {
    "ActionKind": (words_desk.REVIEW_KINDS, review_words.KINDS),
    "AlertOutcome": (words_desk.ALERT_OUTCOMES,),
    "AlertState": (words_desk.ALERT_STATES,),
    "AssetKind": (case_words.ASSETS,),
    "Cause": (case_words.CAUSES,),
    "ChangeKind": (words_desk.ALERT_KINDS,),
    "Choice": (review_words.CHOICES, kind_words.CHOICES),
    "ExpenseKind": (case_words.EXPENSES,),
    "FailureKind": (words_desk.FAILURES,),
    "FindingCode": (case_words.WHY,),
    "IncomeKind": (case_words.INCOME,),
    "LookPurpose": (review_words.PURPOSES, words_desk.PURPOSES),
    "Order": (review_words.ORDERS,),
    "Purpose": (case_words.PURPOSES,),
    "ReasonCode": (review_words.REASONS, kind_words.REASONS),
    "Relationship": (case_words.RELATIONS,),
    "Settling": (review_words.SETTLING,),
    "Source": (case_words.SOURCES,),
    "Status": (case_words.STATUSES,),
    "BatchStatus": (words_desk.BATCH_STATES,),
    "Programme": (case_words.PROGRAMMES,),
    "RosterFailure": (words_desk.ROSTER_FAILURES,),
    "Unasked": (case_words.REASONS, case_words.WHY),
    "app__domain__evidence__SourceState": (case_words.STATES,),
    "app__jobs__source_states__SourceState": (words_desk.SOURCE_STATES,),
    "Figures": (figures_words.WORDS,),
}


def meaning(words: Words, name: str, value: str) -> str:
    """What a value of that closed word means; empty where the UI never shows it."""
    for labels in _LABELS.get(name, ()):
        if value in labels:
            text = labels[value]
            shown = text if isinstance(text, str) else text[-1]
            return shown if words.language == "zh" else english().get(shown, shown)
    return ""
