"""A batch's results and changes as CSV, page by page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from app.batch.csv_text import BOM, csv_lines
from app.store.batch_results import BatchResults, ResultRow
from app.store.changes import ChangePlace, Changes, ListedChange
from app.store.reach import Reach
from app.store.results import Results
from app.store.session import Database

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
CHANGE_COLUMNS: Final = (
    "case_reference",
    "verification_id",
    "kind",
    "person",
    "before",
    "after",
    "decisive",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFiles:
    """What callers load down; nothing is ever all in memory."""

    database: Database
    rows: BatchResults
    results: Results
    changes: Changes

    async def of_results(self, batch_id: str, reach: Reach | None = None) -> AsyncIterator[str]:
        """A row a household and programme within reach, in the order of the roster."""
        yield BOM + csv_lines([RESULT_COLUMNS])
        after: int | None = -1
        while after is not None:
            page, after = await self.database.read(
                lambda tx, place=after: self._results(tx, (batch_id, reach), place)  # type: ignore[misc]
            )
            yield csv_lines(page)

    def _results(
        self, tx: sa.Connection, of: tuple[str, Reach | None], after: int
    ) -> tuple[list[tuple[object, ...]], int | None]:
        batch_id, reach = of
        rows = self.rows.page(tx, batch_id, after=after, limit=_PAGE, reach=reach)
        if not rows:
            return [], None
        return [self._result(tx, row) for row in rows], rows[-1].position

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

    async def of_changes(self, batch_id: str, reach: Reach | None = None) -> AsyncIterator[str]:
        """A row a change within reach since each household's previous verification."""
        yield BOM + csv_lines([CHANGE_COLUMNS])
        after: ChangePlace | None = None
        while True:
            page = await self.database.read(
                lambda tx, place=after: self.changes.of_batch(  # type: ignore[misc]
                    tx, batch_id, after=place, limit=_PAGE, reach=reach
                )
            )
            if not page:
                return
            yield csv_lines([_change(one) for one in page])
            after = page[-1].place


def _change(listed: ListedChange) -> Sequence[object]:
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
