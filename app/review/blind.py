"""What a reviewer must not know before he or she has chosen 盲审: whoever speaks second, or reads
a case that is drawn for an audit."""

from app.domain.review import ItemState
from app.review.rounds import is_of_records, waits_for_second
from app.store.review_items import ReviewItem


def is_blind(item: ReviewItem, by: str, *, in_sample: bool) -> bool:
    """The probability, and all that tells it, is not for this reviewer yet."""
    if not is_of_records(item):
        return False
    if in_sample:
        return True
    if item.state is ItemState.DISAGREED:
        return by not in (item.first_reviewer, item.second_reviewer)
    return waits_for_second(item) and item.first_reviewer != by
