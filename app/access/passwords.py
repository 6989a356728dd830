"""Passwords 口令: what one must be like, and argon2id hashes made by few threads at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.domain.errors import FieldError, InvalidRequest

SHORTEST: Final = 12
LONGEST: Final = 200
_VARIED: Final = 5
_AT_ONCE: Final = 2
"""One hash takes 64 MiB by default: this bounds what many sign-ins at once can take."""
_COMMON: Final = frozenset(
    (Path(__file__).parent / "data" / "common_passwords.txt").read_text("utf-8").split()
)


def check_password(password: str, login: str, pointer: str = "/password") -> None:
    """Raises `InvalidRequest` for a password that is easily guessed."""
    why = _fault(password, login)
    if why is not None:
        raise InvalidRequest((FieldError(pointer, f"password.{why[0]}", why[1]),))


def _fault(password: str, login: str) -> tuple[str, str] | None:
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return "length", f"a password has {SHORTEST} to {LONGEST} characters"
    if login.casefold() in plain or plain in login.casefold():
        return "login", "a password does not hold the login"
    if plain in _COMMON or "".join(char for char in plain if char.isalpha()) in _COMMON:
        return "common", "this password is among the first that are tried"
    if len(set(plain)) < _VARIED or _is_run(plain):
        return "simple", f"a password has {_VARIED} different characters at least, and is no row"
    return None


def _is_run(text: str) -> bool:
    """Each character follows the one before, as in 123456789012 or abcdefghijkl."""
    steps = {(ord(b) - ord(a)) for a, b in pairwise(text)}
    return bool(steps) and steps <= {1, -1, -9, 9} and len(steps) <= 2


@lru_cache(maxsize=4)
def _nobodys(memory_cost: int) -> str:
    """A hash that takes the same work as everybody's; what password it is of tells nobody in."""
    return PasswordHasher(memory_cost=memory_cost).hash("nobody's password")


class Passwords:
    """Hashes and checks; whatever is checked takes the same work."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
        self._nobody = _nobodys(hasher.memory_cost)

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, password)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether it is the hash of the password; for nobody's the work is done all the same."""
        same = await self._run(self._verified, hashed or self._nobody, password)
        return same == "yes" and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Made with other parameters than now: make it anew while the password is at hand."""
        return self._hasher.check_needs_rehash(hashed)

    def close(self) -> None:
        self._threads.shutdown()

    def _verified(self, hashed: str, password: str) -> str:
        try:
            self._hasher.verify(hashed, password)
        except (Argon2Error, InvalidHashError):
            return "no"
        return "yes"

    async def _run(self, work: Callable[..., str], *given: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
