"""A backup's archive: a tar with a manifest first, then the database, then files. No key is in it.

The manifest says what is inside (size and digest of each member, rows by table, the audit trail's
end) and carries an HMAC under a key of the master's: whoever has not the key can neither make an
archive that is accepted nor change one.
"""

import hmac
import io
import os
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import IO, Any

import orjson
from pydantic import TypeAdapter, ValidationError

from app.domain.errors import InvalidFile
from app.store.backup import Contents

FORMAT = 1
_MANIFEST = "manifest.json"
_MOST_MANIFEST = 4_000_000  # bytes
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive: its size in bytes and its SHA-256 in hex."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What an archive holds; `made_at` in ISO 8601, `mac` in hex over all the rest."""

    format: int
    version: str
    made_at: str
    key_id: str
    contents: Contents
    members: Mapping[str, Member]
    mac: str = ""

    def signed(self, key: bytes) -> "Manifest":
        return replace(self, mac=self._mac(key))

    def holds(self, key: bytes) -> bool:
        return hmac.compare_digest(self.mac, self._mac(key))

    def _mac(self, key: bytes) -> str:
        body = orjson.dumps(asdict(replace(self, mac="")), option=orjson.OPT_SORT_KEYS)
        return hmac.digest(key, body, "sha256").hex()


_READER = TypeAdapter(Manifest)


def member_of(path: Path) -> Member:
    with path.open("rb") as file:
        return Member(path.stat().st_size, file_digest(file, "sha256").hexdigest())


def write(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """The archive appears whole and synced, or not at all; only its owner may read it."""
    partial = _written(target, manifest, files)
    try:
        os.link(partial, target)  # unlike a renaming, this never replaces another file
    except FileExistsError:
        raise InvalidFile(f"{target} is there already: a backup replaces no file") from None
    finally:
        partial.unlink()


def replace_by(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """In the place of the archive of before, whose bytes are overwritten as far as that helps.

    A file system that copies on write, a disk that levels its wear, a copy elsewhere: not reached.
    """
    partial = _written(target, manifest, files)
    before = target.open("r+b") if target.exists() else None
    partial.replace(target)
    if before is None:
        return
    with before:
        left = before.seek(0, os.SEEK_END)
        before.seek(0)
        while left > 0:
            left -= before.write(bytes(min(left, _BLOCK)))
        before.flush()
        os.fsync(before.fileno())


def _written(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> Path:
    """The whole archive, synced, beside the place where it will be."""
    partial = target.with_name(f"{target.name}.partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                head = orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
                _add(tar, _MANIFEST, len(head), io.BytesIO(head))
                for name, path in files.items():
                    with path.open("rb") as content:
                        _add(tar, name, manifest.members[name].size, content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        partial.unlink()
        raise
    return partial


def _add(tar: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, content)


class Archive:
    """An archive opened for reading; every member is checked against the manifest."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.manifest = self._read_manifest()

    def _read_manifest(self) -> Manifest:
        content = self._content(_MANIFEST, _MOST_MANIFEST)
        try:
            known: Any = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise InvalidFile(f"{self._path}: its manifest is not JSON") from None
        if not isinstance(known, dict) or known.get("format") != FORMAT:
            raise InvalidFile(f"{self._path}: not a backup of a format that this release reads")
        try:
            return _READER.validate_python(known)
        except ValidationError:
            raise InvalidFile(f"{self._path}: its manifest lacks what it must hold") from None

    def _content(self, name: str, most: int) -> bytes:
        try:
            with tarfile.open(self._path, "r:") as tar:
                entry = tar.next()
                if entry is None or entry.name != name or not entry.isreg() or entry.size > most:
                    raise InvalidFile(f"{self._path}: not a backup of hedui")
                return _opened(tar, entry).read()
        except (tarfile.TarError, EOFError):
            raise InvalidFile(f"{self._path}: not a whole tar file") from None
        except OSError as error:
            raise InvalidFile(f"{self._path}: {error.strerror}") from None

    def extract(self, name: str, target: Path) -> None:
        """One member as a new file, synced; raises `InvalidFile` where it is not as promised."""
        promised = self.manifest.members[name]
        try:
            with tarfile.open(self._path, "r:") as tar:
                entry = tar.getmember(name)
                if not entry.isreg() or entry.size != promised.size:
                    raise InvalidFile(f"{self._path}: {name} has another size than promised")
                _copy(_opened(tar, entry), target)
        except (tarfile.TarError, EOFError, KeyError):
            raise InvalidFile(f"{self._path}: {name} is not in it whole") from None
        if member_of(target) != promised:
            target.unlink()
            raise InvalidFile(f"{self._path}: {name} was changed: its digest is another one")

    def names_below(self, folder: str) -> tuple[PurePosixPath, ...]:
        """The members of a folder; raises `InvalidFile` where a name leads out of it."""
        names = [PurePosixPath(name) for name in self.manifest.members]
        if any(name.is_absolute() or ".." in name.parts for name in names):
            raise InvalidFile(f"{self._path}: a member's name leads out of the archive")
        return tuple(name for name in names if name.is_relative_to(folder))


def _opened(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(entry)
    if content is None:
        raise InvalidFile("a member of the archive is no file")
    return content


def _copy(content: IO[bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(content, file, _BLOCK)
        file.flush()
        os.fsync(file.fileno())
