"""The tax office 税务: SOAP 1.1, document/literal, HTTP Basic."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web
from lxml import etree

from connectors.sandbox.faults import ANSWER, FOREIGN, Fault, Step
from connectors.sandbox.register import Entry
from connectors.sandbox.servers.credentials import basic_is
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.fields import spoilt_texts, text
from connectors.sandbox.servers.http_server import HttpServer, Route

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TAX: Final = "urn:tax:income:v1"
FIELDS: Final = (
    "xm",
    "zjhm",
    "sdxmdm",
    "sre",
    "yjse",
    "skssqq",
    "skssqz",
    "kjywrmc",
    "kjywrsbh",
    "gzbz",
)
DOCUMENT_KINDS: Final = frozenset({"201", "208", "210", "213"})
ASKED: Final = ("xm", "zjlx", "zjhm", "skssqq", "skssqz")
_MONTH_LENGTH: Final = len("2026-01")


class Tax:
    """Answers `queryIncome` with the items whose tax period touches the months asked for."""

    def __init__(self, desk: Desk, username: str, password: str) -> None:
        self._desk = desk
        self._username, self._password = username, password
        own = ANSWER | {Fault.SOAP_CLIENT_FAULT}
        self.server = HttpServer(
            desk,
            (Route("POST", "/tax/services/IncomeQuery", Step.ASK, self._query, own),),
            lambda: _fault("Server", "系统内部错误"),
        )

    async def _query(self, request: web.Request, fault: Fault | None) -> web.Response:
        authorization = request.headers.get("Authorization")
        if not basic_is(authorization, self._username, self._password):
            challenge = {"WWW-Authenticate": 'Basic realm="tax"'}
            return web.Response(status=401, text="Unauthorized", headers=challenge)
        asked = _asked(await request.read())
        if asked is None or request.headers.get("SOAPAction", "").strip('"') != "queryIncome":
            return _fault("Client", "请求报文不符合规范")
        self._desk.note(Step.ASK, (asked["xm"], asked["zjhm"]))
        if fault is Fault.SOAP_CLIENT_FAULT:
            return _fault("Client", "请求参数错误")
        if fault is Fault.HTTP_200_ERROR:
            return _response("900", "系统繁忙", ())
        entries = self._desk.entries(asked["xm"], asked["zjhm"], fault)
        rows = [
            spoilt_texts(entry.row, ("sre", "yjse")) if fault is Fault.NAN else entry.row
            for entry in entries
            if fault in FOREIGN or _touches(entry, asked["skssqq"], asked["skssqz"])
        ]
        return _response("000" if rows else "001", "", rows)


def _asked(body: bytes) -> dict[str, str] | None:
    """The question's five fields, or None where the envelope is not as documented."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    query = root.find(f"{{{SOAP}}}Body/{{{TAX}}}queryIncome")
    if query is None:
        return None
    asked = {field: (query.findtext(f"{{{TAX}}}{field}") or "").strip() for field in ASKED}
    months = (asked["skssqq"], asked["skssqz"])
    complete = (asked["xm"] or asked["zjhm"]) and all(
        len(month) == _MONTH_LENGTH and month[:4].isdecimal() for month in months
    )
    return asked if complete and asked["zjlx"] in DOCUMENT_KINDS else None


def _touches(entry: Entry, first: str, last: str) -> bool:
    """Whether an item's tax period has a day in the months; one without real dates is told."""
    begins, ends = entry.row.get("skssqq"), entry.row.get("skssqz")
    if not isinstance(begins, date) or not isinstance(ends, date):
        return True
    return begins.strftime("%Y-%m") <= last and ends.strftime("%Y-%m") >= first


def _response(code: str, message: str, rows: Iterable[Mapping[str, object]]) -> web.Response:
    items = [_item(row) for row in rows]
    told = f"<t:fhxx>{message}</t:fhxx>" if message else "<t:fhxx/>"
    return _envelope(
        f"<t:queryIncomeResponse><t:fhm>{code}</t:fhm>{told}<t:jls>{len(items)}</t:jls>"
        f"{''.join(items)}</t:queryIncomeResponse>"
    )


def _item(row: Mapping[str, object]) -> str:
    fields = "".join(f"<t:{name}>{escape(text(row.get(name)))}</t:{name}>" for name in FIELDS)
    return f"<t:item>{fields}</t:item>"


def _fault(whose: str, reason: str) -> web.Response:
    return _envelope(
        f"<soapenv:Fault><faultcode>soapenv:{whose}</faultcode>"
        f"<faultstring>{reason}</faultstring></soapenv:Fault>",
        status=500,
    )


def _envelope(body: str, status: int = 200) -> web.Response:
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:t="{TAX}">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return web.Response(
        body=envelope.encode(), status=status, headers={"Content-Type": "text/xml; charset=utf-8"}
    )
