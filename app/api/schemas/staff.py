"""The shapes of accounts of staff, their roles, and changes that take two persons."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.schemas.session import Login
from app.api.schemas.verification import NeededText

_IN = ConfigDict(extra="forbid", hide_input_in_errors=True)
RoleName = Literal[
    "township_clerk",
    "county_checker",
    "county_reviewer",
    "city_officer",
    "source_clerk",
    "relief_department",
    "auditor",
    "system_admin",
    "security_admin",
    "audit_admin",
]
SourceName = Literal[
    "household_registry",
    "tax",
    "social_insurance",
    "property",
    "business_registration",
    "housing_fund",
    "vehicle",
    "bank",
    "insurance",
    "securities",
    "relief_register",
]
_KINDS = (
    "`role_grant`, `role_end`, `account_reset`, `account_link`: a role given or ended, an account "
    "to be taken into use anew, or linked to the identity provider"
)


class StaffIn(BaseModel):
    """A new account. `region`: the subtree the person works for; empty, the whole country."""

    model_config = _IN

    login: Login
    region: Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?$")]
    name: Annotated[NeededText, Field(max_length=100)]
    address: Annotated[NeededText, Field(max_length=200)] | None = None


class RoleOut(BaseModel):
    """A role, held from one moment until another or without end."""

    role: str
    from_at: datetime
    until_at: datetime | None
    granted_by: str
    agreed_by: str
    source: Annotated[str | None, Field(description="For which a clerk answers by hand")]


class StaffOut(BaseModel):
    """A member of staff; `roles` are those in force."""

    id: Annotated[str, Field(pattern="^st_")]
    login: str
    name: str
    region: str
    state: Literal["invited", "active", "disabled"]
    roles: list[str]
    linked: bool
    created_at: datetime
    changed_at: datetime


class StaffWholeOut(StaffOut):
    """The same with every role that was ever held, the newest first."""

    history: list[RoleOut]


class StaffPageOut(BaseModel):
    """Accounts of the region in the order in which they were made."""

    staff: list[StaffOut]
    next: str | None


class InvitedOut(BaseModel):
    """A new account, and the token with which its owner takes it into use. Shown this once."""

    staff: StaffOut
    enrolment_token: str
    until: datetime


class RoleIn(BaseModel):
    """A role to be granted, for a time or without end."""

    model_config = _IN

    role: RoleName
    until: AwareDatetime | None = None
    source: Annotated[
        SourceName | None, Field(description="Of a source's clerk: the one he or she answers for.")
    ] = None


class RoleEndIn(BaseModel):
    """A role to be ended."""

    model_config = _IN

    role: RoleName


class LinkIn(BaseModel):
    """The identity provider's name of the person (OIDC `sub`)."""

    model_config = _IN

    subject: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x20-\x7e]+$")]


class RefusalIn(BaseModel):
    """Why a change is not agreed to."""

    model_config = _IN

    reason: Annotated[NeededText, Field(max_length=500)]


class ApprovalOut(BaseModel):
    """A change that takes two persons. `subject`: the member of staff whom it concerns."""

    id: Annotated[str, Field(pattern="^ap_")]
    kind: Annotated[str, Field(description=_KINDS)]
    region: str
    subject: str | None
    content: dict[str, Any]
    state: Literal["open", "agreed", "refused"]
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class AgreedOut(BaseModel):
    """The change as it was made; `given` is shown this once, as the token after a reset."""

    approval: ApprovalOut
    given: dict[str, str]


class ApprovalsOut(BaseModel):
    """Changes of the kinds that the caller's roles deal with, the newest first."""

    approvals: list[ApprovalOut]
