"""/v1/staff: accounts of people who sign in 工作人员账户, and their roles."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter

from app.access.staff import NewAccount
from app.access.tokens import Caller
from app.api.approvals import shown as approval_shown
from app.api.deps import MayAccounts, MayRoles, SeesAccounts, Service
from app.api.schemas import documented_staff as doc
from app.api.schemas.staff import (
    ApprovalOut,
    InvitedOut,
    LinkIn,
    RoleEndIn,
    RoleIn,
    RoleOut,
    StaffIn,
    StaffOut,
    StaffPageOut,
    StaffWholeOut,
)
from app.domain.errors import FieldError, InvalidRequest
from app.store.staff import Account
from app.wiring_types import Parts

router = APIRouter(prefix="/v1/staff", tags=["staff"], responses=doc.GUARDED)
_PAGE = 100


@router.get("", summary="Accounts of the region", responses=doc.STAFF_PAGE)
async def listed(
    service: Service, who: SeesAccounts, after: str = "", limit: int = _PAGE
) -> StaffPageOut:
    """`after` is the last id of the page before."""
    if not 1 <= limit <= _PAGE:
        raise InvalidRequest((FieldError("/limit", "limit.out_of_range", f"1 to {_PAGE}"),))

    def read(tx: sa.Connection) -> list[StaffOut]:
        found = service.staffing.accounts.page(tx, who.region, after=after, limit=limit + 1)
        ids = [one.id for one in found]
        roles = service.staffing.roles.in_force_of(tx, ids, service.now())
        return [_shown(one, roles.get(one.id, frozenset())) for one in found]

    some = await service.shelf.database.read(read)
    page, more = some[:limit], some[limit:]
    following = f"/v1/staff?after={page[-1].id}&limit={limit}" if more else None
    return StaffPageOut(staff=page, next=following)


@router.post("", status_code=201, summary="Make an account", responses=doc.INVITED)
async def invite(body: StaffIn, service: Service, who: MayAccounts) -> InvitedOut:
    """Without any role; its owner takes it into use with the token, which is shown this once."""
    new = NewAccount(login=body.login, region=body.region, name=body.name, address=body.address)
    made = await service.staffing.invite(who, new)
    return InvitedOut(
        staff=_shown(made.account, frozenset()), enrolment_token=made.token, until=made.until
    )


@router.get("/{staff_id}", summary="An account with its roles", responses=doc.STAFF)
async def read(staff_id: str, service: Service, who: SeesAccounts) -> StaffWholeOut:
    """Every role that was ever held, by whom granted and agreed to."""

    def work(tx: sa.Connection) -> StaffWholeOut:
        account = service.staffing.accounts.get(tx, staff_id, region=who.region)
        held = service.staffing.roles.of(tx, staff_id)
        now = service.now()
        in_force = frozenset(one.role for one in held if one.until_at is None or one.until_at > now)
        history = [
            RoleOut(
                role=one.role,
                from_at=one.from_at,
                until_at=one.until_at,
                granted_by=one.granted_by,
                agreed_by=one.agreed_by,
                source=one.source,
            )
            for one in held
        ]
        return StaffWholeOut(**_shown(account, in_force).model_dump(), history=history)

    return await service.shelf.database.read(work)


@router.post("/{staff_id}/disable", summary="Disable an account", responses=doc.DISABLED)
async def disable(staff_id: str, service: Service, who: MayAccounts) -> StaffOut:
    """At once, sessions included; to be used again it must be reset, by two persons."""
    account = await service.staffing.disable(who, staff_id)
    return _shown(account, await _roles_of(service, staff_id))


@router.post(
    "/{staff_id}/reset", status_code=202, summary="Propose a reset", responses=doc.PROPOSED
)
async def reset(staff_id: str, service: Service, who: MayAccounts) -> ApprovalOut:
    """For a lost password or second factor, or a disabled account: taken into use anew."""
    return await _proposed(service, who, "account_reset", staff_id, {})


@router.post("/{staff_id}/link", status_code=202, summary="Propose a link", responses=doc.PROPOSED)
async def link(staff_id: str, body: LinkIn, service: Service, who: MayAccounts) -> ApprovalOut:
    """To who the person is at the identity provider."""
    return await _proposed(service, who, "account_link", staff_id, {"subject": body.subject})


@router.post("/{staff_id}/roles", status_code=202, summary="Propose a role", responses=doc.PROPOSED)
async def grant(staff_id: str, body: RoleIn, service: Service, who: MayRoles) -> ApprovalOut:
    """In force once another security administrator has agreed."""
    until = None if body.until is None else body.until.isoformat()
    content = {"role": body.role, "until": until}
    if body.source is not None:
        content["source"] = body.source
    return await _proposed(service, who, "role_grant", staff_id, content)


@router.post(
    "/{staff_id}/roles/end",
    status_code=202,
    summary="Propose the end of a role",
    responses=doc.PROPOSED,
)
async def end(staff_id: str, body: RoleEndIn, service: Service, who: MayRoles) -> ApprovalOut:
    """Ended once another security administrator has agreed; disabling an account takes one."""
    return await _proposed(service, who, "role_end", staff_id, {"role": body.role})


async def _proposed(
    service: Parts, who: Caller, kind: str, staff_id: str, content: dict[str, Any]
) -> ApprovalOut:
    return approval_shown(await service.staffing.propose(who, kind, staff_id, content))


async def _roles_of(service: Parts, staff_id: str) -> frozenset[str]:
    return await service.shelf.database.read(
        lambda tx: service.staffing.roles.in_force(tx, staff_id, service.now())
    )


def _shown(account: Account, roles: frozenset[str]) -> StaffOut:
    return StaffOut(
        id=account.id,
        login=account.login,
        name=account.name,
        region=account.region,
        state=account.state,
        roles=sorted(roles),
        linked=account.oidc_subject is not None,
        created_at=account.created_at,
        changed_at=account.changed_at,
    )
