"""Databases with their walls: SQLite, and PostgreSQL by a role that owns nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.isolation.roles import TwoRoles, two_roles
from tests.new_databases import brought_up
from tests.postgresql import PostgresqlServer


@pytest.fixture
def roles(postgresql_server: PostgresqlServer) -> Iterator[TwoRoles]:
    """An empty database with both roles."""
    with two_roles(postgresql_server) as made:
        yield made


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def walled_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A migrated database, as who serves reaches it."""
    if request.param == "sqlite":
        url = f"sqlite:///{Path(tmp_path_factory.mktemp('walled')) / 'hedui.sqlite3'}"
        brought_up(url)
        yield url
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    with two_roles(server) as made:
        brought_up(made.owner)
        yield made.service
