"""hedui backup and restore 备份与恢复: everything but the keys, checked before it is used.

The secrets of subjects go into a second, small file, which is replaced each time: see retention.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console

from app.audit.verify import verify as verify_trail
from app.domain.errors import AuditBroken, ConfigurationError, InvalidFile
from app.keys import ManifestKey, Wrapping, audit_key, keys_of, wrapping
from app.settings import Settings
from app.store import backup as copies
from app.store.audit_entries import AuditEntries
from app.store.backup import Contents, Tools
from app.store.backup_archive import FORMAT, Archive, Manifest, member_of, write
from app.store.backup_secrets import Secrets, keep_secrets, restore_secrets, taken_out
from app.store.crypto import FieldCipher
from app.store.tables_erasure import subject_key

_DATABASE = "database"
_SECRETS_FILE = "subject-secrets.backup"
_FOLDERS = ("models", "programmes", "matching")
console = Console(stderr=True)
ToolsFolder = Annotated[
    Path | None,
    typer.Option(
        "--tools", envvar="HEDUI_PG_TOOLS", help="Folder of pg_dump and pg_restore; default: PATH."
    ),
]

SecretsFile = Annotated[
    Path | None,
    typer.Option(help=f"File of subjects' secrets; default: {_SECRETS_FILE} beside the archive."),
]


def backup(file: Path, tools: ToolsFolder = None, secrets: SecretsFile = None) -> None:
    """All data and learned files in one archive, while the service runs. Keys are not in it."""
    settings = Settings()
    wraps = wrapping(settings)
    signing = ManifestKey.new(wraps)
    with tempfile.TemporaryDirectory(dir=file.resolve().parent, prefix=".backup-") as name:
        folder = Path(name)
        database = folder / _DATABASE
        contents = copies.copy_out(settings.migration_database, database, Tools(tools))
        database.chmod(0o600)
        files = {_DATABASE: database, **_copied(_files(settings), folder, wraps.master)}
        manifest = Manifest(
            format=FORMAT,
            version=version("hedui"),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            key_id=signing.id,
            contents=contents,
            members={name: member_of(path) for name, path in files.items()},
        )
        write(file, manifest.signed(signing.key), files)
        kept = secrets or file.with_name(_SECRETS_FILE)
        keep_secrets(kept, settings.database, folder, manifest, signing.key)
    rows = sum(contents.tables.values())
    console.print(
        f"{file}: {rows} rows at revision {contents.revision}, {contents.audit_entries} audit "
        f"entries, head {contents.audit_head}"
    )
    console.print("The keys are not in it: keep HEDUI_KEY_FILE's key elsewhere, or this is noise.")
    console.print(
        f"{kept}: the secrets of subjects, replaced each time. Keep the newest apart from the "
        "archives, and no older one: it would open what was erased since."
    )


def restore(file: Path, tools: ToolsFolder = None, secrets: SecretsFile = None) -> None:
    """An archive into an empty database and data folder; the audit trail is verified then."""
    settings = Settings()
    wraps = wrapping(settings)
    archive = Archive(file)
    _check(archive.manifest, settings, wraps)
    copies.refuse_unless_empty(settings.migration_database)
    learned = _targets(settings, archive)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restore-") as name:
        database = Path(name) / _DATABASE
        archive.extract(_DATABASE, database)
        target = _Target(settings, wraps, archive.manifest.contents)
        kept = _secrets_of(secrets or file.with_name(_SECRETS_FILE), target, Path(name))
        if archive.manifest.contents.dialect == "sqlite":
            _restore_file(target, database, kept)
        else:
            _restore_server(target, database, Tools(tools))
            _take_in(settings.database, kept)
    for member, path in learned.items():
        archive.extract(member, path)
    _tell(archive.manifest, learned)


@dataclass(frozen=True, slots=True)
class _Target:
    settings: Settings
    wraps: Wrapping
    promised: Contents


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """What the data folder keeps beside the database: member's name and file."""
    roots = {"models": settings.models_folder, "programmes": settings.programmes}
    for name, root in roots.items():
        if root is not None and root.is_dir():
            for path in sorted(root.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    yield f"{name}/{path.relative_to(root).as_posix()}", path
    for single in (settings.matching_weights, settings.matching_adjustments):
        if single is not None and single.is_file():
            yield f"matching/{single.name}", single


def _copied(
    files: Iterator[tuple[str, Path]], folder: Path, master: bytes | None
) -> dict[str, Path]:
    """Copies that nobody changes meanwhile; raises where one of them holds the master key."""
    copied = {}
    for name, path in files:
        content = path.read_bytes()
        if master is not None and _is_in(master, content):
            raise ConfigurationError(f"{path} holds the master key: move it out of that folder")
        copied[name] = folder / name
        copied[name].parent.mkdir(parents=True, exist_ok=True)
        copied[name].write_bytes(content)
    return copied


def _is_in(master: bytes, content: bytes) -> bool:
    return master in content or master.hex().encode() in content.lower()


def _check(manifest: Manifest, settings: Settings, wraps: Wrapping) -> None:
    """Raises where this archive is not for this key, this release or this kind of database."""
    signing = ManifestKey.named(manifest.key_id, wraps)
    if not manifest.holds(signing.key):
        raise InvalidFile("the backup's manifest was changed after it was made")
    if manifest.contents.revision not in copies.known_revisions():
        raise ConfigurationError(
            f"the backup has revision {manifest.contents.revision} (hedui {manifest.version}), "
            "which this release does not know: restore it with that release or a newer one"
        )
    dialect = sa.make_url(settings.database).get_backend_name()
    if dialect != manifest.contents.dialect:
        raise ConfigurationError(
            f"the backup is of {manifest.contents.dialect}, HEDUI_DATABASE_URL names {dialect}"
        )


def _targets(settings: Settings, archive: Archive) -> dict[str, Path]:
    """Where each learned file goes; raises where one of the folders holds something already."""
    roots = {
        "models": settings.models_folder,
        "programmes": settings.programmes or settings.data_dir / "programmes",
        "matching": settings.data_dir / "matching",
    }
    targets = {}
    for folder in _FOLDERS:
        members = archive.names_below(folder)
        if members and roots[folder].is_dir() and any(roots[folder].iterdir()):
            raise ConfigurationError(f"{roots[folder]} is not empty: move it away, then restore")
        for member in members:
            targets[str(member)] = roots[folder] / member.relative_to(folder)
    return targets


def _secrets_of(kept: Path, target: _Target, folder: Path) -> Secrets | None:
    """None where the backup is of a release before there were secrets, and none are at hand."""
    if not kept.is_file():
        if subject_key.name not in target.promised.tables:
            return None
        raise ConfigurationError(
            f"{kept}: no such file: name the newest file of subjects' secrets with --secrets; "
            "without it nothing of any household opens"
        )
    archive = Archive(kept)
    _check(archive.manifest, target.settings, target.wraps)
    return taken_out(archive, folder, lambda tx: _cipher(tx, target.wraps))


def _cipher(tx: sa.Connection, wraps: Wrapping) -> FieldCipher:
    keys = keys_of(tx, wraps)
    if keys is not None:
        return FieldCipher(keys)
    if wraps.master is None:
        raise ConfigurationError("the backup is of before HEDUI_KEY_SOURCE: set HEDUI_KEY_FILE")
    return FieldCipher(wraps.master)


def _take_in(url: str, kept: Secrets | None) -> None:
    gone = 0 if kept is None else restore_secrets(url, kept)
    if gone:
        console.print(f"erased again: {gone} subjects that were erased since the backup")


def _restore_file(target: _Target, database: Path, kept: Secrets | None) -> None:
    """The file is put in its place once all of it has been checked."""
    with copies.reading_file(database) as tx:
        _verify(tx, target)
        copies.forget_processes(tx)
    _take_in(f"sqlite:///{database}", kept)
    place = copies.sqlite_path(target.settings.database)
    place.parent.mkdir(parents=True, exist_ok=True)
    arriving = place.with_name(f"{place.name}.restoring")
    shutil.move(database, arriving)
    with _synced(place.parent):
        arriving.rename(place)


@contextmanager
def _synced(folder: Path) -> Iterator[None]:
    """What was renamed in the folder is on the disk afterwards."""
    yield
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _restore_server(target: _Target, database: Path, tools: Tools) -> None:
    url = target.settings.migration_database
    copies.load_postgresql(url, database, tools)
    with copies.opened(url) as tx:
        _verify(tx, target)
        copies.forget_processes(tx)


def _verify(tx: sa.Connection, target: _Target) -> None:
    """Rows by table and the audit trail are those of the time of the backup."""
    there = copies.contents_of(tx)
    if there != target.promised:
        wrong = _differing(target.promised.tables, there.tables)
        raise InvalidFile(f"what was restored is not what the manifest promises: {wrong}")
    keys = keys_of(tx, target.wraps)
    service = target.wraps.master if keys is None else keys.service
    if service is None:
        raise ConfigurationError("the backup is of before HEDUI_KEY_SOURCE: set HEDUI_KEY_FILE")
    verdict = verify_trail(AuditEntries().all(tx), audit_key(target.settings, service))
    if verdict.broken_at is not None:
        raise AuditBroken(
            f"audit entry {verdict.broken_at} of the backup does not hold: do not use it"
        )
    if verdict.head != target.promised.audit_head:
        raise AuditBroken("the audit trail ends with another entry than the manifest says")


def _differing(promised: Mapping[str, int], there: Mapping[str, int]) -> str:
    names = sorted(promised.keys() | there.keys())
    wrong = [name for name in names if promised.get(name) != there.get(name)]
    return ", ".join(wrong) or "revision or audit trail"


def _tell(manifest: Manifest, learned: Mapping[str, Path]) -> None:
    contents = manifest.contents
    console.print(
        f"restored: state of {manifest.made_at}, {sum(contents.tables.values())} rows; "
        f"{contents.audit_entries} audit entries hold, head {contents.audit_head}"
    )
    for folder, setting in (("programmes", "HEDUI_PROGRAMMES"), ("matching", "HEDUI_MATCHING_…")):
        path = next((p for name, p in learned.items() if name.startswith(f"{folder}/")), None)
        if path is not None:
            console.print(f"{folder}: {path.parent}; set {setting} to it")
    sys.stdout.write(_STEPS)


_STEPS = """\
What to do now:
1. hedui audit verify: it names the heads that were anchored after the backup. Admit that they
   are lost: hedui audit accept-gap --operator … --reason …
2. No process of the time before may still run: stop all workers and the old service.
   Leases, duties and heartbeats of the backup were released.
3. hedui doctor, then hedui serve (it migrates an older revision), then the workers.
   Open verifications are taken up again; what was asked after the backup is asked again.
4. What came after the backup is not in it: requests acknowledged since then are sent again by
   the case systems (the same Idempotency-Key is safe), consents withdrawn since then must be
   entered again BEFORE the service starts asking, and report numbers issued since then will be
   given again: withdraw those reports.
"""
