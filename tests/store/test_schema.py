"""The tables: migrated from nothing, as the models say, each with its region."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app.store import tables
from app.store.migrate import sync_engine, upgrade
from app.store.schema import metadata

WITHOUT_PERSONS = {
    "idempotency": "a client's key and a keyed digest",
    "sequence": "names of counters",
    "batch_source": "names of sources and counts",
    "remains": "until when files were cleaned",
    "worker": "names of processes",
    "duty": "names of duties and processes",
    "source_breaker": "names of sources and processes",
    "source_order": "names of sources and of accounts of staff",
    "source_pace": "names of sources and instants",
    "source_share": "names of sources and processes",
    "sign_in_failure": "keyed digests of logins and addresses, counts",
    "audit_head": "the trail's end",
    "audit_signed_head": "digests and signatures",
    "audit_anchored": "numbers of heads and receipts",
    "data_key": "wrapped keys",
    "rekeying": "ids of rows",
    "outgoing_address": "addresses of case systems",
    "client_key": "clients' secrets as hashes, public keys and thumbprints",
    "client_assertion": "digests of clients' assertions",
    "rate_count": "clients, keyed hashes of addresses, and counts",
}
"""Tables that hold nothing of any person, and what they hold instead."""


def test_models_and_migrations_are_the_same(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    engine = sync_engine(empty_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_an_upgrade_may_be_repeated(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    upgrade(empty_database_url)
    engine = sync_engine(empty_database_url)
    names = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    assert names == {*metadata.tables, "alembic_version"}


@pytest.mark.parametrize("table", list(metadata.tables.values()), ids=str)
def test_every_table_with_a_persons_data_has_its_region(table: sa.Table) -> None:
    if table.name in WITHOUT_PERSONS:
        assert not [name for name in table.c.keys() if name.startswith("sealed_")]  # noqa: SIM118
    else:
        assert "region" in table.c
        assert not table.c.region.nullable


@pytest.mark.parametrize("table", list(metadata.tables.values()), ids=str)
def test_free_text_and_amounts_stand_in_sealed_columns_alone(table: sa.Table) -> None:
    """No column outside the sealed ones has room for what a source or an applicant wrote."""
    words = {"names of refs": "persons", "institutions": "institutions", "versions": "model"}
    open_text = {
        column.name
        for column in table.c
        if isinstance(column.type, sa.Text) and not isinstance(column.type, sa.LargeBinary)
    }
    assert open_text <= {*words.values(), "details"}
    assert not [c.name for c in table.c if isinstance(c.type, sa.Numeric) and c.type.asdecimal]


def test_the_migration_folder_is_whole(tmp_path: Path) -> None:
    """Migrating needs nothing but the URL: as an installed package does it."""
    upgrade(f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert tables.audit_entry.name in metadata.tables
