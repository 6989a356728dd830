"""Every sealed column is a subject's or says why not; every row about a verification has a fate."""

import pytest
import sqlalchemy as sa

from app.store.schema import metadata
from app.store.subjects import (
    NOT_A_SUBJECTS,
    OF_FILES,
    OF_RECIPIENT,
    OF_VERIFICATION,
    STAYS,
    rows_of_subjects,
)

SEALED = [
    (table, column.name)
    for table in metadata.sorted_tables
    for column in table.c
    if column.name.startswith("sealed_")
]
ABOUT_SOMEBODY = ("verification_id", "recipient_id", "household_index", "person_index")
INDEXES = ("household_index", "person_index", "fact_index", "household_key", "person_key")
PLANNED = {rows.table for rows in (*OF_VERIFICATION, *OF_RECIPIENT, *OF_FILES)}


@pytest.mark.promise(23)
@pytest.mark.parametrize(("table", "column"), SEALED, ids=str)
def test_every_sealed_column_is_a_subjects_or_says_why_not(table: sa.Table, column: str) -> None:
    """Planted: the line of `snapshot` taken out of OF_VERIFICATION; failed for its column."""
    named = f"{table.name}.{column}" in NOT_A_SUBJECTS
    assert named != (table.name in rows_of_subjects())


def test_no_reason_is_left_of_a_column_that_is_gone() -> None:
    assert {f"{table.name}.{column}" for table, column in SEALED} >= set(NOT_A_SUBJECTS)


@pytest.mark.promise(23)
@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_every_row_about_somebody_has_a_fate(table: sa.Table) -> None:
    """Planted: the line of `source_task` taken out of OF_VERIFICATION; failed for that table."""
    about = [name for name in ABOUT_SOMEBODY if name in table.c]
    if about:
        assert (table in PLANNED) != (table in STAYS), about


@pytest.mark.promise(23)
def test_what_erasing_clears_it_clears_whole() -> None:
    """Of rows that stay, no sealed cell and no index by which somebody can be looked up.

    Planted: `household_index` taken out of the luck of `decision_fact`; named here.
    """
    left = [
        f"{rows.table.name}.{column.name}"
        for rows in OF_VERIFICATION
        if not rows.deletes
        for column in rows.table.c
        if column.name.startswith("sealed_") or column.name in INDEXES
        if column.name not in rows.values and column.name not in rows.luck
    ]
    assert left == []
