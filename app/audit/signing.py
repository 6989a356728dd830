"""Who signs heads, and who can tell that a signature is right without being able to make one."""

import asyncio
import json
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from app.audit.heads import body_of
from app.domain.errors import AuditUnanchored, ConfigurationError
from app.store.audit_heads import Head

ED25519: Final = "ed25519"
_PEM: Final = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_SECONDS: Final = 30.0
_MOST: Final = 64 * 1024


class HeadKey(Protocol):
    """Judges signatures of one kind."""

    def right(self, head: Head) -> bool:
        """Whether the head was signed by the key that it names."""
        ...


def key_id_of(public: Ed25519PublicKey) -> str:
    """Names a key: the beginning of its digest."""
    return sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """A key in this process (RFC 8032)."""

    _key: Ed25519PrivateKey = field(repr=False)
    name: str = ED25519

    @classmethod
    def of(cls, seed: bytes) -> "Ed25519Signer":
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def key_id(self) -> str:
        return key_id_of(self._key.public_key())

    @property
    def public_pem(self) -> bytes:
        """What a verifier needs, and all that it gets."""
        form = PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(Encoding.PEM, form)

    async def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class CommandSigner:
    """A program that signs, as one that reaches an HSM 密码机 (SM2): message in, hex out."""

    name: str
    key_id: str
    argv: tuple[str, ...]

    async def sign(self, message: bytes) -> bytes:
        said = await asked(self.argv, message)
        try:
            return bytes.fromhex(said.decode("ascii").strip())
        except ValueError:
            raise AuditUnanchored("the signing command gave no signature in hex") from None


def words_of(command: str, setting: str) -> tuple[str, ...]:
    """A program and its arguments, as a shell parts them; no shell is asked."""
    try:
        return tuple(shlex.split(command))
    except ValueError:
        raise ConfigurationError(f"{setting}: a quotation mark of the command is open") from None


async def asked(argv: Sequence[str], given: bytes) -> bytes:
    """What a program says to what it is given; raises `AuditUnanchored` where it fails."""
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError as error:
        raise AuditUnanchored(f"{argv[0]} cannot be started: {error.strerror}") from None
    try:
        async with asyncio.timeout(_SECONDS):
            said, _ = await process.communicate(given)
    except TimeoutError:
        raise AuditUnanchored(f"{argv[0]} did not end within {_SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise AuditUnanchored(f"{argv[0]} ended with {process.returncode}")
    return said[:_MOST]


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """Ed25519 keys by their ids: one for each time that the key was changed."""

    keys: Mapping[str, Ed25519PublicKey]

    @classmethod
    def read(cls, pem: bytes) -> "PublicKeys":
        """All public keys of a PEM file. Raises `ConfigurationError` where it holds none."""
        found: dict[str, Ed25519PublicKey] = {}
        for block in _PEM.findall(pem):
            try:
                key = load_pem_public_key(block)
            except ValueError:
                continue
            if isinstance(key, Ed25519PublicKey):
                found[key_id_of(key)] = key
        if not found:
            raise ConfigurationError("no Ed25519 public key in PEM form in the given file")
        return cls(found)

    def right(self, head: Head) -> bool:
        key = self.keys.get(head.key_id)
        if key is None or head.signer != ED25519:
            return False
        try:
            key.verify(head.signature, body_of(head))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class CommandKeys:
    """A program that verifies: JSON with message and signature in hex in; 0 where it is right."""

    argv: tuple[str, ...]

    def right(self, head: Head) -> bool:
        question = {
            "algorithm": head.signer,
            "key_id": head.key_id,
            "message": body_of(head).hex(),
            "signature": head.signature.hex(),
        }
        done = subprocess.run(  # noqa: S603 - the verifier's own command
            self.argv,
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        return done.returncode == 0
