"""The closed words of the interface and what each means: the review UI's own words, or a list."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from app.web import case_words, code_words, figures_words, kind_words, review_words, words_desk
from app.web.i18n import english
from docs.generator.words import Words

Labels = Mapping[str, Any]
"""By value: the UI's Chinese text, or a tuple of which the last is the text."""

_LABELS: Final[Mapping[str, tuple[Labels, ...]]] = {
    "ActionKind": (review_words.KINDS,),
    "AlertOutcome": (words_desk.ALERT_OUTCOMES,),
    "AlertState": (words_desk.ALERT_STATES,),
    "AssetKind": (case_words.ASSETS,),
    "Cause": (case_words.CAUSES,),
    "ChangeKind": (words_desk.ALERT_KINDS,),
    "Choice": (review_words.CHOICES, kind_words.CHOICES),
    "ExpenseKind": (case_words.EXPENSES,),
    "FailureKind": (code_words.FAILURES,),
    "FindingCode": (case_words.WHY,),
    "IncomeKind": (case_words.INCOME,),
    "LookPurpose": (code_words.PURPOSES,),
    "Order": (review_words.ORDERS,),
    "Purpose": (code_words.PURPOSES,),
    "ReasonCode": (review_words.REASONS, kind_words.REASONS),
    "Relationship": (case_words.RELATIONS,),
    "Settling": (review_words.SETTLING,),
    "Source": (case_words.SOURCES,),
    "Status": (case_words.STATUSES,),
    "BatchStatus": (words_desk.BATCH_STATES,),
    "Programme": (code_words.PROGRAMMES,),
    "RosterFailure": (words_desk.ROSTER_FAILURES,),
    "Unasked": (case_words.REASONS, case_words.WHY),
    "app__domain__evidence__SourceState": (case_words.STATES,),
    "app__jobs__source_states__SourceState": (words_desk.SOURCE_STATES,),
    "Figures": (figures_words.WORDS,),
}


_OTHERS: Final = Path(__file__).parents[1] / "site" / "closed-words.yaml"


@cache
def _others() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """By closed word and value: English and Chinese."""
    loaded: Mapping[str, Mapping[str, tuple[str, str]]] = yaml.safe_load(_OTHERS.read_text("utf-8"))
    return loaded


def meaning(words: Words, name: str, value: str) -> str:
    """What a value of that closed word means; empty where nobody says."""
    for labels in _LABELS.get(name, ()):
        if value in labels:
            text = labels[value]
            shown = text if isinstance(text, str) else text[-1]
            return shown if words.language == "zh" else english().get(shown, shown)
    english_word, chinese_word = _others().get(name, {}).get(value, ("", ""))
    return words.own(english_word, chinese_word)
