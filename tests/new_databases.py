"""Databases of the newest revision, copied from one that was migrated: once a process and kind.

Migrations themselves are tested on databases that are really empty (`empty_database_url`).
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.store.migrate import upgrade
from tests.postgresql import PostgresqlServer
from tests.quick_folder import quick_folder

_TEMPLATE = "newest_revision"
_made: set[Path] = set()
"""Folders of the servers that have one to copy from."""


class _Lite:
    """The file that others are copies of."""

    folder: Path | None = None


@contextmanager
def copies() -> Iterator[None]:
    """What was made to copy from is gone after the block."""
    try:
        yield
    finally:
        if _Lite.folder is not None:
            shutil.rmtree(_Lite.folder)
            _Lite.folder = None


def new_sqlite(folder: Path) -> str:
    """The URL of the database that a service with this data folder would make; one is kept."""
    path = folder / "hedui.sqlite3"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_sqlite_template(), path)
    return f"sqlite:///{path}"


def _sqlite_template() -> Path:
    if _Lite.folder is None:
        _Lite.folder = Path(tempfile.mkdtemp(prefix="hedui-newest-", dir=quick_folder()))
        upgrade(f"sqlite:///{_Lite.folder / 'hedui.sqlite3'}")
    return _Lite.folder / "hedui.sqlite3"


def new_postgresql(server: PostgresqlServer, name: str) -> str:
    """The URL of a new database of the owner's."""
    if server.folder not in _made:
        server.create(_TEMPLATE)
        upgrade(server.url(_TEMPLATE))
        _made.add(server.folder)
    server.create(name, template=_TEMPLATE)
    return server.url(name)
