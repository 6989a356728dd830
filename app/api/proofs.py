"""/v1/verifications/{id}/proofs: files handed in for something of a verification 材料."""

from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile

from app.access.looking import Looker
from app.api.answering import json_answer
from app.api.deps import Service
from app.api.looks import LooksProofs, LooksRead, looked_at
from app.api.schemas import documented as doc
from app.api.schemas import documented_proofs as of_proofs
from app.api.uploads import MULTIPART, form_of
from app.audit.chain import Entry
from app.domain.errors import Conflict, NotFound
from app.domain.instants import rfc3339
from app.review.proof_files import ENDING, MediaType, kind_of, unfit
from app.store.proofs import Owner, Proof, ProofHead, digest_of
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/verifications", tags=["proofs"], responses=doc.GUARDED)
_MOST: Final = 100
"""Proofs of one verification."""


async def _owner(
    owner_kind: Annotated[
        Literal["review_item", "objection"], Query(description="What it is handed in for.")
    ],
    owner: Annotated[str, Query(min_length=1, max_length=40, description="The id of that.")],
) -> Owner:
    return Owner(owner_kind, owner)


OwnerQuery = Annotated[Owner, Depends(_owner)]


@router.post(
    "/{verification_id}/proofs",
    status_code=201,
    summary="Hand in a proof",
    **of_proofs.ADDED,
)
async def add(
    request: Request,
    verification_id: str,
    service: Service,
    who: LooksProofs,
    owner: OwnerQuery,
) -> Response:
    """A PDF, JPEG or PNG of at most 10 MB, told by what stands in it; it is never changed."""
    verification = await looked_at(service, who, verification_id, "proof_added", owner=owner.id)
    content = await _file(request)
    head = ProofHead(
        id=service.new_id("pf"),
        verification_id=verification_id,
        region=verification.request.region,
        owner=owner,
        media_type=kind_of(content).value,
        size=len(content),
        digest=digest_of(content),
        added_by=who.actor,
        created_at=service.now(),
    )
    await service.shelf.database.write(lambda tx: _stored(service, tx, Proof(head, content)))
    return json_answer(proof_document(head), status=201)


async def _file(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MULTIPART:
        raise unfit("content_type.unknown", "multipart/form-data with a file in the field `file`")
    async with form_of(request, files=1, fields=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise unfit("file.missing", "a file in the field `file` is needed")
        return await file.read()


def _stored(service: Parts, tx: sa.Connection, new: Proof) -> None:
    head, proofs = new.head, service.proofs
    if not proofs.is_owned(tx, head.verification_id, head.owner):
        raise NotFound("nothing of that kind and id belongs to this verification")
    if proofs.count(tx, head.verification_id) >= _MOST:
        raise Conflict(f"a verification has at most {_MOST} proofs")
    proofs.add(tx, new)
    details = {
        "proof": head.id,
        "owner": f"{head.owner.kind}:{head.owner.id}",
        "digest": head.digest,
    }
    entry = Entry(head.added_by, "proof_stored", head.verification_id, head.region, details)
    service.audit.append_many(tx, [entry])


@router.get("/{verification_id}/proofs", summary="Proofs of something", responses=of_proofs.LISTED)
async def listed(
    verification_id: str,
    service: Service,
    who: LooksRead,
    owner: OwnerQuery,
) -> Response:
    """All that were handed in for it, the oldest first, without the files."""
    await looked_at(service, who, verification_id, "proofs_listed", owner=owner.id)
    found = await service.shelf.database.read(
        lambda tx: service.proofs.of_owner(tx, verification_id, owner)
    )
    return json_answer({"proofs": [proof_document(one) for one in found]})


@router.get(
    "/{verification_id}/proofs/{proof_id}", summary="The file itself", responses=of_proofs.FILE
)
async def download(
    verification_id: str, proof_id: str, service: Service, who: LooksRead
) -> Response:
    """As it was handed in, each time on record; to be saved, never shown within a page."""
    found = await _looked_at(service, who, verification_id, proof_id)
    kind = MediaType(found.head.media_type)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.head.id}.{ENDING[kind]}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Digest": found.head.digest,
    }
    return Response(found.content, media_type=kind.value, headers=headers)


async def _looked_at(service: Parts, who: Looker, verification_id: str, proof_id: str) -> Proof:
    await looked_at(
        service, who, verification_id, "proof_read", proof=proof_id[:40], missing="no such proof"
    )
    return await service.shelf.database.read(
        lambda tx: service.proofs.get(tx, verification_id, proof_id)
    )


def proof_document(head: ProofHead) -> dict[str, Any]:
    """All of a proof but the file."""
    return {
        "id": head.id,
        "owner_kind": head.owner.kind,
        "owner": head.owner.id,
        "media_type": head.media_type,
        "size": head.size,
        "digest": head.digest,
        "added_by": head.added_by,
        "added_at": rfc3339(head.created_at),
    }
