"""A small HTTP server whose answers a test gives, on a free port of this machine."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Every request goes to `handler`; gives the server's address.

    What a handler asserts in vain fails the test and not only the call.
    """
    failures: list[AssertionError] = []

    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except AssertionError as failure:
            failures.append(failure)
            raise

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
    if failures:
        raise failures[0]
