"""Key files read or made, and the keys derived from the master key."""

import os
import secrets
from pathlib import Path

from app.domain.errors import ConfigurationError
from app.settings import Settings
from app.store.crypto import KEY_BYTES, derive


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
