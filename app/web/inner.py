"""The REST interface, asked within this process in the name of whoever looks at a page.

A page knows nothing else: what it shows passed the same gates, in the same words on the audit
trail, as what a case system is given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.access.sessions import csrf_token
from app.api.csrf import HEADER, session_of
from app.api.rates import INNER
from app.wiring_types import Parts

PURPOSE: Final = "Hedui-Purpose"
_HANDED_ON: Final = frozenset({"cookie", "user-agent", "x-forwarded-for", "accept-language"})


class Refused(Exception):  # noqa: N818 - the service's own word
    """The interface answered with a problem: what a page says of it."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("type", "refused")))
        self.status = status
        self.problem = problem

    @property
    def kind(self) -> str:
        """The last word of the problem's type: `not-found`, `conflict`, …"""
        return str(self.problem.get("type", "")).rpartition(":")[2]

    @property
    def title(self) -> str:
        return str(self.problem.get("title", ""))

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Fields that were not valid: pointer, code, detail."""
        return list(self.problem.get("errors", ()))

    @property
    def scopes(self) -> list[str]:
        """One of them would have done, where a right is lacking."""
        return list(self.problem.get("scopes", ()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the interface said, and in which headers."""

    status: int
    headers: httpx.Headers
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else None


class Inner:
    """Calls by the viewer's session; `purpose` goes along with each (Hedui-Purpose)."""

    def __init__(self, request: Request, service: Parts, purpose: str | None = None) -> None:
        self._request = request
        self._service = service
        self._purpose = purpose

    async def get(self, path: str, **params: Any) -> Any:
        """The document of a route. Raises `Refused`."""
        return (await self.call("GET", path, params=params)).json()

    async def post(self, path: str, body: Any = None, **params: Any) -> Any:
        """The document that a change answers with. Raises `Refused`."""
        return (await self.call("POST", path, params=params, body=body)).json()

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        **more: Any,
    ) -> Answer:
        """`more`: `headers`, and `data`, `files` or `content` as httpx takes them."""
        headers = {**self._headers(method), **more.pop("headers", {})}
        if body is not None:
            more["content"] = orjson.dumps(body)
            headers["Content-Type"] = "application/json"
        given = {name: value for name, value in (params or {}).items() if value is not None}
        transport = httpx.ASGITransport(_within(self._request.app), client=self._client())
        async with httpx.AsyncClient(
            transport=transport, base_url=self._service.cookie.origin, trust_env=False
        ) as http:
            reply = await http.request(method, path, params=given or None, headers=headers, **more)
        if reply.status_code >= httpx.codes.BAD_REQUEST:
            raise Refused(reply.status_code, _problem(reply))
        return Answer(reply.status_code, reply.headers, reply.content)

    def _headers(self, method: str) -> dict[str, str]:
        session = session_of(self._request, self._service.cookie)
        headers = {
            name: value for name, value in self._request.headers.items() if name in _HANDED_ON
        }
        if self._purpose is not None:
            headers[PURPOSE] = self._purpose
        if method != "GET":  # the page's own request was checked before: `forms.checked`
            headers["Origin"] = self._service.cookie.origin
            headers[HEADER] = csrf_token(session or "")
        return headers

    def _client(self) -> tuple[str, int]:
        client = self._request.client
        return ("unknown", 0) if client is None else (client.host, client.port)


def _within(app: ASGIApp) -> ASGIApp:
    """Marks calls as made by this process: they are counted as the page that makes them."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        scope[INNER] = True
        await app(scope, receive, send)

    return called


def _problem(reply: httpx.Response) -> Mapping[str, Any]:
    try:
        document = orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        document = {}
    return document if isinstance(document, dict) else {}
