"""Vehicles and vessels 车船管理: HTTP GET, XML in GBK with character references."""

import html
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from aiohttp import web

from connectors.sandbox.faults import Fault, Step
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.credentials import same
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.fields import spoilt_texts, text
from connectors.sandbox.servers.http_server import HttpServer, Route

AMOUNTS: Final = ("pl", "hdzk", "zdw")
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "vehicle": (
        *("hphm", "hpzl", "cllx", "clpp1", "clsbdh", "syr", "sfzmhm"),
        *("syxz", "ccdjrq", "zt", "pl", "hdzk"),
    ),
    "vessel": ("cm", "cbdjh", "cblx", "zdw", "syr", "sfzmhm", "djrq", "zt"),
}
MESSAGES: Final = {"1": "成功", "-1": "授权码错误", "-2": "系统忙", "-9": "系统内部错误"}


class Vehicle:
    """Lists vehicles first and vessels after them, numbered through."""

    def __init__(self, desk: Desk, licence: str) -> None:
        self._desk = desk
        self._licence = licence
        self.server = HttpServer(desk, (Route("GET", "/ccgl/query", Step.ASK, self._query),))

    async def _query(self, request: web.Request, fault: Fault | None) -> web.Response:
        asked = _asked(request.raw_path)
        if asked is None:
            return _failed("-9")
        if not same(asked.get("sqm"), self._licence):
            return _failed("-1")
        name, number = asked.get("xm", ""), asked.get("sfzmhm", "")
        if not (name or number):
            return _failed("-9")
        self._desk.note(Step.ASK, (name, number))
        if fault is Fault.HTTP_200_ERROR:
            return _failed("-2")
        entries = self._desk.entries(name, number, fault)
        ordered = sorted(entries, key=lambda entry: entry.kind != "vehicle")
        body = "".join(_element(place, entry, fault) for place, entry in enumerate(ordered))
        return _answer("1", len(ordered), body)


def _asked(raw_path: str) -> dict[str, str] | None:
    """The query string's fields, GBK and character references undone; None where it is no GBK."""
    _, _, query = raw_path.partition("?")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, encoding="gbk", errors="strict")
    except UnicodeDecodeError:
        return None
    return {field: html.unescape(value) for field, value in pairs}


def _element(place: int, entry: Entry, fault: Fault | None) -> str:
    row: Mapping[str, object] = entry.row
    if fault is Fault.NAN:
        row = spoilt_texts(row, AMOUNTS)
    fields = "".join(
        f"<{name}>{escape(text(row.get(name)))}</{name}>" for name in FIELDS[entry.kind]
    )
    return f'<{entry.kind} id="{place}">{fields}</{entry.kind}>'


def _failed(code: str) -> web.Response:
    return _answer(code, 0, "")


def _answer(code: str, rows: int, body: str) -> web.Response:
    document = (
        '<?xml version="1.0" encoding="GBK"?>\n'
        f"<root><head><code>{code}</code><message>{MESSAGES[code]}</message>"
        f"<rownum>{rows}</rownum></head><body>{body}</body></root>"
    )
    return web.Response(
        body=document.encode("gbk", errors="xmlcharrefreplace"),
        headers={"Content-Type": "text/xml; charset=GBK"},
    )
