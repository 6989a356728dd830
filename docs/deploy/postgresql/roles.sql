-- Two roles for hedui on PostgreSQL: one owns the tables and changes the schema, the other serves.
--
--   createdb hedui
--   psql --dbname=hedui --file=roles.sql          (once, as a superuser; give both a way to log in)
--
--   HEDUI_MIGRATION_DATABASE_URL=postgresql://hedui_owner@host/hedui   for hedui migrate, backup, restore
--   HEDUI_DATABASE_URL=postgresql://hedui@host/hedui                   for hedui serve, worker, doctor
--
-- Row-level security shows each request the rows of its caller's region alone. The role that serves
-- owns nothing, so that no fault in the service can take that away.

CREATE ROLE hedui_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
CREATE ROLE hedui LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO hedui_owner;
GRANT USAGE ON SCHEMA public TO hedui;
ALTER DEFAULT PRIVILEGES FOR ROLE hedui_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hedui;
