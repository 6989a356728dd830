"""When an objection is upheld, rejected, or still open, by the outcomes before and after."""

import pytest

from app.review.audit_objections import state_after, upheld_outcomes

YES, NO, OPEN = "confirmed", "not_confirmed", "undetermined"


@pytest.mark.parametrize(
    ("before", "after", "state", "known"),
    [
        ({"a": NO}, {"a": YES}, "upheld", {"a": YES}),
        ({"a": YES}, {"a": NO}, "upheld", {"a": NO}),
        ({"a": OPEN}, {"a": NO}, "upheld", {"a": NO}),
        ({"a": NO}, {"a": NO}, "rejected", {}),
        ({"a": NO}, {"a": OPEN}, "filed", {}),
        ({"a": OPEN}, {"a": OPEN}, "filed", {}),
        ({"a": NO, "b": NO}, {"a": NO, "b": YES}, "upheld", {"b": YES}),
        ({"a": NO, "b": NO}, {"a": OPEN, "b": YES}, "upheld", {"b": YES}),
        ({"a": NO, "b": NO}, {"a": NO, "b": OPEN}, "filed", {}),
        ({"a": NO, "b": NO}, {"a": NO}, "filed", {}),  # nothing is said of one of them
        ({"a": NO}, {"a": NO, "b": YES}, "rejected", {}),  # nobody had decided the other
    ],
)
def test_what_becomes_of_an_objection(
    before: dict[str, str], after: dict[str, str], state: str, known: dict[str, str]
) -> None:
    assert state_after(before, after) == state
    assert upheld_outcomes(before, after) == known
