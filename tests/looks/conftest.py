"""One service for the tests of a module that only need it to be there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.service_parts import Running, ScriptedSource, all_ten, an_account, found, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with running(tmp_path_factory.mktemp("service"), all_ten(bank)) as service:
        yield service
