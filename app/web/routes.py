"""All pages, and the files that they load; mounted by `main`."""

from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from app.web import (
    administration,
    alerts,
    assignments,
    audit,
    batches,
    case_profile,
    case_reveal,
    cases,
    conflicts,
    enrolment,
    home,
    kinds_pages,
    manual,
    objections,
    public_check,
    readings,
    report,
    review,
    roster_passes,
    settings,
    sign_in,
    sources,
    stats,
)
from app.web.shell import HERE

ROUTED: Final = (
    sign_in,
    home,
    settings,
    report,
    public_check,
    cases,
    case_profile,
    case_reveal,
    kinds_pages,
    conflicts,
    review,
    readings,
    objections,
    stats,
    batches,
    roster_passes,
    manual,
    sources,
    alerts,
    enrolment,
    audit,
    administration,
    assignments,
)


class _Static(StaticFiles):
    """Kept by the browser: an address holds a part of the file's digest."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "public, max-age=31536000"
            await send(message)

        await super().__call__(scope, receive, told)


def install(app: FastAPI) -> None:
    """Pages stand outside of the interface's document."""
    for module in ROUTED:
        app.include_router(module.router, include_in_schema=False)
    app.mount("/ui/static", _Static(directory=HERE / "static"))
