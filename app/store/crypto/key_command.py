"""Keys from a program of the installation's own: it prints one, or wraps and unwraps ours.

The program is started without a shell, with the words that the setting names. What it is told and
what it says go over its standard input and output, in hexadecimal; what it writes to its standard
error is not shown, for it may be a secret.
"""

import subprocess
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from app.domain.errors import ConfigurationError
from app.store.crypto.cells import KEY_BYTES

_SECONDS: Final = 30.0
_MOST: Final = 4096
"""Characters of an answer: a wrapped key of any kind is shorter."""


def key_printed_by(argv: Sequence[str]) -> bytes:
    """The key of 32 bytes, in hex, on the program's standard output."""
    key = _said(argv, "")
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{argv[0]}: a key has {KEY_BYTES} bytes in hex")
    return key


class CommandKeyStore:
    """A program that is started with `wrap` or `unwrap` as its last word.

    It reads two lines, the context and the key (or the wrapped key), and prints one, the wrapped
    key (or the key). An HSM's own key never leaves it so.
    """

    def __init__(self, argv: Sequence[str]) -> None:
        self._argv = tuple(argv)
        self.id = f"command/{sha256(' '.join(argv).encode()).hexdigest()[:12]}"

    def wrap(self, key: bytes, context: bytes) -> bytes:
        return _said((*self._argv, "wrap"), f"{context.hex()}\n{key.hex()}\n")

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return _said((*self._argv, "unwrap"), f"{context.hex()}\n{wrapped.hex()}\n")


def _said(argv: Sequence[str], told: str) -> bytes:
    if not argv:
        raise ConfigurationError("HEDUI_KEY_SOURCE names no command")
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            argv, input=told, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired) as error:
        kind = type(error).__name__
        raise ConfigurationError(f"{argv[0]}: cannot be asked for a key ({kind})") from None
    if done.returncode != 0:
        raise ConfigurationError(f"{argv[0]}: gave no key, exit status {done.returncode}")
    try:
        return bytes.fromhex(done.stdout[:_MOST].strip())
    except ValueError:
        raise ConfigurationError(f"{argv[0]}: what it printed is not hexadecimal") from None
