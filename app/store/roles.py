"""Whether the database keeps regions apart from the role that the service works as 非属主角色."""

from typing import Final

import sqlalchemy as sa

_ROLE: Final = sa.text(
    "SELECT rolsuper, rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user"
)
_TABLES: Final = sa.text(
    "SELECT of.relname AS name, of.relrowsecurity AND of.relforcerowsecurity AS walled,"
    " pg_has_role(current_user, of.relowner, 'MEMBER') AS owned,"
    " EXISTS (SELECT 1 FROM pg_catalog.pg_policy AS its WHERE its.polrelid = of.oid) AS ruled"
    " FROM pg_catalog.pg_class AS of"
    " JOIN pg_catalog.pg_attribute AS region ON region.attrelid = of.oid"
    " WHERE of.relkind IN ('r', 'p') AND of.relnamespace = current_schema()::regnamespace"
    " AND region.attname = 'region' AND NOT region.attisdropped ORDER BY 1"
)


def weak_walls(tx: sa.Connection) -> tuple[str, ...]:
    """Why a fault in this service could show one region's rows to another; none: it could not.

    SQLite has no roles: there the service's own connections are the wall.
    """
    if tx.dialect.name != "postgresql":
        return ()
    found = []
    role = tx.execute(_ROLE).one()
    if role.rolsuper:
        found.append("the role is a superuser, for whom there is no row-level security")
    elif role.rolbypassrls:
        found.append("the role has BYPASSRLS: row-level security is not for it")
    tables = tx.execute(_TABLES).all()
    if any(one.owned for one in tables):
        found.append("the role owns the tables, so that it could take row-level security away")
    open_tables = [one.name for one in tables if not (one.walled and one.ruled)]
    if open_tables:
        found.append(f"without row-level security: {', '.join(open_tables)}")
    return tuple(found)
