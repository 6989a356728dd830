"""The role that serves cannot take the wall away, and what is weak is told."""

from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from app.domain.errors import ConfigurationError
from app.main import create_app
from app.settings import Settings
from app.store.backup import Tools, copy_out, load_postgresql, opened
from app.store.migrate import upgrade
from app.store.roles import weak_walls
from app.store.session import connect
from tests.isolation.roles import TwoRoles, two_roles
from tests.service_parts import Clock, all_ten, connected

pytestmark = pytest.mark.postgresql


async def weaknesses(url: str) -> str:
    database = connect(url)
    try:
        return "; ".join(await database.read(weak_walls))
    finally:
        await database.aclose()


@pytest.mark.promise(14)
async def test_what_is_weak_is_told(roles: TwoRoles) -> None:
    """Planted: the owner's name compared with the role's own, without its memberships: that the
    role is a member of the owner was not told."""
    upgrade(roles.owner)
    assert await weaknesses(roles.service) == ""
    assert "owns the tables" in await weaknesses(roles.owner)
    assert "superuser" in await weaknesses(roles.admin)
    service = sa.make_url(roles.service).username
    owner = sa.make_url(roles.owner).username
    roles.server.run(f'ALTER ROLE "{service}" BYPASSRLS')
    assert "BYPASSRLS" in await weaknesses(roles.service)
    roles.server.run(f'ALTER ROLE "{service}" NOBYPASSRLS', f'GRANT "{owner}" TO "{service}"')
    assert "owns the tables" in await weaknesses(roles.service)
    roles.server.run(f'REVOKE "{owner}" FROM "{service}"')
    roles.server.run("ALTER TABLE objection NO FORCE ROW LEVEL SECURITY", database=roles.database)
    assert await weaknesses(roles.service) == "without row-level security: objection"


@pytest.mark.promise(14)
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE verification DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE verification NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY region_wall ON verification",
        "CREATE POLICY open ON verification USING (true)",
        "ALTER TABLE verification OWNER TO CURRENT_USER",
        "TRUNCATE verification",
        "CREATE TABLE public.verification_2 (id text)",
        "SET row_security = off; SELECT * FROM verification",
    ],
)
def test_who_serves_cannot_take_the_wall_away(roles: TwoRoles, statement: str) -> None:
    """Planted: `GRANT hedui_owner TO hedui` in roles.sql: seven of the eight were done."""
    upgrade(roles.owner)
    with psycopg.connect(roles.service) as raw, pytest.raises(psycopg.Error):
        raw.execute(statement.encode())


async def test_the_service_starts_with_two_roles(roles: TwoRoles, tmp_path: Path) -> None:
    """The owner's URL is needed where something is to be migrated, and then alone."""
    settings = Settings(data_dir=tmp_path, database_url=roles.service)
    with pytest.raises(ConfigurationError, match="HEDUI_MIGRATION_DATABASE_URL"):
        upgrade(settings.migration_database)
    both = settings.model_copy(update={"migration_database_url": roles.owner})
    for given in (both, settings):
        app = create_app(given, Clock(), connected(all_ten()))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://hedui.test") as http:
                assert (await http.get("/readyz")).status_code == httpx.codes.OK


def test_a_backup_has_all_regions_and_walls(roles: TwoRoles, tmp_path: Path) -> None:
    """By the owner, for whom row-level security holds as well."""
    upgrade(roles.owner)
    with opened(roles.owner) as tx:
        tx.execute(
            sa.text(
                "INSERT INTO consent_withdrawal VALUES ('220102', 'a', 0, 'c'),"
                " ('220103', 'b', 0, 'c')"
            )
        )
    tools, file = Tools(roles.server.binaries), tmp_path / "dump"
    assert copy_out(roles.owner, file, tools).tables["consent_withdrawal"] == 2
    with two_roles(roles.server) as other:
        load_postgresql(other.owner, file, tools)
        with opened(other.owner) as tx:
            count: int = tx.execute(sa.text("SELECT count(*) FROM consent_withdrawal")).scalar_one()
            assert (count, weak_walls(tx)) == (2, (weak_walls(tx)[0],))
            assert "owns the tables" in weak_walls(tx)[0]
        with psycopg.connect(other.service) as raw:
            assert raw.execute("SELECT count(*) FROM consent_withdrawal").fetchone() == (0,)
