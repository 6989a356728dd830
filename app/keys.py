"""Where the master key comes from, the data keys that it wraps, and the keys derived from them."""

import os
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.audit.heads import Signer
from app.audit.signing import CommandSigner, Ed25519Signer, PublicKeys, words_of
from app.domain.errors import ConfigurationError
from app.report.signing import Provider, ReportKeys
from app.settings import Settings
from app.store.crypto import KEY_BYTES, FieldCipher, derive
from app.store.crypto.key_command import CommandKeyStore, key_printed_by
from app.store.crypto.key_store import KeyStore, LocalKeyStore
from app.store.crypto.suites import suite_of
from app.store.data_keys import keys_if_any
from app.store.key_making import Maker, check_derived, check_known, is_begun
from app.store.stored_keys import StoredKeys, opened

_MANIFEST: Final = "backup manifest"
_BY_STORE: Final = "store:"

AUDIT_SIGNING_KEY = "audit-signing.key"
AUDIT_PUBLIC_KEY = "audit-signing.pub"
AUDIT_ANCHOR = "audit-anchor.jsonl"
"""In the data folder, where nothing else is configured."""


def read_key(path: Path, *, create: bool) -> bytes:
    """A key file of 32 bytes in hex; made with mode 0600 where it may be and is not there."""
    if not path.exists():
        if not create:
            raise ConfigurationError(f"{path}: no such key file")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path}: others may read this key; chmod 600 it")
    try:
        text = path.read_text("ascii")
    except UnicodeDecodeError:
        text = ""
    return _key_in_hex(text, str(path))


def _key_in_hex(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if not key:
        raise ConfigurationError(f"{where}: not a key in hex")
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{where}: a key has {KEY_BYTES} bytes in hex")
    return key


@dataclass(frozen=True, slots=True)
class Wrapping:
    """What wraps the data keys; `master`: its key, where this process sees it."""

    store: KeyStore
    master: bytes | None = field(repr=False)


def wrapping(settings: Settings, source: str = "", *, create: bool = False) -> Wrapping:
    """By HEDUI_KEY_SOURCE (or another source of that form), else by the key file.

    `file:PATH`, `env:NAME`, `command:WORDS` (prints the key), `store:WORDS` (wraps and unwraps).
    Raises `ConfigurationError` where there is no key; none is made unless it may be.
    """
    kind, _, rest = (source or settings.key_source).partition(":")
    match kind:
        case "":
            path = settings.key_file or settings.data_dir / "master.key"
            master = read_key(path, create=create and settings.key_file is None)
        case "file":
            master = read_key(Path(rest), create=False)
        case "env":
            master = _key_in_hex(os.environ.get(rest, ""), f"environment variable {rest}")
        case "command":
            master = key_printed_by(shlex.split(rest))
        case "store":
            return Wrapping(CommandKeyStore(shlex.split(rest)), None)
        case _:
            raise ConfigurationError(
                "HEDUI_KEY_SOURCE is file:PATH, env:NAME, command:WORDS or store:WORDS"
            )
    return Wrapping(LocalKeyStore(master, suite_of(settings.suite)), master)


def maker(settings: Settings, now: Callable[[], datetime] | None = None) -> Maker:
    """Makes data keys in the suite of the settings."""
    of = wrapping(settings)
    at = datetime.now(UTC) if now is None else now()
    return Maker(of.store, suite_of(settings.suite), of.master, at)


def open_keys(settings: Settings) -> StoredKeys:
    """The data keys of a migrated database, made where there are none yet.

    Raises `ConfigurationError` where the master key is another one, or a data key is missing.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    of = wrapping(settings, create=True)
    with opened(settings.database) as tx:
        begun = is_begun(tx)
    if not begun:
        with opened(settings.database, writing=True) as tx:
            Maker(of.store, suite_of(settings.suite), of.master, datetime.now(UTC)).begin(tx)
    keys = StoredKeys(settings.database, of.store)
    opening = keys.look_now().opening
    with opened(settings.database) as tx:
        check_known(tx, opening.keys())
    return keys


def keys_of(tx: sa.Connection, of: Wrapping) -> StoredKeys | None:
    """The keys as a database has them that nobody runs on; None where it has none of its own.

    Raises `ConfigurationError` where they are another master key's, or one is missing.
    """
    rows = keys_if_any(tx)
    if rows:
        keys = StoredKeys.fixed(rows, of.store)
        check_known(tx, keys.current().opening.keys())
        return keys
    if of.master is not None:
        check_derived(tx, of.master)
    return None


def field_cipher(settings: Settings) -> FieldCipher:
    """Opens and seals what the service stores; for commands."""
    return FieldCipher(open_keys(settings))


def master_key(settings: Settings) -> bytes:
    """The service's secret; what it is and how it rotates: docs/site/en/how-to/operations.md."""
    return open_keys(settings).service


@dataclass(frozen=True, slots=True)
class ManifestKey:
    """What a backup's manifest is signed with; its id tells whoever restores which key it was."""

    id: str
    key: bytes = field(repr=False)

    @classmethod
    def new(cls, of: Wrapping) -> "ManifestKey":
        """Derived from the master key; where that is out of reach, random and wrapped by it."""
        if of.master is not None:
            return cls(FieldCipher(of.master).key_id, derive(of.master, _MANIFEST))
        key = os.urandom(KEY_BYTES)
        return cls(_BY_STORE + of.store.wrap(key, _MANIFEST.encode()).hex(), key)

    @classmethod
    def named(cls, id_: str, of: Wrapping) -> "ManifestKey":
        """Raises `ConfigurationError` where the backup is another key's."""
        if id_.startswith(_BY_STORE) and of.master is None:
            wrapped = bytes.fromhex(id_.removeprefix(_BY_STORE))
            return cls(id_, of.store.unwrap(wrapped, _MANIFEST.encode()))
        mine = of.store.id if of.master is None else FieldCipher(of.master).key_id
        if id_ != mine or of.master is None:
            raise ConfigurationError(
                f"the backup was sealed with key {id_}, this master key is {mine}: "
                "set HEDUI_KEY_FILE to the key of the time of the backup"
            )
        return cls(id_, derive(of.master, _MANIFEST))


def audit_key(settings: Settings, master: bytes) -> bytes:
    """The trail's key: a file of its own, or derived where everything is on one machine."""
    if settings.audit_key_file is not None:
        return read_key(settings.audit_key_file, create=False)
    return derive(master, "audit trail")


def notice_key(master: bytes, client_id: str) -> bytes:
    """What notices to a client are signed with; the client may ask for its own."""
    return derive(master, f"notices {client_id}")


def notice_signing_key(master: bytes) -> bytes:
    """The seed of the Ed25519 key that signs notices to everybody; its public part is published."""
    return derive(master, "notice signatures")


def dci_rsa_key(settings: Settings) -> bytes | None:
    """The operator's RSA key as PEM; None: there is none. Raises `ConfigurationError`."""
    kind, _, place = settings.dci_rsa_key.partition(":")
    if not kind:
        return None
    try:
        found = os.environ[place] if kind == "env" else Path(place).read_text("ascii")
        key = load_pem_private_key(found.encode(), password=None)
    except (KeyError, OSError, ValueError, TypeError):
        key = None
    if kind not in ("env", "file") or not isinstance(key, RSAPrivateKey) or key.key_size < 2048:
        words = "an RSA key of at least 2048 bits as PEM, by file:PATH or env:NAME"
        raise ConfigurationError(f"HEDUI_DCI_RSA_KEY: {words}")
    return found.encode()


def assistance_signing_key(master: bytes) -> bytes:
    """The seed of the Ed25519 key that signs what is said to other centres 异地协查."""
    return derive(master, "assistance signatures")


def report_keys(settings: Settings, master: bytes) -> ReportKeys:
    """Who signs reports, and whose signatures of before are known."""
    earlier: Mapping[str, Ed25519PublicKey] = {}
    if settings.report_public_keys is not None:
        earlier = PublicKeys.read(settings.report_public_keys.read_bytes()).keys
    seed, provider = derive(master, "report signatures"), None
    kind, _, rest = settings.report_signing_key.partition(":")
    match kind:
        case "":
            pass
        case "file":
            seed = read_key(Path(rest), create=False)
        case "env":
            seed = _key_in(os.environ.get(rest, ""), rest)
        case "command" if rest.count(":") >= 2:
            name, key_id, command = rest.split(":", 2)
            signer = CommandSigner(name, key_id, words_of(command, "HEDUI_REPORT_SIGNING_KEY"))
            checker = words_of(settings.report_checking, "HEDUI_REPORT_CHECKING")
            provider = Provider(signer, checker)
        case _:
            raise ConfigurationError(
                "HEDUI_REPORT_SIGNING_KEY: file:PATH, env:NAME or command:ALGORITHM:KEY_ID:PROGRAM"
            )
    return ReportKeys.of(seed, earlier, provider)


def audit_signer(settings: Settings, *, create: bool = True) -> Signer:
    """Who signs the trail's heads; the default's key is made where it is not there."""
    kind, _, rest = settings.audit_signing_key.partition(":")
    match kind:
        case "":
            path = settings.data_dir / AUDIT_SIGNING_KEY
            signer = Ed25519Signer.of(read_key(path, create=create))
            if create:
                _show_public(settings.data_dir / AUDIT_PUBLIC_KEY, signer)
            return signer
        case "file":
            return Ed25519Signer.of(read_key(Path(rest), create=False))
        case "env":
            return Ed25519Signer.of(_key_in(os.environ.get(rest, ""), rest))
        case "command" if rest.count(":") >= 2:
            name, key_id, command = rest.split(":", 2)
            return CommandSigner(name, key_id, words_of(command, "HEDUI_AUDIT_SIGNING_KEY"))
    raise ConfigurationError(
        "HEDUI_AUDIT_SIGNING_KEY: file:PATH, env:NAME or command:ALGORITHM:KEY_ID:PROGRAM"
    )


def _show_public(path: Path, signer: Ed25519Signer) -> None:
    """The public part beside the key; those of earlier keys stay."""
    there = path.read_bytes() if path.exists() else b""
    if signer.public_pem not in there:
        path.write_bytes(there + signer.public_pem)


def _key_in(text: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{name}: expected a key of {KEY_BYTES} bytes in hex")
    return key


def audit_anchor(settings: Settings) -> str:
    """Where heads go. The default is beside the database: it shows mistakes, no intruder."""
    return settings.audit_anchor or f"file:{settings.data_dir.resolve() / AUDIT_ANCHOR}"
