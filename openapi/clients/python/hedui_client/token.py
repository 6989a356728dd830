"""The bearer token 令牌: fetched when it is needed, renewed before it ends."""

import time
from collections.abc import Callable, Generator
from typing import Final

import httpx

from hedui_client.errors import problem_of

_EARLY: Final = 30.0
"""Seconds before its end: clocks differ, and calls take their time."""


class TokenAuth(httpx.Auth):
    """Client credentials (RFC 6749 §4.4) on every request, by one token after another."""

    requires_response_body = True

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = token_url
        self._credentials = httpx.BasicAuth(client_id, client_secret)
        self._now = now
        self._token, self._until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with a token; once more with a new one where the service knows it no more."""
        renewed = self._now() >= self._until
        if renewed:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        reply = yield request
        if reply.status_code == httpx.codes.UNAUTHORIZED and not renewed:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        asking = httpx.Request("POST", self._url, data={"grant_type": "client_credentials"})
        reply = yield next(self._credentials.auth_flow(asking))
        if reply.status_code != httpx.codes.OK:
            raise problem_of(reply)
        given = reply.json()
        self._token = given["access_token"]
        self._until = self._now() + max(given["expires_in"] - _EARLY, given["expires_in"] / 2)
