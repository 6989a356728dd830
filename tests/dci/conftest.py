"""One service with a household that was verified, for all tests of a module.

A module that sets `ON_BOTH` has its tests pass over both databases.
"""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
import pytest_asyncio

from tests.conftest import EITHER
from tests.new_databases import new_postgresql
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

_numbers = count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if getattr(metafunc.module, "ON_BOTH", False) and "a_database" in metafunc.fixturenames:
        metafunc.parametrize("a_database", EITHER, indirect=True, scope="module")


@pytest.fixture(scope="module")
def a_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database for a module's service; empty: the service's own."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    server, name = request.getfixturevalue("postgresql_server"), f"dci_{next(_numbers)}"
    yield new_postgresql(server, name)
    server.drop(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def verified(
    tmp_path_factory: pytest.TempPathFactory, a_database: str
) -> AsyncIterator[Running]:
    """The household of three, final; the registry has the mother as a widow."""
    rows = {
        ref: found(registered(ref, raw={"xm": NAMES[ref], "gmsfhm": NUMBERS[ref], "hyzk": code}))
        for ref, code in (("m1", "20"), ("m2", "30"), ("m3", "10"))
    }
    registry = ScriptedSource("household_registry", rows)
    bank = ScriptedSource("bank", {"m1": found(an_account("m1", "15320.55"))})
    folder, sources = tmp_path_factory.mktemp("registry"), all_ten(bank, registry)
    async with running(folder, sources, database_url=a_database) as service:
        reply = await service.post()
        assert reply.json()["status"] == "final", reply.text
        yield service
