"""Which state of an item a reviewer looked at: told again with the word, so that nothing slips in
between."""

from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from app.domain.errors import Conflict
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


def must_be(version: str | None, now: str) -> None:
    """Raises Conflict where the item is not as the reviewer saw it; None asks for nothing."""
    if version is not None and changed(version, now):
        what = ", ".join(changed(version, now))
        raise Conflict(f"the item has changed since it was read ({what}): read it again")


def _part(item: ReviewItem, text: str) -> str:
    return sha256(f"{item.id}/{text}".encode()).hexdigest()[:10]
