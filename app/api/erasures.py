"""/v1/erasures: what is kept of a case is erased at request 删除请求: one asks, another agrees."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from app.api.answering import json_answer
from app.api.deps import MayErase, Service
from app.api.schemas import documented_erasures as doc
from app.api.schemas.erasures import ErasureIn
from app.domain.errors import FieldError, InvalidRequest
from app.domain.instants import rfc3339
from app.erasure.requests import Handled
from app.store.erasure_requests import ErasureRequest
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/erasures", tags=["erasures"], responses=doc.GUARDED)
_PAGE = 100


@router.post("", status_code=201, summary="Ask for an erasure", responses=doc.ASKED)
async def ask(body: ErasureIn, service: Service, who: MayErase) -> Response:
    """Of all verifications of the case in the region, and of its place on the roster.

    Refused while the case runs, while an objection, an alert or an audit of it is open, and while
    the household receives relief. The conclusion, digests and the audit trail stay.
    """
    request = await service.erasures.ask(who, body.to_domain())
    headers = {"Location": f"/v1/erasures/{request.id}"}
    return json_answer(_document(request), status=201, headers=headers)


@router.get("", summary="Requests to erase, the newest first", responses=doc.LISTED)
async def listed(service: Service, who: MayErase, after: str = "", limit: int = _PAGE) -> Response:
    """`after` is the last id of the page before."""
    if not 1 <= limit <= _PAGE:
        raise InvalidRequest((FieldError("/limit", "page.invalid", "limit is 1 to 100"),))
    some = await service.erasures.page(who, after=after, limit=limit + 1)
    page, more = some[:limit], some[limit:]
    following = f"/v1/erasures?after={page[-1].id}&limit={limit}" if more else None
    return json_answer({"erasures": [_document(one) for one in page], "next": following})


@router.get("/{erasure_id}", summary="A request to erase", responses=doc.SHOWN)
async def read(erasure_id: str, service: Service, who: MayErase) -> Response:
    """With the digests of what was erased."""
    return await _shown(service, await service.erasures.get(who, erasure_id))


@router.post("/{erasure_id}/approval", summary="Carry an erasure out", responses=doc.DONE)
async def approve(erasure_id: str, service: Service, who: MayErase) -> Response:
    """By another person than who asked for it (403). What is erased does not come back."""
    return await _shown(service, await service.erasures.carry_out(who, erasure_id))


@router.post("/{erasure_id}/refusal", summary="Refuse an erasure", responses=doc.REFUSED)
async def refuse(erasure_id: str, service: Service, who: MayErase) -> Response:
    """Kept with who said so."""
    return json_answer(_document(await service.erasures.refuse(who, erasure_id)))


async def _shown(service: Parts, handled: Handled) -> Response:
    disk = await service.erasures.erasing.on_disk()
    decided = handled.request.decided_at
    until = disk.clean_until
    clean = not handled.erased or (decided is not None and until is not None and until >= decided)
    return json_answer(
        {
            **_document(handled.request),
            "erased": [{"subject": of, "digest": digest} for of, digest in handled.erased],
            "on_disk": "clean" if clean else "pending",
        }
    )


def _document(request: ErasureRequest) -> dict[str, Any]:
    return {
        **asdict(request),
        "requested_at": rfc3339(request.requested_at),
        "decided_at": rfc3339(request.decided_at),
    }
