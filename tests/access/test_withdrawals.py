"""A withdrawal holds in its region and everything below it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.store.askings import Askings
from app.store.crypto import FieldCipher
from app.store.session import Database, connect
from app.store.withdrawals import Withdrawals
from tests.new_databases import brought_up
from tests.service_parts import NOON


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    brought_up(url)
    opened = connect(url)
    yield opened
    await opened.aclose()


@pytest.mark.parametrize(
    ("withdrawn_in", "reference", "held"),
    [
        ("220102003", "SQ-1", True),
        ("220102", "SQ-1", True),  # by a level above
        ("220102003001", "SQ-1", False),  # by a level below
        ("220103", "SQ-1", False),
        ("220102003", "SQ-2", False),
    ],
)
async def test_where_a_withdrawal_holds(
    database: Database, withdrawn_in: str, reference: str, held: bool
) -> None:
    askings = Askings()
    for later in (0, 5):  # the first one counts
        await database.write(
            lambda tx, now=NOON + timedelta(hours=later): askings.withdraw(  # type: ignore[misc]
                tx, region=withdrawn_in, reference=reference, client_id="cl_1", now=now
            )
        )
    withdrawals = Withdrawals(FieldCipher(bytes(range(32))))
    found = await database.read(lambda tx: withdrawals.within(tx, "220102003", ["SQ-1", "SQ-9"]))
    assert [(one.reference, one.at) for one in found] == ([("SQ-1", NOON)] if held else [])
