"""One service with a household that was verified, for all tests of a module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.service_parts import Running, ScriptedSource, all_ten, an_account, found, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verified(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """The household of three, final."""
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with running(tmp_path_factory.mktemp("registry"), all_ten(bank)) as service:
        reply = await service.post()
        assert reply.json()["status"] == "final", reply.text
        yield service
