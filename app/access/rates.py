"""How often anybody may call, counted by all processes together.

A window of time has a quota; a process takes parts of it out of the database and gives them out
in that window alone. So in no window more is given out than the quota, however many processes
there are, and not every call writes.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from app.domain.errors import ConfigurationError
from app.store.crypto import FieldCipher
from app.store.rates import RateCounts
from app.store.session import Database

CLASSES: Final[Mapping[str, str]] = {
    "verify": "100/10",
    "batch": "60/60",
    "write": "100/10",
    "read": "300/10",
    "wide": "60/600",
    "token": "120/60",
    "public": "20/60",
    "address": "3000/60",
    "reconcile": "5000/86400",
}
"""Quota and seconds of each class of routes, where nothing else is set.

`verify`, `batch`, `write`, `read` and `wide` (a registry search that names nobody, counted beside
its call) are counted for a client; `token` (/oauth/token), `public`
(the check of a report) and `address` (all else that comes without a client's token, and what
sources call back) for an address; `reconcile` are rows of rosters that somebody reconciles,
whoever it is, beside the calls that bring them.
"""
OF_A_CLIENT: Final = ("verify", "batch", "write", "read", "wide")
_WRITTEN: Final = re.compile(r"([a-z]+)=([1-9][0-9]{0,6})/([1-9][0-9]{0,4})")
_PART: Final = 20
"""A process takes a twentieth of what is left at a time."""
_KEPT_FOR: Final = timedelta(hours=1)
"""After a window's end: longer than clocks of processes differ."""
_MOST_KNOWN: Final = 10_000


@dataclass(frozen=True, slots=True)
class Policy:
    """So many calls in so many seconds."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after a call: whether it was allowed, what is left, until when."""

    policy: Policy
    is_allowed: bool
    left: int
    resets_in: int
    """Seconds, at least one."""

    @property
    def fields(self) -> dict[str, str]:
        """The header fields of draft-ietf-httpapi-ratelimit-headers."""
        policy = self.policy
        return {
            "RateLimit-Policy": f'"{policy.name}";q={policy.quota};w={policy.seconds}',
            "RateLimit": f'"{policy.name}";r={self.left};t={self.resets_in}',
        }


def policies(text: str, among: Mapping[str, Policy] | None = None) -> dict[str, Policy]:
    """`verify=100/10,read=300/10`: those named, and the others of `among` (or in general).

    Raises `ConfigurationError`.
    """
    found = dict(among) if among is not None else {}
    if among is None:
        found = {name: _policy(f"{name}={words}") for name, words in CLASSES.items()}
    for part in filter(None, (one.strip() for one in text.split(","))):
        one = _policy(part)
        found[one.name] = one
    return found


def _policy(words: str) -> Policy:
    match = _WRITTEN.fullmatch(words)
    if match is None or match[1] not in CLASSES:
        raise ConfigurationError(
            f"a rate is CLASS=CALLS/SECONDS, such as verify=100/10; classes: {', '.join(CLASSES)}"
        )
    return Policy(match[1], int(match[2]), int(match[3]))


@dataclass(slots=True)
class _Part:
    """What this process holds of a bucket, in the window that ends then."""

    until: datetime
    given: int = 0
    left_elsewhere: int | None = None
    """Of the quota, when it was last asked for; None: not yet in this window."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def left(self) -> int:
        return self.given + (self.left_elsewhere or 0)


class Rates:
    """Admits calls or refuses them; raises `StorageUnavailable` where nobody can count."""

    def __init__(
        self,
        database: Database,
        cipher: FieldCipher,
        in_general: Mapping[str, Policy],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._counts = RateCounts()
        self._in_general = in_general
        self._now = now
        self._parts: OrderedDict[str, _Part] = OrderedDict()
        self._own: dict[str, Mapping[str, Policy]] = {}

    async def of_client(self, client_id: str, kind: str, own: str) -> Standing:
        """`own`: the client's own limits, as `policies` reads them."""
        if own not in self._own:
            self._own[own] = policies(own, self._in_general)
        return await self._take(f"{kind}:{client_id}", self._own[own][kind])

    async def of_address(self, address: str, kind: str) -> Standing:
        """The address is kept as a keyed hash alone."""
        hashed = self._cipher.blind("rate_count.bucket", address).hex()
        return await self._take(f"{kind}:{hashed}", self._in_general[kind])

    async def _take(self, bucket: str, policy: Policy) -> Standing:
        part = self._part(bucket, policy)
        async with part.turn:
            if part.given == 0 and part.left_elsewhere != 0:
                await self._reserve(bucket, policy, part)
            is_allowed = part.given > 0
            part.given -= is_allowed
        seconds = (part.until - self._now()).total_seconds()
        return Standing(
            policy, is_allowed, part.left, max(1, min(policy.seconds, -int(-seconds // 1)))
        )

    def _part(self, bucket: str, policy: Policy) -> _Part:
        until = _window_end(self._now(), policy.seconds)
        part = self._parts.pop(bucket, None)
        if part is None or part.until != until:
            part = _Part(until)
        self._parts[bucket] = part
        while len(self._parts) > _MOST_KNOWN:
            self._parts.popitem(last=False)
        return part

    async def _reserve(self, bucket: str, policy: Policy, part: _Part) -> None:
        """A part of what is left; once that is nothing, it stays so in this window."""
        left = policy.quota if part.left_elsewhere is None else part.left_elsewhere
        wanted = max(1, left // _PART)
        before = await self._database.write(
            lambda tx: self._counts.reserve(tx, bucket, wanted, part.until)
        )
        part.given = max(0, min(wanted, policy.quota - before))
        part.left_elsewhere = max(0, policy.quota - before - wanted)


def _window_end(now: datetime, seconds: int) -> datetime:
    """Windows begin alike in all processes: at whole multiples since 1970."""
    window = int(now.timestamp()) // seconds + 1
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=window * seconds)


class Sweep:
    """Forgets counts and assertions whose time is over."""

    def __init__(
        self, database: Database, forget_assertions: Callable[..., int], now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._counts = RateCounts()
        self._forget_assertions = forget_assertions
        self._now = now

    async def run(self) -> int:
        """A page of each; gives how many rows there were."""
        before = self._now() - _KEPT_FOR
        counts = await self._database.write(lambda tx: self._counts.forget(tx, before))
        return counts + await self._database.write(lambda tx: self._forget_assertions(tx, before))
