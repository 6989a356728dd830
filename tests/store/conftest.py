"""A database of the newest revision, and a key."""

from collections.abc import AsyncIterator

import pytest

from app.store.crypto import FieldCipher
from app.store.session import Database, connect


@pytest.fixture
def cipher() -> FieldCipher:
    return FieldCipher(bytes(range(32)))


@pytest.fixture
async def migrated(database_url: str) -> AsyncIterator[Database]:
    database = connect(database_url)
    yield database
    await database.aclose()
