"""The household registry 户籍管理: REST and JSON, one code for everything, under HTTP 200."""

import asyncio

from aiohttp import web

from connectors.sandbox.faults import FOREIGN, Fault, Step
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.credentials import same
from connectors.sandbox.servers.desk import Desk, RateLimit
from connectors.sandbox.servers.fields import as_texts, json_object, json_response, spoilt_numbers
from connectors.sandbox.servers.http_server import HttpServer, Route

MESSAGES = {
    "00": "成功",
    "01": "无记录",
    "90": "请求过于频繁",
    "98": "令牌无效",
    "99": "系统错误",
}


class HouseholdRegistry:
    """Looks up persons, and everybody under a household number."""

    def __init__(self, desk: Desk, token: str) -> None:
        self._desk = desk
        self._token = token
        self._limit = RateLimit(desk.pace.household_registry_rate)
        self.server = HttpServer(
            desk,
            (
                Route("POST", "/hukou/v1/person-query", Step.ASK, self._persons),
                Route("POST", "/hukou/v1/household-query", Step.ASK, self._household),
            ),
        )

    async def _persons(self, request: web.Request, fault: Fault | None) -> web.Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        body = json_object(await request.read()) or {}
        name, number = body.get("xm"), body.get("gmsfhm")
        if not isinstance(name, str) or not isinstance(number, str) or not (name or number):
            return _coded("99")
        self._desk.note(Step.ASK, (name, number))
        return _found(self._desk.entries(name, number, fault), fault)

    async def _household(self, request: web.Request, fault: Fault | None) -> web.Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        household = (json_object(await request.read()) or {}).get("hh")
        if not isinstance(household, str) or not household:
            return _coded("99")
        self._desk.note(Step.ASK, None, household)
        return _found(self._members(household, fault), fault)

    def _members(self, household: str, fault: Fault | None) -> list[Entry]:
        own = self._desk.register.household(household)
        if fault is Fault.DUPLICATE:
            return own + own
        if fault not in FOREIGN:
            return own
        first = own[0] if own else None
        others = self._desk.stranger(first.name if first else "", first.id_number if first else "")
        return own + others if fault is Fault.TWO_PERSONS else others

    def _refused(self, request: web.Request) -> web.Response | None:
        if not same(request.headers.get("X-Auth-Token"), self._token):
            return _coded("98")
        if not self._limit.admits(asyncio.get_running_loop().time()):
            return _coded("90")
        return None


def _coded(code: str) -> web.Response:
    return json_response({"code": code, "msg": MESSAGES[code], "count": 0, "rows": []})


def _found(entries: list[Entry], fault: Fault | None) -> web.Response:
    if fault is Fault.HTTP_200_ERROR:
        return _coded("99")
    if not entries:
        return _coded("01")
    body: dict[str, object] = {
        "code": "00",
        "msg": MESSAGES["00"],
        "count": len(entries),
        "rows": [as_texts(entry.row, "%Y%m%d") for entry in entries],
    }
    return json_response(spoilt_numbers(body, ("count",)) if fault is Fault.NAN else body)
