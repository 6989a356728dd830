"""A PostgreSQL database as docs/deploy/postgresql/roles.sql makes it: an owner, and who serves."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.postgresql import PostgresqlServer

SCRIPT = Path(__file__).parents[2] / "docs" / "deploy" / "postgresql" / "roles.sql"
_numbers = count(1)


@dataclass(frozen=True)
class TwoRoles:
    """The URLs of one database: `owner` changes the schema, `service` serves."""

    server: PostgresqlServer
    database: str
    owner: str
    service: str
    admin: str


@contextmanager
def two_roles(server: PostgresqlServer) -> Iterator[TwoRoles]:
    """Roles belong to the whole server: named after the database here, and gone with it."""
    name = f"walled_{next(_numbers)}"
    owner, service = f"{name}_owner", f"{name}_service"
    script = re.sub(r"^--.*$", "", SCRIPT.read_text("utf-8"), flags=re.MULTILINE)
    script = re.sub(r"\bhedui_owner\b", owner, script)
    script = re.sub(r"\bhedui\b", service, script)
    server.create(name, owner="admin")
    try:
        server.run(*filter(str.strip, script.split(";")), database=name)
        yield TwoRoles(
            server=server,
            database=name,
            owner=server.url(name, role=owner),
            service=server.url(name, role=service),
            admin=server.url(name, role="admin"),
        )
    finally:
        server.drop(name)
        server.run(f'DROP ROLE IF EXISTS "{owner}"', f'DROP ROLE IF EXISTS "{service}"')
