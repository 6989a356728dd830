"""The shapes of assignments, permissions to look, and relations of staff."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from app.access.looking import LookPurpose
from app.access.relations import RelationKind
from app.api.schemas.staff import RoleName
from app.api.schemas.verification import NeededText, Text
from app.domain.household import IdType

_IN = ConfigDict(extra="forbid", hide_input_in_errors=True)
RegionCode = Annotated[str, Field(pattern="^[0-9]{2,12}$")]
CaseReference = Annotated[NeededText, Field(max_length=100)]
StaffId = Annotated[str, Field(pattern="^st_[0-9A-Za-z]{1,37}$")]


class AssignmentIn(BaseModel):
    """Whose a case 个案 is from now on: a member of staff's, or the team's that has a role."""

    model_config = _IN
    case_reference: CaseReference
    staff: StaffId | None = None
    role: RoleName | None = None
    region: Annotated[
        RegionCode | None, Field(description="Of the cases meant; your own where none is named.")
    ] = None
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "AssignmentIn":
        if (self.staff is None) == (self.role is None):
            raise ValueError("either staff or role is needed")
        if self.from_ and self.until and self.until <= self.from_:
            raise ValueError("until must be after from")
        return self


class AssignmentsQuery(BaseModel):
    """Which assignments, from where on."""

    model_config = _IN
    case_reference: Annotated[Text | None, Field(max_length=100)] = None
    staff: Annotated[Text | None, Field(max_length=40)] = None
    holding: Annotated[bool, Field(description="Those alone that hold now.")] = False
    after: Annotated[Text, Field(max_length=40)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class AssignmentOut(BaseModel):
    """An assignment; it holds from `from` until `until` or until it was ended."""

    id: str
    case_reference: str
    region: str
    staff: str | None
    role: str | None
    from_: Annotated[datetime, Field(alias="from", serialization_alias="from")]
    until: datetime | None
    assigned_by: str
    assigned_at: datetime
    ended_at: datetime | None
    ended_by: str | None


class AssignmentsOut(BaseModel):
    """A page, the newest first; `next`: the next page."""

    assignments: list[AssignmentOut]
    next: str | None


class ColleagueOut(BaseModel):
    """Somebody to whom a case can be given."""

    id: StaffId
    name: str
    region: str
    roles: list[str]


class ColleaguesOut(BaseModel):
    """In the order in which their accounts were made."""

    colleagues: list[ColleagueOut]


class LookPermissionIn(BaseModel):
    """Why a case that is not assigned has to be looked at; a second person agrees or not."""

    model_config = _IN
    case_reference: CaseReference
    purpose: LookPurpose
    reason: Annotated[NeededText, Field(min_length=10, max_length=1000)]
    hours: Annotated[int, Field(ge=1, le=72, description="From the agreement on.")] = 8


class LookDecisionIn(BaseModel):
    """The second person's word."""

    model_config = _IN
    agrees: bool


class LookPermissionOut(BaseModel):
    """A permission; it holds while `agreed` and before `until`."""

    id: str
    case_reference: str
    region: str
    staff: str
    purpose: LookPurpose
    reason: str
    hours: int
    state: Literal["asked", "agreed", "refused", "ended"]
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    until: datetime | None


class LookPermissionsOut(BaseModel):
    """A page, the newest first; `next`: the next page."""

    permissions: list[LookPermissionOut]
    next: str | None


class RelationIn(BaseModel):
    """A person, a home, or both, whose cases are out of a member of staff's reach 回避."""

    model_config = _IN
    kind: RelationKind
    staff: Annotated[
        StaffId | None, Field(description="Whose relation; your own where nobody is named.")
    ] = None
    id_type: IdType = IdType.RESIDENT_ID
    id_number: Annotated[Text, Field(max_length=40)] = ""
    address: Annotated[NeededText | None, Field(max_length=300)] = None
    region: Annotated[
        RegionCode | None, Field(description="Where the address is: 4 digits (a city) at least.")
    ] = None

    @model_validator(mode="after")
    def _something(self) -> "RelationIn":
        if not self.id_number and self.address is None:
            raise ValueError("an identity number or an address is needed")
        if self.address is not None and len(self.region or "") < 4:
            raise ValueError("an address needs its region, 4 digits at least")
        return self


class RelationOut(BaseModel):
    """A relation; the number is masked."""

    id: str
    staff: str
    kind: RelationKind
    id_number: Annotated[str | None, Field(description="Masked.")]
    address: str | None
    registered_by: str
    registered_at: datetime


class RelationsOut(BaseModel):
    """Those that hold, the oldest first."""

    relations: list[RelationOut]
