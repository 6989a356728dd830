"""The newest part of the trail, checked as a page does: every way in which it may be broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.chain import AuditTrail
from app.audit.recent import recent
from app.store.audit_entries import AuditEntries
from app.store.migrate import sync_engine
from tests.new_databases import brought_up
from tests.service_parts import NOON

KEY = b"k" * 32


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[sa.Connection]:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    engine = sync_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def a_trail(tx: sa.Connection, entries: int) -> AuditTrail:
    trail = AuditTrail(KEY, AuditEntries(), lambda: NOON)
    for number in range(entries):
        about = f"vf_{number}", "220102"
        trail.append(tx, actor="st_1", action="verification_read", about=about, details={})
    return trail


@pytest.mark.parametrize("entries", [0, 1, 9])
@pytest.mark.parametrize("most", [3, 100])
def test_a_trail_as_it_was_written_holds(tx: sa.Connection, entries: int, most: int) -> None:
    trail = a_trail(tx, entries)
    found = recent(tx, trail, most)
    assert (found.broken_at, found.last) == (None, entries)
    assert found.first == min(max(0, entries - most) + 1, entries)


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE audit_entry SET actor = 'st_2' WHERE position = 5", 5),
        ('UPDATE audit_entry SET details = \'{"a":"b"}\' WHERE position = 9', 9),
        ("DELETE FROM audit_entry WHERE position = 7", 7),
        ("DELETE FROM audit_entry WHERE position = 9", 9),
        ("DELETE FROM audit_entry", 1),
        ("DELETE FROM audit_head", 0),
    ],
)
def test_a_change_is_named_by_its_first_entry(
    tx: sa.Connection, change: str, broken_at: int
) -> None:
    trail = a_trail(tx, 9)
    tx.execute(sa.text(change))
    assert recent(tx, trail, 100).broken_at == broken_at


def test_what_is_older_than_is_looked_at_is_not_told_of(tx: sa.Connection) -> None:
    trail = a_trail(tx, 9)
    tx.execute(sa.text("UPDATE audit_entry SET actor = 'st_2' WHERE position = 2"))
    assert recent(tx, trail, 3).broken_at is None
    assert recent(tx, trail, 100).broken_at == 2


def test_another_key_finds_nothing_to_hold(tx: sa.Connection) -> None:
    a_trail(tx, 3)
    other = AuditTrail(b"x" * 32, AuditEntries(), lambda: NOON)
    assert recent(tx, other, 100).broken_at == 1
