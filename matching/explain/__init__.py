"""Why two people are held to be one: every field's difference, what it weighs, in words."""

from matching.explain.build import explain, explain_comparison
from matching.explain.document import Language, as_document, field_name, value_name
from matching.explain.explanation import Explanation, FieldExplanation, Note, Side
from matching.explain.masking import masked
from matching.explain.spans import Span, SpanKind

__all__ = [
    "Explanation",
    "FieldExplanation",
    "Language",
    "Note",
    "Side",
    "Span",
    "SpanKind",
    "as_document",
    "explain",
    "explain_comparison",
    "field_name",
    "masked",
    "value_name",
]
