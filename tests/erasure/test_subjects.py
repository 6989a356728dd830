"""Every sealed column is a subject's or says why not; every row about a verification has a fate."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from app.store import (
    tables,
    tables_audits,
    tables_batch,
    tables_erasure,
    tables_facts,
    tables_relief,
    tables_review,
)
from app.store.base import metadata
from app.store.crypto import FieldCipher
from app.store.migrate import sync_engine, upgrade
from app.store.remains import clean
from app.store.subject_keys import SubjectKeys
from app.store.subjects import (
    NOT_A_SUBJECTS,
    OF_FILES,
    OF_RECIPIENT,
    OF_VERIFICATION,
    STAYS,
    rows_of_subjects,
)
from app.store.tables_erasure import subject_key
from tests.service_parts import NOON

# Imported so that the metadata is whole.
assert all(
    (
        tables,
        tables_audits,
        tables_batch,
        tables_erasure,
        tables_facts,
        tables_relief,
        tables_review,
    )
)
_OF = subject_key.c
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


@pytest.mark.promise(23)
def test_no_destroyed_secret_stands_in_pages_that_were_split(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """SQLite, rows put in at random so that pages split: none of a third that is destroyed is left.

    Planted: `secure_delete` off; most of them stood in the file.
    """
    url, luck, count = f"sqlite:///{tmp_path / 'x.sqlite3'}", Random(1), 3_000
    upgrade(url)
    ids = [f"vf_{number:026d}" for number in range(count)]
    gone = luck.sample(ids, count // 3)
    luck.shuffle(ids)
    keys, engine = SubjectKeys(FieldCipher(bytes(32))), sync_engine(url)
    with engine.connect() as tx:
        for start in range(0, count, 50):
            tx.exec_driver_sql("BEGIN IMMEDIATE")
            keys.sealers(tx, dict.fromkeys(ids[start : start + 50], "220102003"))
            tx.exec_driver_sql("COMMIT")
        rows = tx.execute(sa.select(_OF.subject, _OF.sealed_secret)).all()
        before: dict[str, bytes] = {row.subject: row.sealed_secret for row in rows}
        tx.exec_driver_sql("BEGIN IMMEDIATE")
        keys.destroy(tx, dict.fromkeys(gone, "220102003"), NOON)
        tx.exec_driver_sql("COMMIT")
    engine.dispose()
    assert clean(url) == "clean"
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    record_property("cases", len(gone))
    assert [of for of in gone if before[of] in content] == []
    assert all(before[of] in content for of in ids if of not in set(gone))
