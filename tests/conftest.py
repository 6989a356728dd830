"""What tests of several packages stand on: databases that are real, empty and their own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.postgresql import PostgresqlServer, running_server
from tests.promises import Promises

# A law holds or not, however slow the machine is just then.
settings.register_profile("hedui", deadline=None)
settings.load_profile("hedui")
_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", type=Path, help="where to write which promise was shown how")


def pytest_configure(config: pytest.Config) -> None:
    """A process that xdist started only marks its items; the results are seen by its controller."""
    file = None if hasattr(config, "workerinput") else config.getoption("--promises")
    config.pluginmanager.register(Promises(file), "promises")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """One server for each test process, started by the first test that asks."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: PostgresqlServer) -> str:
    """An empty database of this test process, as `postgresql://`: for asyncpg, psycopg and libpq.

    SQLAlchemy takes a driver by `make_url(url).set(drivername="postgresql+psycopg")`.
    """
    postgresql_server.create("session")
    return postgresql_server.url("session")


@pytest.fixture
def empty_postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """An empty PostgreSQL database for one test, dropped after it."""
    name = f"test_{next(_numbers)}"
    postgresql_server.create(name)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database for one test, once a SQLite file and once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url
