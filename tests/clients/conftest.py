"""One service on a port for the tests of a module, and a client that may do everything there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.clients.parts import At, a_service, some_sources


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[At]:
    async with a_service(tmp_path_factory.mktemp("service"), some_sources()) as there:
        yield there
