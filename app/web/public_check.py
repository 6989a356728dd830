"""Is a report genuine 查验真伪: for anybody who has its number and code; no personal data."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from app.api.deps import Service
from app.web.inner import Inner, Refused
from app.web.shell import page

router = APIRouter()
_MOST = 40


@router.get("/v/{number}", response_model=None)
async def check(request: Request, number: str, service: Service, code: str = "") -> Response:
    """Without a code it asks for one; a wrong one and a wrong number look alike."""
    found: dict[str, Any] | None = None
    error: Refused | None = None
    if code:
        inside = Inner(request, service)
        try:
            found = await inside.get(
                f"/v1/reports/{quote(number[:60], safe='')}", code=code[:_MOST]
            )
        except Refused as refused:
            error = refused
    return page(
        request,
        "report/check.html",
        None,
        status=200 if error is None else error.status,
        number=number[:60],
        found=found,
        error=error,
    )
