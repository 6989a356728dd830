"""An application over HTTP, on a port of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from tests.tls import Shown


def a_place() -> tuple[socket.socket, str]:
    """A port that is taken already, for an application that must know its address beforehand."""
    place = socket.create_server(("127.0.0.1", 0))
    return place, f"http://127.0.0.1:{place.getsockname()[1]}"


@asynccontextmanager
async def served(
    app: FastAPI, tls: Shown | None = None, *, place: socket.socket | None = None
) -> AsyncIterator[str]:
    """Its address; whoever built the application opens and closes it."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="warning", access_log=False)
    if tls is not None:
        config.ssl_certfile, config.ssl_keyfile = tls.certificate, tls.key
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(None if place is None else [place]))
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}" if tls is None else f"https://localhost:{port}"
    finally:
        server.should_exit = True
        await task
