"""Whether an item still is as whoever answers it has read it; if not, who changed what and when."""

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa

from app.domain.errors import Change, NotFound
from app.review.current import changes_since, must_be, version_of
from app.store.review_items import ReviewItem
from app.wiring_types import Parts


async def as_read(service: Parts, item: ReviewItem, version: str, by: str) -> None:
    """Raises Changed."""

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


def _named(service: Parts, tx: sa.Connection, changes: list[Change]) -> Iterator[Change]:
    """With names of colleagues; a case system or somebody of another region has none here."""
    for one in changes:
        try:
            by = one.by and service.staffing.accounts.get(tx, one.by)
        except NotFound:
            by = None
        yield replace(one, name=by.name) if by else one
