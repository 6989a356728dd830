"""One service with a household that was verified, for all tests of a module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.service_parts import (
    NAMES,
    NUMBERS,
    Running,
    ScriptedSource,
    all_ten,
    an_account,
    found,
    registered,
    running,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verified(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """The household of three, final; the registry has the mother as a widow."""
    rows = {
        ref: found(registered(ref, raw={"xm": NAMES[ref], "gmsfhm": NUMBERS[ref], "hyzk": code}))
        for ref, code in (("m1", "20"), ("m2", "30"), ("m3", "10"))
    }
    registry = ScriptedSource("household_registry", rows)
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    async with running(tmp_path_factory.mktemp("registry"), all_ten(bank, registry)) as service:
        reply = await service.post()
        assert reply.json()["status"] == "final", reply.text
        yield service
