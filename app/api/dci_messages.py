"""A DCI message as HTTP brings it: its bytes, whatever the form; and refusals as HTTP answers."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import Request, Response
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.access.looking import Looker
from app.api.answering import json_answer
from app.api.problems import registry_answer
from app.api.uploads import MULTIPART, form_of
from app.dci.desk import RegistryDesk
from app.dci.endpoints import Endpoint
from app.dci.envelope import document_of
from app.dci.received import Answer, Received
from app.dci.refusals import ConsentRefused, MessageRefused
from app.domain.errors import InvalidRequest, StorageUnavailable
from connectors.dci.codes import ErrorCode, HeaderCode

_JSON: Final = ("application/json", "text/json")
Handler = Callable[[Received], Awaitable[Answer]]


class NotJson(HTTPException):
    """The media type is none in which messages come."""

    def __init__(self) -> None:
        super().__init__(415, "a message is application/json")


async def body_of(request: Request, *, any_kind: bool = False) -> bytes:
    """The message's bytes: the body, or the file of an upload (`fileFormat` json).

    `any_kind`: also where the media type says something else, as OpenCRVS's callbacks do. Raises
    `MessageRefused`, `NotJson`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == MULTIPART:
            return await _file_of(request)
        if not any_kind and kind not in _JSON and not kind.endswith("+json"):
            raise NotJson
        return await request.body()
    except NotJson:
        raise
    except HTTPException as refused:  # too large, too deep: see guard
        raise MessageRefused(ErrorCode.BAD, str(refused.detail)) from None


async def _file_of(request: Request) -> bytes:
    try:
        async with form_of(request, files=1, fields=5) as form:
            found, written = form.get("fileName"), form.get("fileFormat") or "json"
            if not isinstance(found, UploadFile):
                raise MessageRefused(ErrorCode.BAD, "fileName is no file")
            if written != "json":
                raise MessageRefused(ErrorCode.BAD, "files are taken as json")
            return await found.read()
    except (InvalidRequest, FormParserError):  # the parser's own text tells bytes of the body
        raise MessageRefused(ErrorCode.BAD, "the form cannot be read") from None


async def answered(
    request: Request, desk: RegistryDesk, look: Looker, endpoint: Endpoint, handler: Handler
) -> Response:
    """The way of a message that is answered at once."""
    body = b""
    try:
        body = await body_of(request)
        received = await desk.intake.take(endpoint, body, look)
        answer = await handler(received)
    except NotJson as kind:
        refused = MessageRefused(ErrorCode.BAD, str(kind.detail))
        return _refused(desk, endpoint, body, refused, status=kind.status_code)
    except MessageRefused as refused:
        return _refused(desk, endpoint, body, refused)
    except StorageUnavailable as away:
        return registry_answer(ErrorCode.UNAVAILABLE.value, str(away))
    return json_answer(desk.replies.of(received, answer))


def _refused(
    desk: RegistryDesk,
    endpoint: Endpoint,
    body: bytes,
    refused: MessageRefused,
    *,
    status: int | None = None,
) -> Response:
    """A header that says no. With 200 where the message could be read, and is refused as such;
    `status`: where HTTP has one of its own for it."""
    shown = desk.replies.refused(endpoint, readable(body), refused)
    if isinstance(refused.code, HeaderCode) or isinstance(refused, ConsentRefused):
        return json_answer(shown)
    if "message" in shown:
        shown = desk.replies.signed(shown["header"], None, desk.plain)
    return registry_answer(refused.code.value, refused.words, shown, status=status)


def readable(body: bytes) -> dict[str, Any]:
    """The document as far as it is one."""
    try:
        return document_of(body)
    except MessageRefused:
        return {}
