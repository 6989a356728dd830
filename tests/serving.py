"""An application over HTTP, on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from tests.tls import Shown


@asynccontextmanager
async def served(app: FastAPI, tls: Shown | None = None) -> AsyncIterator[str]:
    """Its address; whoever built the application opens and closes it."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="warning", access_log=False)
    if tls is not None:
        config.ssl_certfile, config.ssl_keyfile = tls.certificate, tls.key
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}" if tls is None else f"https://localhost:{port}"
    finally:
        server.should_exit = True
        await task
