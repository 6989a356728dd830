#!/bin/sh
# Gives the two roles of roles.sql the passwords in /run/secrets; run once by the image of PostgreSQL
# when its data folder is made. The passwords stand in no command line: psql reads them itself.
set -eu
for role in hedui_owner hedui; do
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<SQL
\\set secret \`cat /run/secrets/$role\`
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
ALTER ROLE $role PASSWORD :'secret';
SQL
done
