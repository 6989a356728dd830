"""Key files read or made, and the keys derived from the master key."""

import os
import secrets
from pathlib import Path

from app.audit.heads import Signer
from app.audit.signing import CommandSigner, Ed25519Signer, words_of
from app.domain.errors import ConfigurationError
from app.settings import Settings
from app.store.crypto import KEY_BYTES, derive

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
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, UnicodeDecodeError):
        raise ConfigurationError(f"{path}: not a key in hex") from None
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{path}: a key has {KEY_BYTES} bytes in hex")
    return key


def master_key(settings: Settings) -> bytes:
    return read_key(
        settings.key_file or settings.data_dir / "master.key", create=settings.key_file is None
    )


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
