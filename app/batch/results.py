"""A batch's results and changes in rows, page by page, for files and for pages."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.access.masking import masked_name, masked_number
from app.batch.sheets import IdNumber
from app.domain.household import Person
from app.store.batch_results import BatchResults, ResultRow
from app.store.changes import BatchChanges, ChangePlace, Changes, ListedChange
from app.store.reach import Reach
from app.store.results import Results
from app.store.session import Database
from app.store.verifications import Verifications

_PAGE: Final = 500  # households in one read
RESULT_COLUMNS: Final = (
    "case_reference",
    "verification_id",
    "status",
    "programme",
    "outcome",
    "error_rate",
    "report_number",
    "report_version",
    "missing",
)
PERSON_COLUMNS: Final = ("ref", "relationship", "name", "id_number")
CHANGE_COLUMNS: Final = (
    "case_reference",
    "verification_id",
    "kind",
    "person",
    "before",
    "after",
    "decisive",
)
Rows = list[tuple[object, ...]]


class Identities(StrEnum):
    """Whether a file of results names persons, a row each."""

    NONE = "none"
    MASKED = "masked"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which batch's rows, and what of it the caller may see."""

    batch_id: str
    reach: Reach | None = None
    identities: Identities = Identities.NONE
    decisive: bool = False
    """Of changes, those alone that flip a test."""

    @property
    def result_columns(self) -> tuple[str, ...]:
        more = () if self.identities is Identities.NONE else PERSON_COLUMNS
        return (*RESULT_COLUMNS, *more)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFiles:
    """What callers load down; nothing is ever all in memory."""

    database: Database
    rows: BatchResults
    results: Results
    changes: Changes
    verifications: Verifications

    async def of_results(self, asked: Asked) -> AsyncIterator[Rows]:
        """A row a household and programme (and person) within reach, in the roster's order."""
        after: int | None = -1
        while after is not None:
            page, after = await self.database.read(
                lambda tx, place=after: self._results(tx, asked, place)  # type: ignore[misc]
            )
            yield page

    def _results(self, tx: sa.Connection, asked: Asked, after: int) -> tuple[Rows, int | None]:
        rows = self.rows.page(tx, asked.batch_id, after=after, limit=_PAGE, reach=asked.reach)
        if not rows:
            return [], None
        if asked.identities is Identities.NONE:
            return [self._result(tx, row) for row in rows], rows[-1].position
        households = self.verifications.get_many(tx, {row.verification_id for row in rows})
        named: Rows = []
        for row in rows:
            result, found = self._result(tx, row), households.get(row.verification_id)
            persons = () if found is None else found.request.household.persons
            named += [(*result, *_person(one, asked.identities)) for one in persons]
            if not persons:
                named.append((*result, None, None, None, None))
        return named, rows[-1].position

    def _result(self, tx: sa.Connection, row: ResultRow) -> tuple[object, ...]:
        return (
            row.case_reference,
            row.verification_id,
            row.status or row.state,
            row.programme,
            row.outcome,
            None if row.error_rate is None else f"{row.error_rate:.6f}",
            row.report_number,
            row.report_version,
            self._missing(tx, row),
        )

    def _missing(self, tx: sa.Connection, row: ResultRow) -> str | None:
        """What would settle an undetermined outcome; why a household failed."""
        if row.outcome != "undetermined":
            return row.failure
        stored = self.results.newest(tx, row.verification_id)
        decisions: list[dict[str, Any]] = (
            [] if stored is None else orjson.loads(stored.body)["decisions"]
        )
        found = [one for one in decisions if one["programme"] == row.programme]
        return " ".join(word for one in found for word in one.get("missing", ()))

    async def of_changes(self, asked: Asked) -> AsyncIterator[Rows]:
        """A row a change within reach since each household's previous verification."""
        after: ChangePlace | None = None
        while True:
            page = await self.database.read(
                lambda tx, place=after: self.changed(tx, asked, after=place, limit=_PAGE)  # type: ignore[misc]
            )
            if not page:
                return
            yield [_change(one) for one in page]
            after = page[-1].place

    def changed(
        self, tx: sa.Connection, asked: Asked, *, after: ChangePlace | None, limit: int
    ) -> Sequence[ListedChange]:
        """A page of them."""
        of = BatchChanges(asked.batch_id, asked.reach, asked.decisive)
        return self.changes.of_batch(tx, of, after=after, limit=limit)


def _person(one: Person, identities: Identities) -> Iterator[object]:
    is_plain = identities is Identities.PLAIN
    yield one.ref
    yield one.relationship.value
    yield one.name if is_plain else masked_name(one.name)
    yield IdNumber(one.id_number) if is_plain else masked_number(one.id_number)


def _change(listed: ListedChange) -> tuple[object, ...]:
    one = listed.change
    return (
        listed.case_reference,
        one.verification_id,
        one.kind,
        one.person,
        one.before,
        one.after,
        "true" if one.decisive else "false",
    )
