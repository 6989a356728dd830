"""What a reviewer read before answering: an item as it was then, with or without its numbers."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from app.access.tokens import Caller
from app.domain.errors import Change, NotFound
from app.domain.review import Choice
from app.review.current import changes_since, must_be, version_of
from app.store.audit_reads import EntryFilter
from app.store.review_items import ReviewItem
from app.wiring_types import Parts

READ: Final = "review_item_read"
_DECIDED: Final = "review_decided"
_MOST: Final = 500
_END: Final = 2**53


async def as_read(service: Parts, item: ReviewItem, version: str, by: str) -> None:
    """Raises Changed, which tells who changed what and when."""

    def load(tx: sa.Connection) -> tuple[str, list[Change]]:
        said = service.reviewing.book.decisions.all_of(tx, item.id)
        stored = service.shelf.review_items.find(tx, item.id) or item
        now = version_of(tx, service.shelf, stored, len(said))
        if now == version:
            return now, []
        newest = service.shelf.results.newest(tx, item.verification_id)
        concluded = stored.changed_at if newest is None else newest.computed_at
        changes = changes_since(version, stored, said, by, concluded)
        return now, list(_named(service, tx, changes))

    must_be(version, *await service.shelf.database.read(load))


async def chosen_blind(service: Parts, item: ReviewItem, who: Caller) -> Choice | None:
    """What he or she chose first to be shown the numbers, since his or her last word on the item.

    As the trail has it: whoever asks for the numbers of a hidden item names a choice.
    """
    wanted = EntryFilter(
        region=who.region,
        actor=who.actor,
        object=item.verification_id,
        before=_END,
        limit=_MOST,
    )
    entries = await service.shelf.database.read(lambda tx: service.trail.reads.page(tx, wanted))
    chosen = None
    for one in entries:  # the newest first
        if one.details.get("item") != item.id:
            continue
        if one.action == _DECIDED:
            break
        if one.action == READ:
            chosen = one.details.get("chosen", chosen)
    return None if chosen is None else Choice(chosen)


def _named(service: Parts, tx: sa.Connection, changes: list[Change]) -> Iterator[Change]:
    """With names of colleagues; a case system or somebody of another region has none here."""
    for one in changes:
        try:
            by = one.by and service.staffing.accounts.get(tx, one.by)
        except NotFound:
            by = None
        yield replace(one, name=by.name) if by else one
