"""An explanation as a JSON document in one language."""

from enum import StrEnum
from typing import Any

from matching.explain.explanation import Explanation, FieldExplanation, Side
from matching.explain.phrases import phrases
from matching.explain.spans import Span


class Language(StrEnum):
    """Languages that words are written in."""

    ZH = "zh"
    EN = "en"


def as_document(explanation: Explanation, language: Language) -> dict[str, Any]:
    """Texts, levels and weights (log2) for a page or an interface; holds what it is given.

    Give it a masked explanation for whoever has no right to the values.
    """
    return {
        "prior": {"weight": explanation.prior, "words": explanation.prior_words[language]},
        "fields": [_field(one, language) for one in explanation.fields],
        "log2_odds": explanation.log_odds,
        "probability": explanation.probability,
        "weights": explanation.weights,
        "masked": explanation.is_masked,
    }


def field_name(field: str, language: Language) -> str:
    """What a field is called."""
    name: str = phrases()["fields"][field][language]
    return name


def value_name(field: str, text: str, language: Language) -> str:
    """A value as it is read: a code by its word, any other as it is."""
    word: str = phrases()["codes"].get(field, {}).get(text, {}).get(language, text)
    return word


def _field(explained: FieldExplanation, language: Language) -> dict[str, Any]:
    note = explained.share_note
    return {
        "field": explained.field,
        "name": field_name(explained.field, language),
        "level": str(explained.level),
        "weight": explained.weight,
        "counted": str(explained.counted),
        "share_note": None if note is None else note[language],
        "words": explained.words[language],
        "left": _side(explained.left),
        "right": _side(explained.right),
        "differences": [_span(span, explained.field, language) for span in explained.spans],
    }


def _side(side: Side) -> dict[str, str | None]:
    return {"written": side.written, "compared": side.form}


def _span(span: Span, field: str, language: Language) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": str(span.kind), "left": span.left, "right": span.right}
    if span.part is not None:
        document["part"] = span.part
        document["part_words"] = phrases()["parts"][span.part][language]
    if field == "name":
        for name in ("left_points", "right_points"):
            if getattr(span, name):
                document[name] = list(getattr(span, name))
        for name in ("left_sound", "right_sound"):
            if getattr(span, name) is not None:
                document[name] = getattr(span, name)
    return document
