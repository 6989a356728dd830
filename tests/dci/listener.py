"""A partner's own address, and what it hears there; the messages that are answered later."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from app.jobs.notices import Notifier
from app.jobs.outgoing import guarded_client
from tests.dci.parts import Partner, a_partner
from tests.dci.standard_parts import SOCIAL, of_request
from tests.service_parts import Running

ADDRESSES: Final = {
    "on-search": "/registry/on-search",
    "on-subscribe": "/registry/on-subscribe",
    "on-unsubscribe": "/registry/on-unsubscribe",
    "notify": "/registry/notify",
    "txn-on-status": "/registry/txn/on-status",
}
Heard = tuple[dict[str, str], dict[str, Any]]


@dataclass
class Listener:
    """Takes every message; `statuses` are its next answers, 200 when they are used up."""

    statuses: list[int] = field(default_factory=list)
    came: list[Heard] = field(default_factory=list)
    url: str = ""
    _new: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        async with self._new:
            self.came.append(({**headers, "path": request.path}, await request.json()))
            self._new.notify_all()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def has(self, count: int) -> None:
        async with asyncio.timeout(30), self._new:
            await self._new.wait_for(lambda: len(self.came) >= count)


@asynccontextmanager
async def a_listener(**given: Any) -> AsyncIterator[Listener]:
    listener = Listener(**given)
    app = web.Application()
    app.router.add_post("/{path:.*}", listener.take)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield listener
    finally:
        await runner.cleanup()


@dataclass
class Subscriber:
    """A partner with an address of its own."""

    partner: Partner
    listener: Listener
    heard: int = 0

    @property
    def service(self) -> Running:
        return self.partner.service

    @property
    def now(self) -> str:
        return self.service.clock().isoformat()

    def message(self, action: str, message: Mapping[str, Any], **header: Any) -> dict[str, Any]:
        reply = "txn-on-status" if action == "txn-status" else f"on-{action}"
        uri = f"{self.listener.url}{ADDRESSES[reply]}"
        return self.partner.signed(
            self.partner.header(action, **{"sender_uri": uri, **header}), message
        )

    def search(self, *queries: Mapping[str, Any], **header: Any) -> dict[str, Any]:
        items = [
            {"reference_id": f"r-{place}", "timestamp": self.now, "search_criteria": criteria}
            for place, criteria in enumerate(queries, 1)
        ]
        message = {"transaction_id": "t-later", "search_request": items}
        return self.message("search", message, **{"total_count": len(items), **header})

    def subscription(self, given: Any, **more: Any) -> dict[str, Any]:
        """A message with one subscription; `more`: of its criteria."""
        criteria = {
            "reg_event_type": "REGISTER",
            "filter": given,
            "notify_record_type": "Group",
            **more,
        }
        item = {"reference_id": "r-1", "timestamp": self.now, "subscribe_criteria": criteria}
        message = {"transaction_id": "t-subscribe", "subscribe_request": [item]}
        return self.message("subscribe", message)

    def ending(self, *codes: str) -> dict[str, Any]:
        message = {
            "transaction_id": "t-end",
            "timestamp": self.now,
            "subscription_codes": list(codes),
        }
        return self.message("unsubscribe", message)

    def status(self, by: str, value: Any, **more: Any) -> dict[str, Any]:
        asked = {"reference_id": "r-s", "attribute_type": by, "attribute_value": value, **more}
        message = {"transaction_id": "t-status", "txnstatus_request": asked}
        return self.message("txn-status", message)

    async def asks(self, path: str, body: Any, *, valid: bool = True) -> dict[str, Any]:
        """What is acknowledged."""
        reply = await self.partner.sends(body, path, valid=valid)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()["message"]
        return found

    async def hears(self) -> Heard:
        """The next message, which is as the standard has it, and signed by the service."""
        self.heard += 1
        await self.delivered(self.heard)
        headers, body = self.listener.came[self.heard - 1]
        wrong = of_request(SOCIAL, ADDRESSES[body["header"]["action"]], body)
        assert not wrong, (wrong, json.dumps(body, ensure_ascii=False))
        self.partner.check(body)
        return headers, body

    async def delivered(self, count: int) -> None:
        """So many messages came, all told."""
        await settled(self.service)
        await self.listener.has(count)

    async def answer(self, path: str, body: Any, *, valid: bool = True) -> dict[str, Any]:
        """Acknowledged, and then told by a call with the same ids: the call's body."""
        acknowledged = await self.asks(path, body, valid=valid)
        assert acknowledged["ack_status"] == "ACK", acknowledged
        _, heard = await self.hears()
        assert heard["message"]["correlation_id"] == acknowledged["correlation_id"]
        assert heard["message"]["transaction_id"] == body["message"]["transaction_id"]
        return heard

    async def subscribes(self, given: Any, **more: Any) -> dict[str, Any]:
        """The item of the answer."""
        heard = await self.answer("/registry/subscribe", self.subscription(given, **more))
        (item,) = heard["message"]["subscribe_response"]
        found: dict[str, Any] = item
        return found


async def settled(service: Running) -> None:
    """What is due is answered, told and sent now, whatever the loops do meanwhile."""
    parts = service.parts
    await parts.registry.later.answer_due()
    await parts.registry.notifying.tell_due()
    notifier = Notifier(
        parts.shelf.database,
        parts.shelf.outbox,
        guarded_client(parts.addresses),
        key_of=parts.notice_key,
        now=parts.now,
        dress=parts.registry.dressing.dress,
    )
    await notifier.send_due()
    await notifier.aclose()
    await notifier.http.aclose()


@asynccontextmanager
async def a_subscriber(service: Running, **given: Any) -> AsyncIterator[Subscriber]:
    async with a_listener() as listener:
        given = {"sender_uris": (f"{listener.url}/registry/",), **given}
        yield Subscriber(await a_partner(service, **given), listener)


async def fresh(one: Subscriber) -> dict[str, str]:
    """A new token, for the clock went on."""
    return await one.partner.fresh()
