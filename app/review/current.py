"""Which state of an item a reviewer looked at: told again with the word, so that nothing slips in
between."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from app.domain.errors import Change, Changed
from app.domain.review import ItemState
from app.review.rounds import seen_decisions
from app.store.review_decisions import ReviewDecision
from app.store.review_items import ReviewItem
from app.verification.persist import Shelf

DECIDED: Final = "decided"
EVIDENCE: Final = "evidence"


def version_of(tx: sa.Connection, shelf: Shelf, item: ReviewItem, words: int) -> str:
    """Two parts, of the words that were given and of what was concluded; neither can be read."""
    newest = shelf.results.newest(tx, item.verification_id)
    concluded = "" if newest is None else newest.digest
    return f"{_part(item, f'{words}/{item.state}')}.{_part(item, concluded)}"


def changed(version: str, now: str) -> tuple[str, ...]:
    """What is another than it was: the words, the evidence."""
    before, after = version.partition("."), now.partition(".")
    parts = ((DECIDED, 0), (EVIDENCE, 2))
    return tuple(name for name, place in parts if before[place] != after[place])


def must_be(version: str, now: str, changes: Iterable[Change]) -> None:
    """Raises Changed where the item is not as the reviewer saw it."""
    names = changed(version, now)
    if names:
        what = ", ".join(names)
        words = f"the item has changed since it was read ({what}): read it again"
        raise Changed(words, tuple(one for one in changes if one.what in names))


def changes_since(
    version: str, item: ReviewItem, said: Sequence[ReviewDecision], by: str, concluded: datetime
) -> list[Change]:
    """Who gave which words after the version was read, as far as `by` may know, and what came.

    Of a word that a second person must not know of, there is neither who nor when.
    """
    new = said[_words_of(version, item, len(said)) :]
    shown = seen_decisions(item, said, by)
    found = [Change(DECIDED, one.decided_at, one.reviewer) for one in new if one in shown]
    if not found:
        found = [Change(DECIDED, None if new else item.changed_at)]
    return [*found, Change(EVIDENCE, concluded)]


def _words_of(version: str, item: ReviewItem, most: int) -> int:
    """How many words had been given by then."""
    told = version.partition(".")[0]
    for words in range(most, -1, -1):
        if any(told == _part(item, f"{words}/{state}") for state in ItemState):
            return words
    return most


def _part(item: ReviewItem, text: str) -> str:
    return sha256(f"{item.id}/{text}".encode()).hexdigest()[:10]
