"""How a page says where the next one begins, and what the first items are worth."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.decision import ActionKind
from app.domain.errors import InvalidRequest
from app.review.queue import (
    agreement_document,
    asking_document,
    cursor_of,
    listed_document,
    place_of,
    worth_document,
)
from app.store.review_decisions import Agreement
from app.store.review_queue import Listed, Worth
from tests.builders import NOON
from tests.review_parts import a_gain, an_item


@given(st.floats(min_value=0, max_value=0.5))
def test_a_place_is_read_as_it_was_written(reduction: float) -> None:
    item = an_item(gains=(a_gain(reduction),))
    place = place_of(cursor_of(item))
    assert place == (reduction, item.id)


@pytest.mark.parametrize("text", ["", "x", "0.5", "nan~ri_1", "inf~ri_1", "~ri_1", "ri_1~0.5"])
def test_what_no_page_wrote_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        place_of(text)


@pytest.mark.parametrize(
    ("worth", "share"), [(Worth(4, 0.8, 0.6), 0.75), (Worth(0, 0.0, 0.0), None)]
)
def test_the_first_items_share_of_what_all_save(worth: Worth, share: float | None) -> None:
    document = worth_document(worth, 2)
    assert document["share_of_reduction"] == share
    assert document["first"] == min(2, worth.items)


def test_what_is_asked_of_whom() -> None:
    source = an_item(kind=ActionKind.ASK_SOURCE, subject="source:bank:m1")
    assert asking_document(source) == {"whom": "bank", "about": "m1", "what": "answer"}
    consent = an_item(kind=ActionKind.ASK_HOUSEHOLD, subject="household:consent:m1")
    assert asking_document(consent) == {"whom": "household", "about": "m1", "what": "consent"}
    whole = an_item(kind=ActionKind.ASK_HOUSEHOLD, subject="household:members", person=None)
    assert asking_document(whole) == {"whom": "household", "about": None, "what": "members"}
    assert asking_document(an_item()) is None


def test_an_item_in_the_list() -> None:
    now = NOON + timedelta(days=3, hours=5)
    item = an_item(
        gains=(a_gain(0.25), a_gain(0.125, "dibao_edge")),
        locked_by="cl_1",
        locked_until=now + timedelta(seconds=1),
    )
    shown = listed_document(Listed(item, "220102-2026-000123", "in_review"), "cl_2", now)
    assert shown["expected_reduction"] == 0.375
    assert shown["error_rate"] == 0.5
    assert shown["age_days"] == 3
    assert shown["lock"] == {"yours": False, "until": "2026-11-27T09:00:01Z"}
    later = listed_document(
        Listed(item, "220102-2026-000123", "in_review"), "cl_2", now + timedelta(seconds=1)
    )
    assert later["lock"] is None


def test_agreement_has_no_rate_of_nothing() -> None:
    assert agreement_document((), 0)["rate"] is None
    found = agreement_document((Agreement("bank", 3, 2), Agreement("tax", 1, 1)), 5)
    assert (found["pairs"], found["agreed"], found["disagreed"]) == (4, 3, 1)
    assert found["rate"] == 0.75
    assert found["sources"]["tax"]["rate"] == 1.0
