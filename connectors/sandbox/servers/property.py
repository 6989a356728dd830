"""Immovable property 不动产登记: REST and JSON, paged."""

from typing import Final

from aiohttp import web

from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.servers.credentials import same
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.fields import as_numbers, json_response, spoilt_numbers
from connectors.sandbox.servers.http_server import HttpServer, Route

LARGEST_PAGE: Final = 50


class Property:
    """Lists ownerships; a page past the end is empty."""

    def __init__(self, desk: Desk, key: str) -> None:
        self._desk = desk
        self._key = key
        self.server = HttpServer(
            desk, (Route("GET", "/bdc/ownerships", Step.ASK, self._ownerships),)
        )

    async def _ownerships(self, request: web.Request, fault: Fault | None) -> web.Response:
        if not same(request.headers.get("apikey"), self._key):
            return json_response({"success": False, "message": "apikey无效"}, 401)
        query = request.query
        name, number = query.get("name", ""), query.get("certNo", "")
        page, size = _positive(query.get("page", "1")), _positive(query.get("size", "20"))
        if not (name or number) or page is None or size is None or size > LARGEST_PAGE:
            return json_response({"success": False, "message": "参数错误"})
        self._desk.note(Step.ASK, (name, number))
        if fault is Fault.HTTP_200_ERROR:
            return json_response({"success": False, "message": "系统繁忙，请稍后再试"})
        entries = self._desk.entries(name, number, fault)
        shown = entries[(page - 1) * size : page * size]
        rows = [
            as_numbers(spoilt_numbers(entry.row, ("mj",)) if fault is Fault.NAN else entry.row)
            for entry in shown
        ]
        return json_response(
            {"success": True, "total": len(entries), "page": page, "size": size, "list": rows}
        )


def _positive(value: str) -> int | None:
    """A whole number above 0, or None."""
    return int(value) if value.isdecimal() and value.isascii() and int(value) > 0 else None
