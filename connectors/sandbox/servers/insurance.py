"""Insurance 保险: inquiries submitted by REST, fetched, or brought by a signed callback."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from connectors.sandbox.faults import ANSWER, Fault, Step
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.callbacks import Pusher
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.fields import as_texts, json_object, json_response, spoilt_texts
from connectors.sandbox.servers.http_server import HttpServer, Route
from connectors.sandbox.servers.signature import refusal

AMOUNTS: Final = ("ncbf", "ljbf", "xjjz", "nlqje")
SENDING: Final = ANSWER | {
    Fault.BAD_SIGNATURE_CALLBACK,
    Fault.OLD_TIMESTAMP_CALLBACK,
    Fault.UNKNOWN_INQUIRY_CALLBACK,
}


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What was asked under one number; `ready_at` by the event loop's clock."""

    number: str
    persons: tuple[tuple[int, str, str], ...]
    callback_url: str | None
    ready_at: float


class Insurance:
    """Accepts inquiries once each, and tells the caller when the insurers have answered."""

    def __init__(self, desk: Desk, app_id: str, key: str) -> None:
        self._desk = desk
        self._app_id, self._key = app_id, key
        self._inquiries: dict[str, Inquiry] = {}
        self._pusher = Pusher(desk, app_id, key)
        one = "/ins/v1/inquiries/{number}"
        self.server = HttpServer(
            desk,
            (
                Route("POST", "/ins/v1/inquiries", Step.ASK, self._submit, frozenset()),
                Route("GET", one, Step.RESULT, self._fetch),
            ),
        )

    async def start(self, host: str, port: int) -> None:
        """Opens the port and gets ready to call back."""
        await self._pusher.start()
        await self.server.start(host, port)

    async def stop(self) -> None:
        """Ends what is being sent, then the port."""
        await self._pusher.stop()
        await self.server.stop()

    def forget(self) -> None:
        """Drops all inquiries and what is being sent for them."""
        self._inquiries.clear()
        self._pusher.drop()

    async def _submit(self, request: web.Request, _fault: Fault | None) -> web.Response:
        body = await request.read()
        refused = self._refused(request, body)
        if refused is not None:
            return refused
        inquiry = self._inquiry(json_object(body) or {})
        if inquiry is None:
            return json_response({"message": "请求参数错误"}, 400)
        if inquiry.number not in self._inquiries:
            self._inquiries[inquiry.number] = inquiry
            for _seq, name, number in inquiry.persons:
                self._desk.note(Step.ASK, (name, number), inquiry.number)
            self._bring(inquiry)
        return json_response({"inquiryNo": inquiry.number, "accepted": True}, 202)

    async def _fetch(self, request: web.Request, fault: Fault | None) -> web.Response:
        refused = self._refused(request, b"")
        if refused is not None:
            return refused
        number = request.match_info["number"]
        self._desk.note(Step.RESULT, None, number)
        inquiry = self._inquiries.get(number)
        if inquiry is None:
            return json_response({"message": "查询编号不存在"}, 404)
        if asyncio.get_running_loop().time() < inquiry.ready_at:
            return json_response({"inquiryNo": number, "accepted": True}, 202)
        return json_response(part(self._desk, inquiry, 1, 1, fault))

    def _inquiry(self, asked: dict[str, object]) -> Inquiry | None:
        """The inquiry as asked, or None where it is not as documented."""
        number, persons, url = (
            asked.get("inquiryNo"),
            asked.get("persons"),
            asked.get("callbackUrl"),
        )
        if not isinstance(number, str) or not number or not isinstance(persons, list):
            return None
        listed = [_person(person) for person in persons]
        known = [person for person in listed if person is not None]
        if not known or len(known) != len(listed):
            return None
        ready_at = asyncio.get_running_loop().time() + self._desk.pace.callback_delay
        return Inquiry(number, tuple(known), url if isinstance(url, str) else None, ready_at)

    def _bring(self, inquiry: Inquiry) -> None:
        """Sends the parts to the caller, where it can be called back."""
        if inquiry.callback_url is None:
            return
        parts = max(1, min(self._desk.pace.insurance_parts, len(inquiry.persons)))
        if self._desk.choose(Step.RESULT, {Fault.PARTS_OUT_OF_ORDER}) is not None:
            parts = min(max(parts, 2), len(inquiry.persons))
            order = range(parts, 0, -1)
        else:
            order = range(1, parts + 1)
        bodies = [
            lambda fault, number=number: part(self._desk, inquiry, number, parts, fault)
            for number in order
        ]
        self._pusher.send(inquiry.callback_url, bodies)

    def _refused(self, request: web.Request, body: bytes) -> web.Response | None:
        now = self._desk.clock()
        reason = refusal(request.headers, body, app_id=self._app_id, key=self._key, now=now)
        return None if reason is None else json_response({"message": reason}, 401)


def _person(value: object) -> tuple[int, str, str] | None:
    if not isinstance(value, dict):
        return None
    seq, name, number = value.get("seq"), value.get("xm"), value.get("zjhm")
    if not isinstance(seq, int) or not isinstance(name, str) or not isinstance(number, str):
        return None
    return seq, name, number


def part(
    desk: Desk, inquiry: Inquiry, number: int, parts: int, fault: Fault | None
) -> dict[str, object]:
    """One part of the results: every `parts`-th person, beginning with the `number`-th."""
    other = fault in {Fault.OTHER_REQUEST, Fault.UNKNOWN_INQUIRY_CALLBACK}
    told = f"SQ-{desk.rng.getrandbits(40):010x}" if other else inquiry.number
    persons = inquiry.persons[number - 1 :: parts]
    results = [_result(desk, person, fault) for person in persons]
    return {"inquiryNo": told, "part": number, "parts": parts, "results": results}


def _result(desk: Desk, person: tuple[int, str, str], fault: Fault | None) -> dict[str, object]:
    seq, name, number = person
    if fault is Fault.HTTP_200_ERROR:
        return {"seq": seq, "status": "ERROR", "reason": "机构系统异常", "policies": []}
    policies = [_policy(entry, fault) for entry in desk.entries(name, number, fault)]
    return {"seq": seq, "status": "FOUND" if policies else "NONE", "policies": policies}


def _policy(entry: Entry, fault: Fault | None) -> dict[str, object]:
    return as_texts(spoilt_texts(entry.row, AMOUNTS) if fault is Fault.NAN else entry.row)
