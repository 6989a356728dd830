"""Sends notices 回调通知 to case systems until they are accepted, signed, with stable event ids.

Every client has a lane of its own: a few notices at once, a circuit that leaves a dead address
alone, and nobody waits for another client's address.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx
import sqlalchemy as sa
import structlog

from app.domain.errors import StorageUnavailable
from app.jobs.circuits import Circuit, wished
from app.jobs.outgoing import AddressRefused
from app.jobs.signing import NoticeSigner, signature
from app.store.outbox import Dressed, Notice, Outbox, TokenUnavailable
from app.store.session import Database

log = structlog.get_logger()
_LEASE: Final = timedelta(seconds=60)
_DEADLINE: Final = 20.0  # seconds for one sending, all told; well within the lease
_PAUSES: Final = (2, 10, 60, 300, 1800, 7200, 21_600)  # seconds; the last is repeated
_SPREAD: Final = 0.2  # a pause is up to this part longer
_GIVE_UP_AFTER: Final = 40
_GOODBYE: Final = 1.0  # seconds for the rest of an answer
_SHORT: Final = 16 * 1024  # bytes
_AT_ONCE: Final = 8  # notices to one client
_LANES: Final = 64  # clients at once
_UPKEEP: Final = timedelta(hours=1)
_UNSENT_FOR: Final = timedelta(days=14)  # due and not even tried: the client is away for good
_KEPT_FOR: Final = timedelta(days=90)  # after it was accepted
_ACCEPTED: Final = range(200, 300)
_AWAY: Final = frozenset({408, 425, 429, *range(500, 600)})
"""Statuses that tell of the address as a whole, not of this notice."""
_WITHHELD: Final = "withheld"
"""What became of a message that may not be sent any more."""
_CHANCE: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a sending; `failure` is None where the notice was accepted."""

    failure: str | None
    away: bool = False
    gone: bool = False
    wish: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """What is to be written down of a sending."""

    event_id: str
    failure: str | None
    next_at: datetime | None
    forget: bool = False


Dress = Callable[[Notice, str], Awaitable[Dressed | None]]
"""Signs a message to a DCI partner, with another token than one that was refused; None: it may not
be sent any more. Raises `TokenUnavailable`."""


@dataclass
class Notifier:
    """One round after another over the outbox; without a `signer` notices carry the HMAC alone."""

    database: Database
    outbox: Outbox
    http: httpx.AsyncClient
    _: KW_ONLY
    key_of: Callable[[str], bytes]
    now: Callable[[], datetime]
    signer: NoticeSigner | None = None
    dress: Dress | None = None
    chance: Callable[[], float] = _CHANCE.random
    _lanes: dict[str, "asyncio.Task[None]"] = field(default_factory=dict, init=False)
    _circuits: dict[str, Circuit] = field(default_factory=dict, init=False)
    _upkeep_at: datetime | None = field(default=None, init=False)

    async def start_due(self) -> None:
        """Begin to send what is due and come back: no round waits for a slow address."""
        now = self.now()
        await self._keep_up(now)
        due = await self.database.read(lambda tx: self.outbox.clients_due(tx, now))
        for client in due:
            if len(self._lanes) >= _LANES:
                break
            if client not in self._lanes and not self._circuit(client).is_open(now):
                self._lanes[client] = asyncio.create_task(self._lane(client))

    async def send_due(self) -> None:
        """The same, and wait until nothing is under way any more."""
        await self.start_due()
        if self._lanes:
            await asyncio.wait(list(self._lanes.values()))

    async def aclose(self) -> None:
        """Break off; what was under way is sent again by whoever comes next."""
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    async def _lane(self, client: str) -> None:
        try:
            await self._drain(client)
        except StorageUnavailable as gone:
            log.warning("storage_unavailable", error=str(gone))
        except Exception as error:  # noqa: BLE001 - the next round must come, whatever it was
            log.error("notices_failed", error=type(error).__name__)
        finally:
            del self._lanes[client]

    async def _drain(self, client: str) -> None:
        """Until nothing of this client is due or its circuit is open."""
        circuit = self._circuit(client)
        under_way: set[asyncio.Task[_Sent]] = set()
        done: set[asyncio.Task[_Sent]] = set()
        try:
            while True:
                settled = [one.result() for one in done]
                for notice in await self._turn(client, circuit, settled, len(under_way)):
                    under_way.add(asyncio.create_task(self._deliver(notice, circuit)))
                if not under_way:
                    return
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _stopped(under_way)

    async def _turn(
        self, client: str, circuit: Circuit, settled: Sequence[_Sent], under_way: int
    ) -> tuple[Notice, ...]:
        """Write down what came of some and take more, in one transaction; a few at a time."""
        now = self.now()
        room = circuit.room(_AT_ONCE) - under_way
        if circuit.is_open(now) or (under_way and room < _AT_ONCE // 2):
            room = 0

        def work(tx: sa.Connection) -> tuple[Notice, ...]:
            for one in settled:
                self._settle(tx, one, now)
            if room <= 0:
                return ()
            return self.outbox.take_due(tx, now=now, limit=room, lease=_LEASE, client=client)

        if not settled and room <= 0:
            return ()
        return await self.database.write(work)

    async def _deliver(self, notice: Notice, circuit: Circuit) -> _Sent:
        outcome = await self._send(notice)
        now = self.now()
        if outcome.away:
            if circuit.failed(now):
                log.warning("client_unavailable", client=notice.client_id, reason=outcome.failure)
            if outcome.wish is not None:
                circuit.held(now, outcome.wish)
        elif circuit.answered():
            log.info("client_available", client=notice.client_id)
        next_at = self._next_at(notice, outcome, now)
        if outcome.failure is not None and next_at is None:
            log.warning("notice_dead", client=notice.client_id, reason=outcome.failure)
        over = outcome.failure is None or outcome.failure == _WITHHELD
        return _Sent(
            notice.event_id, outcome.failure, next_at, forget=over and notice.is_of_registry
        )

    async def _send(self, notice: Notice) -> _Outcome:
        try:
            async with asyncio.timeout(_DEADLINE):
                reply = await self._reply(notice)
            if reply is None:
                return _Outcome(_WITHHELD, gone=True)
            await _left(reply)
        except TokenUnavailable:
            return _Outcome("token_unavailable", away=True)
        except httpx.InvalidURL as error:
            return _Outcome(type(error).__name__)
        except (httpx.HTTPError, TimeoutError) as error:
            return _Outcome(type(error).__name__, away=not isinstance(error, _OF_ITS_OWN))
        status = reply.status_code
        if status in _ACCEPTED:
            return _Outcome(None)
        wish = wished(reply.headers.get("retry-after"), self.now())
        return _Outcome(f"http_{status}", status in _AWAY, status == httpx.codes.GONE, wish)

    async def _reply(self, notice: Notice) -> httpx.Response | None:
        """None: it may not be sent. Once more where a token was refused that can be had anew."""
        if not notice.is_of_registry:
            return await self.http.send(self._notice(notice), stream=True)
        refused = ""
        while self.dress is not None:
            dressed = await self.dress(notice, refused)
            if dressed is None:
                break
            headers = {"Content-Type": "application/json", **dressed.headers}
            request = self.http.build_request(
                "POST", notice.url, content=dressed.body, headers=headers
            )
            reply = await self.http.send(request, stream=True)
            if reply.status_code != httpx.codes.UNAUTHORIZED or refused or not dressed.asked_for:
                return reply
            await _left(reply)
            refused = dressed.asked_for
        return None

    def _notice(self, notice: Notice) -> httpx.Request:
        now = self.now()
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Hedui-Event": notice.event_id,
            "X-Hedui-Timestamp": timestamp,
            "X-Hedui-Signature": signature(self.key_of(notice.client_id), timestamp, notice.body),
        }
        request = self.http.build_request("POST", notice.url, content=notice.body, headers=headers)
        if self.signer is not None:
            self.signer.sign(request, now)
        return request

    def _next_at(self, notice: Notice, outcome: _Outcome, now: datetime) -> datetime | None:
        """When it is sent again; None where it was accepted or is given up."""
        if outcome.failure is None or outcome.gone or notice.attempts >= _GIVE_UP_AFTER:
            return None
        pause = timedelta(seconds=_PAUSES[min(notice.attempts, len(_PAUSES)) - 1])
        return now + max(self._spread(pause), outcome.wish or timedelta())

    def _settle(self, tx: sa.Connection, sent: _Sent, now: datetime) -> None:
        if sent.forget:
            self.outbox.forget(tx, sent.event_id)
        elif sent.failure is None:
            self.outbox.delivered(tx, sent.event_id, now)
        else:
            self.outbox.failed(tx, sent.event_id, error=sent.failure, next_at=sent.next_at)

    def _circuit(self, client: str) -> Circuit:
        return self._circuits.setdefault(client, Circuit(self._spread))

    def _spread(self, pause: timedelta) -> timedelta:
        return pause * (1 + _SPREAD * self.chance())

    async def _keep_up(self, now: datetime) -> None:
        """Once an hour: give up what a client that is away for good leaves, forget what is old."""
        if self._upkeep_at is not None and now < self._upkeep_at:
            return
        self._upkeep_at = now + _UPKEEP
        outbox = self.outbox
        await self.database.write(lambda tx: outbox.expire(tx, due_before=now - _UNSENT_FOR))
        await self.database.write(lambda tx: outbox.prune(tx, delivered_before=now - _KEPT_FOR))


_OF_ITS_OWN: Final = (
    AddressRefused,
    httpx.UnsupportedProtocol,
    httpx.TooManyRedirects,
    httpx.DecodingError,
)
"""Errors that tell of this notice's address alone."""


async def _stopped(tasks: Collection["asyncio.Task[_Sent]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _left(reply: httpx.Response) -> None:
    """The body is of no interest; a short one is read, so that the connection serves again."""
    size = 0
    try:
        async with asyncio.timeout(_GOODBYE):
            async for chunk in reply.aiter_raw():
                size += len(chunk)
                if size > _SHORT:
                    break
    except (httpx.HTTPError, TimeoutError):
        log.debug("answer_broken_off", size=size)  # its status is all that counts
    finally:
        await reply.aclose()
