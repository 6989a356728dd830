"""What people do within the work area of a question: hand in proofs, try out an amount."""

from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api.deps import Service
from app.web.forms import checked, checked_with_file
from app.web.inner import Inner, Refused
from app.web.kinds import prepared, preview_of
from app.web.review import shown
from app.web.review_queue import BASE, filters_of
from app.web.review_work import work_of
from app.web.shell import SignedIn, Staff, inner

router = APIRouter()
_AGAIN: Final = frozenset({404, 409, 413, 422})
_KEPT: Final = ("content-type", "content-disposition", "content-security-policy")


@router.post(f"{BASE}/{{item_id}}/proofs", response_model=None)
async def hand_in(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """A file for the item; then the item again."""
    _, content = await checked_with_file(request, service, "file")
    asked = inner(request, service, who)
    item = (await asked.get(f"/v1/review-items/{item_id}"))["item"]
    try:
        await handed_in(asked, item["verification"], item_id, content)
    except Refused as refused:
        if refused.status not in _AGAIN:
            raise
        work = replace(await work_of(asked, item_id, who), error=refused)
        return await shown(request, service, who, work, refused.status)
    return RedirectResponse(filters_of(request).url(item_id), status_code=303)


async def handed_in(asked: Inner, verification: str, item: str, content: bytes | None) -> str:
    """The id of the proof. Raises Refused."""
    answer = await asked.call(
        "POST",
        f"/v1/verifications/{verification}/proofs",
        params={"owner_kind": "review_item", "owner": item},
        files={"file": ("file", content or b"")},
    )
    return str(answer.json()["id"])


@router.post(f"{BASE}/{{item_id}}/trial", response_model=None)
async def trial(item_id: str, request: Request, service: Service, who: Staff) -> Response:
    """What an amount would lead to; nothing is stored, and what was typed stays."""
    form = await checked(request, service)
    asked = inner(request, service, who)
    work = replace(await work_of(asked, item_id, who), kept=form.kept())
    status = 200
    try:
        part = await prepared(asked, work.document, who, preview_of(form))
        work = replace(work, part=part)
    except Refused as refused:
        if refused.status not in _AGAIN:
            raise
        status = refused.status
        work = replace(work, error=refused)
    return await shown(request, service, who, work, status)


@router.get(f"{BASE}/proofs/{{verification_id}}/{{proof_id}}", response_model=None)
async def download(
    verification_id: str, proof_id: str, request: Request, service: Service, who: SignedIn
) -> Response:
    """The file, to be saved."""
    path = f"/v1/verifications/{verification_id}/proofs/{proof_id}"
    answer = await inner(request, service, who).call("GET", path)
    headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    return Response(answer.body, headers=headers)
