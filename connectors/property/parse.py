"""Reads the pages of the property register 不动产登记, and puts them together (pure)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.binding import bind, distinct
from connectors.contract import AskedPerson, Outcome
from connectors.failure import Failure, FailureKind, SourceError
from connectors.mapping import FieldMap
from connectors.property.owners import OwnerFields, owners_of
from connectors.records import AnyRecord, Ownership, Sharing
from connectors.transport.documents import read_json


@dataclass(frozen=True, slots=True)
class Layout:
    """How a row is read: its fields, and its joined lists of owners."""

    fields: FieldMap
    owners: OwnerFields

    @classmethod
    def load(cls, path: Path) -> "Layout":
        """Raises `ValueError` naming the file and what is wrong in it."""
        return cls(FieldMap.load(path), OwnerFields.load(path))


@dataclass(frozen=True, slots=True)
class Page:
    """One page: how many records there are in all by its word, and its rows."""

    total: int
    size: int
    rows: tuple[Mapping[str, object], ...]

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= self.size


def read_page(body: bytes, number: int) -> Page:
    """A page; raises `SourceError` for a failure that it tells, and for a reply that is none."""
    reply = read_json(body)
    if not isinstance(reply, dict) or not isinstance(reply.get("success"), bool):
        raise SourceError.of(FailureKind.MALFORMED, "the reply does not say whether it succeeded")
    if not reply["success"]:
        raise SourceError.of(FailureKind.UNAVAILABLE, "the source tells a failure of its own")
    if reply.get("page") != number:
        raise SourceError.of(FailureKind.MISMATCHED, "the reply is another page than asked for")
    total, size, rows = _whole(reply.get("total")), _whole(reply.get("size")), reply.get("list")
    if total is None or not size or not isinstance(rows, list):
        raise SourceError.of(FailureKind.MALFORMED, "the reply has no total, size or list")
    if not all(isinstance(row, dict) for row in rows):
        raise SourceError.of(FailureKind.MALFORMED, "a row is no record")
    if rows and not total:
        raise SourceError.of(FailureKind.MALFORMED, "total is 0, yet there are records")
    return Page(total, size, tuple(rows))


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value


def is_whole(pages: Sequence[Page]) -> bool:
    """Whether the pages hold all records, by the newest page's word.

    A record put in before the others while paging moves one from page to page: it comes twice and
    another not at all. So over more pages than one it is the different rows that count.
    """
    if not pages:
        return False
    rows = [row for page in pages for row in page.rows]
    different = {json.dumps(row, sort_keys=True, default=str) for row in rows}
    total = pages[-1].total
    one_page = sum(1 for page in pages if page.rows) == 1
    return len(different) == total or (one_page and len(rows) == total)


def outcome_of(
    person: AskedPerson, pages: Sequence[Page], layout: Layout, gap: Failure | None
) -> Outcome:
    """What all pages say about the person; `gap` is why there are no more of them."""
    records: list[AnyRecord] = []
    for page in pages:
        for row in page.rows:
            try:
                records.append(_record(row, layout))
            except SourceError as error:
                gap = gap or error.failure
    if gap is None and not is_whole(pages):
        gap = Failure(FailureKind.INCOMPLETE, "total is not the number of records")
    return bind(person, distinct(records), gap)


def _record(row: Mapping[str, object], layout: Layout) -> AnyRecord:
    bare = layout.fields.record("ownership", row, shares=())
    if not isinstance(bare, Ownership):
        raise SourceError.of(FailureKind.UNMAPPED, "the mapping makes no ownership of a row")
    owners = owners_of(row, layout.owners, by_shares=bare.sharing is Sharing.BY_SHARES)
    return layout.fields.record(
        "ownership",
        row,
        subjects=owners.subjects,
        shares=owners.shares,
        problems=owners.problems,
    )
