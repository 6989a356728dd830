"""A database of the newest revision."""

from collections.abc import AsyncIterator

import pytest

from app.store.migrate import upgrade
from app.store.session import Database, connect


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    upgrade(database_url)
    opened = connect(database_url)
    yield opened
    await opened.aclose()
