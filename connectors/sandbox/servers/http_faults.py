"""Spoils a good HTTP answer on its way out, down to the single byte."""

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import web

from connectors.sandbox.faults import Fault
from connectors.sandbox.servers import payloads
from connectors.sandbox.servers.desk import Desk
from connectors.sandbox.servers.listener import reset

RETRY_AFTER_SECONDS: Final = 1


async def spoilt(
    request: web.Request, good: web.Response, fault: Fault | None, desk: Desk
) -> web.StreamResponse:
    """The answer as the fault lets it out; a fault in what it says leaves it as it is."""
    match fault:
        case Fault.REFUSED | Fault.RESET:
            return _cut(request, b"", good)
        case Fault.STALL:
            await asyncio.Event().wait()
            return good
        case Fault.DRIP_HEADERS:
            return await _dripped(request, good, desk, head=b"HTTP/1.1 200 OK\r\n", endless=True)
        case Fault.DRIP_BODY:
            return await _dripped(request, good, desk, head=_head(good, _length(good)))
        case Fault.TRUNCATED_WITH_LENGTH:
            return _halved(request, good, _head(good, _length(good)))
        case Fault.TRUNCATED_WITHOUT_LENGTH:
            return _halved(request, good, _head(good, None))
        case Fault.LATE:
            await asyncio.sleep(desk.board.late_seconds)
            return good
        case _:
            return replaced(good, fault, desk)


def replaced(good: web.Response, fault: Fault | None, desk: Desk) -> web.Response:
    """The answer of the faults that send another whole answer."""
    headers = {"Content-Type": good.headers.get("Content-Type", "application/json")}
    xml = "xml" in headers["Content-Type"]
    match fault:
        case Fault.HTTP_500:
            return web.Response(status=500, text="Internal Server Error")
        case Fault.HTTP_429:
            wait = {} if desk.source == "business_registration" else _RETRY_AFTER
            return web.Response(status=429, text="Too Many Requests", headers=wait)
        case Fault.GARBAGE:
            return web.Response(body=payloads.garbage(desk.rng), headers=headers)
        case Fault.EMPTY:
            return web.Response(body=b"", headers=headers)
        case Fault.WRONG_CONTENT_TYPE:
            return web.Response(text=payloads.HTML_PAGE, content_type="text/html")
        case Fault.WRONG_CHARSET:
            return web.Response(body=recoded(_body(good), xml=xml), headers=headers)
        case Fault.TEN_MEGABYTES:
            return web.Response(body=payloads.padded(_body(good)), headers=headers)
        case Fault.GZIP_BOMB:
            headers["Content-Encoding"] = "gzip"
            return web.Response(body=payloads.gzip_bomb(), headers=headers)
        case Fault.DEEP_JSON:
            deep = payloads.deep_xml() if xml else payloads.deep_json()
            return web.Response(body=deep, headers=headers)
        case Fault.XML_ENTITY_BOMB:
            return web.Response(body=payloads.XML_ENTITY_BOMB.encode(), headers=headers)
        case _:
            return good


_RETRY_AFTER: Final = {"Retry-After": str(RETRY_AFTER_SECONDS)}


def recoded(body: bytes, *, xml: bool = False) -> bytes:
    """The body in another encoding than it says: GBK for UTF-8, and the other way round.

    Two characters before an XML's end or a JSON's start make sure that there is something to see.
    """
    if b'encoding="GBK"' in body[:60]:
        return body.decode("gbk").replace("</root>", "<!--车船--></root>").encode("utf-8")
    text = body.decode("utf-8")
    text = text + "<!--税务-->" if xml else _with_foreign_field(text)
    return text.encode("gb18030")


def _with_foreign_field(text: str) -> str:
    return text.replace("{", '{"说明":"查询",', 1) if text.startswith('{"') else text


def _body(response: web.Response) -> bytes:
    body = response.body
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


def _length(response: web.Response) -> int:
    return len(_body(response))


def _head(response: web.Response, length: int | None) -> bytes:
    status = HTTPStatus(response.status)
    lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
    lines.append(f"Content-Type: {response.headers.get('Content-Type', 'application/json')}")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def _cut(request: web.Request, sent: bytes, good: web.Response) -> web.Response:
    """Sends some bytes past the framework, then resets the connection."""
    transport = request.transport
    if transport is not None:
        if sent:
            transport.write(sent)
        reset(transport)
    return good


def _halved(request: web.Request, good: web.Response, head: bytes) -> web.Response:
    """Sends the head and half of the body, then closes in good order."""
    transport = request.transport
    if transport is not None:
        body = _body(good)
        transport.write(head + body[: len(body) // 2])
        transport.close()
    return good


async def _dripped(
    request: web.Request, good: web.Response, desk: Desk, *, head: bytes, endless: bool = False
) -> web.Response:
    """Sends the head at once and then a byte at a time; `endless` never gets past the headers."""
    transport = request.transport
    if transport is None:
        return good
    transport.write(head)
    body = b"X-Padding: " + b"a" * 1_000_000 if endless else _body(good)
    for position in range(len(body)):
        if transport.is_closing():
            return good
        transport.write(body[position : position + 1])
        await asyncio.sleep(desk.board.drip_seconds)
    transport.close()
    return good
