"""What tests of several packages stand on: databases that are real, new and their own."""

import gc
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.new_databases import copies, new_postgresql, new_sqlite
from tests.postgresql import PostgresqlServer, running_server
from tests.promises import Promises
from tests.quick_folder import quick_folder

gc.disable()  # what is loaded until the first test stays: looking through it again finds nothing

# A law holds or not, however slow the machine is just then.
settings.register_profile("hedui", deadline=None)
settings.load_profile("hedui")
_numbers = count(1)
_quick = quick_folder()
if _quick is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _quick)  # below which pytest makes tmp_path


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", type=Path, help="where to write which promise was shown how")


def pytest_configure(config: pytest.Config) -> None:
    """A process that xdist started only marks its items; the results are seen by its controller."""
    worker = hasattr(config, "workerinput")
    if config.getoption("numprocesses", None) and not worker:
        gc.enable()  # it collects no tests
    file = None if worker else config.getoption("--promises")
    config.pluginmanager.register(Promises(file), "promises")


def pytest_collection_finish() -> None:
    """From here on only what tests make is looked through."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a service makes many objects that live as long as it does
    gc.enable()


def pytest_unconfigure() -> None:
    """Libraries want theirs back at the end of the process."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def databases_to_copy() -> Iterator[None]:
    with copies():
        yield


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


EITHER = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=EITHER)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database for one test, once a SQLite file and once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hedui.sqlite3'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


@pytest.fixture
def new_postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A PostgreSQL database of the newest revision for one test, dropped after it."""
    name = f"test_{next(_numbers)}"
    yield new_postgresql(postgresql_server, name)
    postgresql_server.drop(name)


@pytest.fixture(params=EITHER)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the newest revision for one test, once a SQLite file and once PostgreSQL."""
    if request.param == "sqlite":
        return new_sqlite(tmp_path)
    url: str = request.getfixturevalue("new_postgresql_url")
    return url
