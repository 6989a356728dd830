"""What an objection's recheck comes to, by the outcomes before and after."""

import pytest

from app.review.audit_objections import proposed, upheld_outcomes

YES, NO, OPEN = "confirmed", "not_confirmed", "undetermined"


@pytest.mark.parametrize(
    ("before", "after", "proposal", "known"),
    [
        ({"a": NO}, {"a": YES}, "correct", {"a": YES}),
        ({"a": YES}, {"a": NO}, "correct", {"a": NO}),
        ({"a": OPEN}, {"a": NO}, "correct", {"a": NO}),
        ({"a": NO}, {"a": NO}, "uphold", {}),
        ({"a": NO}, {"a": OPEN}, None, {}),
        ({"a": OPEN}, {"a": OPEN}, None, {}),
        ({"a": NO, "b": NO}, {"a": NO, "b": YES}, "correct", {"b": YES}),
        ({"a": NO, "b": NO}, {"a": OPEN, "b": YES}, "correct", {"b": YES}),
        ({"a": NO, "b": NO}, {"a": NO, "b": OPEN}, None, {}),
        ({"a": NO, "b": NO}, {"a": NO}, None, {}),  # nothing is said of one of them
        ({"a": NO}, {"a": NO, "b": YES}, "uphold", {}),  # nobody had decided the other
    ],
)
def test_what_becomes_of_an_objection(
    before: dict[str, str], after: dict[str, str], proposal: str | None, known: dict[str, str]
) -> None:
    assert proposed(before, after) == proposal
    assert upheld_outcomes(before, after) == known
