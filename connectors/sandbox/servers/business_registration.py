"""Market regulation 工商登记: REST and JSON behind OAuth 2 client credentials."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from connectors.sandbox.faults import ANSWER, Fault, Step
from connectors.sandbox.servers.credentials import basic_is
from connectors.sandbox.servers.desk import Desk, RateLimit
from connectors.sandbox.servers.fields import as_numbers, json_response, spoilt_numbers
from connectors.sandbox.servers.http_server import HttpServer, Route

LISTS: Final = ("legalRepresentative", "shareholder", "manager")
AMOUNTS: Final = ("regCap", "subConAm", "acConAm", "conProp")
MASK_FROM, MASK_TO = 6, 14


class BusinessRegistration:
    """Lists what a person directs, owns or manages; numbers come back masked."""

    def __init__(self, desk: Desk, client_id: str, client_secret: str) -> None:
        self._desk = desk
        self._client_id, self._client_secret = client_id, client_secret
        self._tokens: dict[str, float] = {}
        self._limit = RateLimit(desk.pace.business_registration_rate)
        own = ANSWER | {Fault.TOKEN_WITHDRAWN}
        interests = "/aic/v1/persons/interests"
        self.server = HttpServer(
            desk,
            (
                Route("POST", "/oauth/token", Step.TOKEN, self._token, frozenset()),
                Route("GET", interests, Step.ASK, self._interests, own),
            ),
            lambda: _error(500, "系统内部错误"),
        )

    def withdraw_tokens(self) -> None:
        """Every token given out so far is worth nothing from now on."""
        self._tokens.clear()

    async def _token(self, request: web.Request, _fault: Fault | None) -> web.Response:
        authorization = request.headers.get("Authorization")
        if not basic_is(authorization, self._client_id, self._client_secret):
            return _error(401, "客户端认证失败")
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return _error(400, "不支持的授权类型")
        token = f"{self._desk.rng.getrandbits(128):032x}"
        seconds = self._desk.pace.token_seconds
        self._tokens[token] = asyncio.get_running_loop().time() + seconds
        return json_response({"access_token": token, "token_type": "Bearer", "expires_in": seconds})

    async def _interests(self, request: web.Request, fault: Fault | None) -> web.Response:
        now = asyncio.get_running_loop().time()
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if fault is Fault.TOKEN_WITHDRAWN:
            self._tokens.pop(token, None)
        if scheme != "Bearer" or self._tokens.get(token, now) <= now:
            return _error(401, "访问令牌无效或已过期")
        if not self._limit.admits(now):
            return _error(429, "请求过于频繁")
        name, number = request.query.get("name", ""), request.query.get("idNo", "")
        if not (name or number):
            return _error(400, "参数错误")
        self._desk.note(Step.ASK, (name, number))
        if fault is Fault.HTTP_200_ERROR:
            return json_response({"status": 500, "message": "系统繁忙"})
        data: dict[str, list[dict[str, object]]] = {name: [] for name in LISTS}
        for entry in self._desk.entries(name, number, fault):
            data[entry.kind].append(_told(entry.row, fault))
        return json_response({"status": 200, "data": data})


def _told(row: Mapping[str, object], fault: Fault | None) -> dict[str, object]:
    spoilt = spoilt_numbers(row, AMOUNTS) if fault is Fault.NAN else row
    return as_numbers({**spoilt, "idNo": masked(row.get("idNo"))})


def masked(number: object) -> str | None:
    """An identity number with `*` for its digits 7 to 14; older records have none."""
    if not isinstance(number, str) or not number.strip():
        return None
    stars = "*" * len(number[MASK_FROM:MASK_TO])
    return number[:MASK_FROM] + stars + number[MASK_TO:]


def _error(status: int, message: str) -> web.Response:
    return json_response({"status": status, "message": message}, status)
