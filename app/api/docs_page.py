"""/docs: the interface's document as a page, where the service is not in production."""

import base64
import re
from hashlib import sha256
from typing import Final

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html

_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_FROM: Final = re.compile(r'(?:src|href)="(https://[^/"]+)/[^"]*"')


def install(app: FastAPI) -> None:
    """The library's own page; its policy names exactly what the page holds, by hash and host."""
    page = bytes(get_swagger_ui_html(openapi_url="/openapi.json", title=app.title).body)
    policy = policy_of(page.decode())

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        headers = {"Content-Security-Policy": policy}
        return Response(page, media_type="text/html", headers=headers)


def policy_of(page: str) -> str:
    """A Content-Security-Policy under which the page works, without `unsafe-inline`."""
    hosts = " ".join(sorted(set(_FROM.findall(page))))
    hashes = " ".join(
        f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'"
        for script in _INLINE.findall(page)
    )
    return (
        f"default-src 'none'; script-src {hosts} {hashes}; style-src {hosts}; "
        f"img-src data: {hosts}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
