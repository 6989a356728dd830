"""A database of the newest revision."""

from collections.abc import AsyncIterator

import pytest

from app.store.session import Database, connect


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = connect(database_url)
    yield opened
    await opened.aclose()
