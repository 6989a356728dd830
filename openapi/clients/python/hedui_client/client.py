"""The clients 客户端: `Hedui` for threads, `AsyncHedui` for event loops, with the same methods."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar

import httpx
import tenacity

from hedui_client import journeys, operations
from hedui_client.call import Call
from hedui_client.errors import Unreachable, problem_of
from hedui_client.journeys import Journey, Pause
from hedui_client.models import VerificationIn, VerificationOut
from hedui_client.patience import Patience, retries
from hedui_client.token import TokenAuth

T = TypeVar("T")
PageT = TypeVar("PageT", bound=Mapping[str, Any])
Form: TypeAlias = Literal["pdf", "html", "json"]
Media: TypeAlias = Literal["application/pdf", "text/html", "application/json"]
FORMS: Final[Mapping[Form, Media]] = {
    "pdf": "application/pdf",
    "html": "text/html",
    "json": "application/json",
}
TIMEOUT: Final = httpx.Timeout(90.0, connect=10.0)  # the service may hold an answer for a minute


class Hedui:
    """Calls block. One serves all threads; to be closed, or used in a `with`.

    `options` are those of `httpx.Client`: `verify` for a county's own certificates, `timeout`, ….
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        sleep: Callable[[float], None] = time.sleep,
        **options: Any,
    ) -> None:
        given = _options(base_url, client_id, client_secret, options)
        self.http = httpx.Client(**given)
        self._patience, self._sleep = patience, sleep

    def send(self, call: Call[T]) -> T:
        """Make a call of `hedui_client.operations`. Raises `Problem`, `Unreachable`."""
        again = tenacity.Retrying(**retries(self._patience, call), sleep=self._sleep)
        answer: T = again(self._once, call)
        return answer

    def verify(
        self, body: VerificationIn, *, wait: float = 20.0, idempotency_key: str | None = None
    ) -> VerificationOut:
        """Verify a household; how it stands when it is done or after `wait` seconds."""
        return self._go(journeys.verified(body, wait, idempotency_key))

    def wait_until_final(self, verification_id: str, *, within: float = 600.0) -> VerificationOut:
        """Ask until it is final or cancelled. Raises `NotFinal` after `within` seconds."""
        return self._go(journeys.final(verification_id, within))

    def report(self, verification_id: str, form: Form) -> bytes:
        """The report 核对报告; as PDF and HTML each is a new, counted copy."""
        return self.send(operations.report(verification_id, accept=FORMS[form]))

    def pages(self, call: Call[PageT]) -> Iterator[PageT]:
        """The page that is called for, and all that follow."""
        due: Call[PageT] | None = call
        while due is not None:
            page = self.send(due)
            yield page
            due = journeys.next_page(page)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _once(self, call: Call[T]) -> T:
        try:
            reply = self.http.send(call.as_request(self.http))
        except httpx.TransportError as error:
            raise Unreachable(error) from error
        if not reply.is_success:
            raise problem_of(reply)
        return call.answer_of(reply)

    def _go(self, journey: Journey[T]) -> T:
        answer = None
        while True:
            try:
                step = journey.send(answer)
            except StopIteration as end:
                done: T = end.value
                return done
            if isinstance(step, Pause):
                self._sleep(step.seconds)
            else:
                answer = self.send(step)


class AsyncHedui:
    """The same awaited: one for an event loop; to be closed, or used in an `async with`."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        *,
        patience: Patience = Patience(),  # noqa: B008 - it is frozen
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        **options: Any,
    ) -> None:
        given = _options(base_url, client_id, client_secret, options)
        self.http = httpx.AsyncClient(**given)
        self._patience, self._sleep = patience, sleep

    async def send(self, call: Call[T]) -> T:
        """Make a call of `hedui_client.operations`. Raises `Problem`, `Unreachable`."""
        again = tenacity.AsyncRetrying(**retries(self._patience, call), sleep=self._sleep)
        return await again(self._once, call)

    async def verify(
        self, body: VerificationIn, *, wait: float = 20.0, idempotency_key: str | None = None
    ) -> VerificationOut:
        """Verify a household; how it stands when it is done or after `wait` seconds."""
        return await self._go(journeys.verified(body, wait, idempotency_key))

    async def wait_until_final(
        self, verification_id: str, *, within: float = 600.0
    ) -> VerificationOut:
        """Ask until it is final or cancelled. Raises `NotFinal` after `within` seconds."""
        return await self._go(journeys.final(verification_id, within))

    async def report(self, verification_id: str, form: Form) -> bytes:
        """The report 核对报告; as PDF and HTML each is a new, counted copy."""
        return await self.send(operations.report(verification_id, accept=FORMS[form]))

    async def pages(self, call: Call[PageT]) -> AsyncIterator[PageT]:
        """The page that is called for, and all that follow."""
        due: Call[PageT] | None = call
        while due is not None:
            page = await self.send(due)
            yield page
            due = journeys.next_page(page)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _once(self, call: Call[T]) -> T:
        try:
            reply = await self.http.send(call.as_request(self.http))
        except httpx.TransportError as error:
            raise Unreachable(error) from error
        if not reply.is_success:
            raise problem_of(reply)
        return call.answer_of(reply)

    async def _go(self, journey: Journey[T]) -> T:
        answer = None
        while True:
            try:
                step = journey.send(answer)
            except StopIteration as end:
                done: T = end.value
                return done
            if isinstance(step, Pause):
                await self._sleep(step.seconds)
            else:
                answer = await self.send(step)


def _options(
    base_url: str, client_id: str, client_secret: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    auth = TokenAuth(f"{base_url.rstrip('/')}/oauth/token", client_id, client_secret)
    return {"timeout": TIMEOUT, **given, "base_url": base_url, "auth": auth}
