"""Sends notices 回调通知 to case systems until they are accepted, signed, with stable event ids."""

import asyncio
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx

from app.store.outbox import Notice, Outbox
from app.store.session import Database

_LEASE = timedelta(seconds=60)
_DEADLINE = 20.0  # seconds for one sending, all told; well within the lease
_PAUSES = (2, 10, 60, 300, 1800, 7200, 21_600)  # seconds; the last is repeated
_GIVE_UP_AFTER = 40
_ACCEPTED = range(200, 300)


class Notifier:
    """One round after another over the outbox."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        http: httpx.AsyncClient,
        *,
        key_of: Callable[[str], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._http = http
        self._key_of = key_of
        self._now = now

    async def send_due(self) -> None:
        now = self._now()
        due = await self._database.write(
            lambda tx: self._outbox.take_due(tx, now=now, limit=50, lease=_LEASE)
        )
        async with asyncio.TaskGroup() as group:
            for notice in due:
                group.create_task(self._deliver(notice))

    async def _deliver(self, notice: Notice) -> None:
        """At the same time as others: a slow receiver holds up nobody else's notices."""
        await self._settle(notice, await self._send(notice))

    async def _send(self, notice: Notice) -> str | None:
        """None where it was accepted, else the kind of failure."""
        timestamp = str(int(self._now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Hedui-Event": notice.event_id,
            "X-Hedui-Timestamp": timestamp,
            "X-Hedui-Signature": signature(self._key_of(notice.client_id), timestamp, notice.body),
        }
        try:
            # The answer's body is of no interest and is left unread, whatever its size.
            async with (
                asyncio.timeout(_DEADLINE),
                self._http.stream(
                    "POST", notice.url, content=notice.body, headers=headers
                ) as reply,
            ):
                status = reply.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return type(error).__name__
        return None if status in _ACCEPTED else f"http_{status}"

    async def _settle(self, notice: Notice, failure: str | None) -> None:
        now = self._now()
        if failure is None:
            await self._database.write(lambda tx: self._outbox.delivered(tx, notice.event_id, now))
            return
        next_at = None
        if notice.attempts < _GIVE_UP_AFTER:
            pause = _PAUSES[min(notice.attempts, len(_PAUSES)) - 1]
            next_at = now + timedelta(seconds=pause)
        await self._database.write(
            lambda tx: self._outbox.failed(tx, notice.event_id, error=failure, next_at=next_at)
        )


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """`sha256=<hex HMAC-SHA256 of timestamp + "." + body>`."""
    return "sha256=" + hmac.new(key, timestamp.encode() + b"." + body, "sha256").hexdigest()
