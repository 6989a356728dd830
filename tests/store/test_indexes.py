"""Keyed numbers of persons stand under one key, wherever they stand."""

from app.store.index_moves import PERSON_COLUMNS
from app.store.schema import metadata


def test_every_keyed_number_of_a_person_comes_along() -> None:
    """A new column of them without a place in a rotation would find nobody after it."""
    there = {
        column
        for table in metadata.tables.values()
        for column in table.c
        if column.name.endswith("person_key")
    }
    assert there == set(PERSON_COLUMNS)
