"""What a reviewer must not know before he or she has chosen 盲审: whoever speaks second, or reads
a case that is drawn for an audit, or works on a queue that is set to be judged blind."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.domain.errors import ConfigurationError
from app.domain.review import STILL_TO_DO, ItemState
from app.review.rounds import is_of_records, waits_for_second
from app.store.review_items import ReviewItem

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class BlindQueues:
    """Sources whose records the first reviewer, too, judges before he or she sees the numbers."""

    sources: frozenset[str] = frozenset()

    @classmethod
    def of(cls, words: str, known: Collection[str]) -> "BlindQueues":
        """From names that are parted by commas; `all`: of every source.

        Raises ConfigurationError for a name that is not known: its queue would not be blind.
        """
        named = frozenset(one.strip() for one in words.split(",") if one.strip())
        strange = sorted(named - {ALL, *known})
        if strange:
            raise ConfigurationError(
                f"HEDUI_BLIND_QUEUES: {strange[0]} is no source; there are {sorted(known)} and all"
            )
        return cls(named)

    def hide(self, item: ReviewItem) -> bool:
        """While the item is to be decided."""
        named = ALL in self.sources or item.source in self.sources
        return named and item.state in STILL_TO_DO


def is_blind(item: ReviewItem, by: str, *, at_first: bool) -> bool:
    """The probability, and all that tells it, is not for this reviewer yet.

    `at_first`: not for the first one either, by an audit's sample or by the setting.
    """
    if not is_of_records(item):
        return False
    if at_first:
        return True
    if item.state is ItemState.DISAGREED:
        return by not in (item.first_reviewer, item.second_reviewer)
    return waits_for_second(item) and item.first_reviewer != by
