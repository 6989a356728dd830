"""Databases of the newest revision, copied from one that was migrated: once a process and kind.

Migrations themselves are tested on databases that are really empty (`empty_database_url`).
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.store.migrate import upgrade
from tests.postgresql import PostgresqlServer
from tests.quick_folder import quick_folder

_TEMPLATE = "newest_revision"
_BRING_UP = ("safe_database", "cli_clients", "cli_dci_desk")
"""Modules of what brings a database up by itself; `hedui migrate` is left as it is."""
_made: set[Path] = set()
"""Folders of the servers that have one to copy from."""


class _Lite:
    """The file that others are copies of."""

    folder: Path | None = None


@contextmanager
def copies() -> Iterator[None]:
    """What was made to copy from is gone after the block.

    Within it, what this process starts on no database yet begins with a copy as well.
    """
    try:
        with pytest.MonkeyPatch.context() as patch:
            for module in _BRING_UP:
                patch.setattr(f"app.{module}.upgrade", brought_up)
            yield
    finally:
        if _Lite.folder is not None:
            shutil.rmtree(_Lite.folder)
            _Lite.folder = None


def brought_up(url: str) -> None:
    """As `upgrade`, the first time from a copy where the database is a file."""
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not path.exists():
        shutil.copyfile(_sqlite_template(), path)
    upgrade(url)


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
