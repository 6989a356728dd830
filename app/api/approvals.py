"""/v1/approvals: changes that take two persons 双人复核, agreed to or refused."""

from typing import Literal

from fastapi import APIRouter

from app.access.tokens import Caller
from app.api.deps import AnyStaff, Service
from app.api.schemas import documented_staff as doc
from app.api.schemas.staff import AgreedOut, ApprovalOut, ApprovalsOut, RefusalIn
from app.domain.errors import NotAllowed
from app.store.approvals import Approval
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/approvals", tags=["staff"], responses=doc.GUARDED)
State = Literal["open", "agreed", "refused"]


@router.get("", summary="Changes that wait, or were decided", responses=doc.APPROVALS)
async def listed(service: Service, who: AnyStaff, state: State | None = None) -> ApprovalsOut:
    """Of the region, of the kinds that your roles deal with; the newest 500."""
    _check(service, who)
    found = await service.approvals.listed(who, state)
    return ApprovalsOut(approvals=[shown(one) for one in found])


@router.get("/{approval_id}", summary="A change", responses=doc.APPROVAL)
async def read(approval_id: str, service: Service, who: AnyStaff) -> ApprovalOut:
    """As it was proposed, and what became of it."""
    _check(service, who)
    return shown(await service.approvals.shown(who, approval_id))


@router.post("/{approval_id}/agree", summary="Agree to a change", responses=doc.AGREED)
async def agree(approval_id: str, service: Service, who: AnyStaff) -> AgreedOut:
    """Never to one's own proposal, never to what concerns oneself. It is made at once."""
    _check(service, who)
    decided = await service.approvals.agree(who, approval_id)
    return AgreedOut(approval=shown(decided.approval), given=dict(decided.given))


@router.post("/{approval_id}/refuse", summary="Refuse a change", responses=doc.REFUSED)
async def refuse(approval_id: str, body: RefusalIn, service: Service, who: AnyStaff) -> ApprovalOut:
    """Or take one's own proposal back; nothing is changed."""
    _check(service, who)
    decided = await service.approvals.refuse(who, approval_id, body.reason)
    return shown(decided.approval)


def shown(one: Approval) -> ApprovalOut:
    return ApprovalOut(
        id=one.id,
        kind=one.kind,
        region=one.region,
        subject=one.subject,
        content=one.content,
        state=one.state,
        proposed_by=one.proposed_by,
        proposed_at=one.proposed_at,
        expires_at=one.expires_at,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
        reason=one.reason,
    )


def _check(service: Parts, who: Caller) -> None:
    if not service.approvals.kinds_of(who):
        raise NotAllowed("you have no role that decides such changes")
