"""One service with one household of three and a supporter, for the tests of a module."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.reconciliation.parts import SCOPES
from tests.service_parts import Running, all_ten, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("service"), all_ten()) as service:
        service.headers = await service.client(scopes=SCOPES)
        verified = await service.post()
        assert verified.status_code == httpx.codes.CREATED, verified.text
        yield service
