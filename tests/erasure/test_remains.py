"""Secrets that were destroyed, among thousands of others: none is left in any file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from app.store.crypto import FieldCipher
from app.store.migrate import sync_engine
from app.store.remains import RIGHTS, clean
from app.store.subject_keys import SubjectKeys
from app.store.tables_erasure import subject_key
from tests.new_databases import brought_up
from tests.postgresql import running_server
from tests.service_parts import NOON

COUNT = 3_000
_OF = subject_key.c


def rights(role: str) -> list[str]:
    """Those that an owner of the tables needs to be given."""
    return [statement.format(role=role) for statement in RIGHTS if "TABLE" not in statement]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A database's URL and the folder that has all of its files."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path
        return
    with running_server("full_page_writes=on") as server:
        server.create("x")
        server.run(*rights("hedui"), database="x")
        yield server.url("x"), server.data


@contextmanager
def _begun(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as tx:
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("BEGIN IMMEDIATE")
        yield tx
        tx.commit()


def _left(folder: Path, secrets: set[bytes]) -> int:
    """How many of these sealed secrets stand anywhere in the folder's files."""
    some = next(iter(secrets))
    key_id, length, found = some[:4], len(some), set()
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        at = content.find(key_id)
        while at >= 0:
            found.add(content[at : at + length])
            at = content.find(key_id, at + 1)
    return len(found & secrets)


@pytest.mark.promise(23)
def test_no_destroyed_secret_is_left_in_any_file(
    place: tuple[str, Path], record_property: Callable[[str, object], None]
) -> None:
    """Rows put in at random, so that pages split; a third of them destroyed, the rest still there.

    Planted: `secure_delete` off; on PostgreSQL VACUUM in place of VACUUM FULL; the log not turned
    over: each time destroyed secrets were found.
    """
    url, folder = place
    brought_up(url)
    luck, ids = Random(1), [f"vf_{number:026d}" for number in range(COUNT)]
    gone = set(luck.sample(ids, COUNT // 3))
    luck.shuffle(ids)
    keys, engine = SubjectKeys(FieldCipher(bytes(32))), sync_engine(url)
    for start in range(0, COUNT, 50):
        with _begun(engine) as tx:
            keys.sealers(tx, dict.fromkeys(ids[start : start + 50], "220102003"))
    with _begun(engine) as tx:
        rows = tx.execute(sa.select(_OF.subject, _OF.sealed_secret)).all()
        keys.destroy(tx, dict.fromkeys(gone, "220102003"), NOON)
    engine.dispose()
    assert clean(url) == "clean"
    record_property("cases", len(gone))
    assert _left(folder, {bytes(row.sealed_secret) for row in rows if row.subject in gone}) == 0
    others = {bytes(row.sealed_secret) for row in rows if row.subject not in gone}
    assert _left(folder, others) == len(others)


@pytest.mark.postgresql
def test_an_account_without_rights_says_what_is_left() -> None:
    """PostgreSQL: whoever may not write the table anew or turn over the log says so."""
    with running_server() as server:
        server.create("x")
        brought_up(server.url("x"))
        assert clean(server.url("x")) == "log_kept"
        server.run("CREATE ROLE serving LOGIN", *rights("serving"), database="x")
        serving = server.url("x", role="serving")
        assert clean(serving) == "not_owner"
        server.run(RIGHTS[-1].format(role="serving"), database="x")
        assert clean(serving) == "clean"
