"""A database of the newest revision."""

from collections.abc import AsyncIterator

import pytest

from app.store.session import Database, connect
from tests.new_databases import brought_up


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    brought_up(database_url)
    opened = connect(database_url)
    yield opened
    await opened.aclose()
