"""The shapes of what is made of the trail: entries, access reports, unusual access."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.schemas.verification import NeededText, Text
from app.audit.unusual import Code
from app.domain.household import IdType

_IN = ConfigDict(extra="forbid", hide_input_in_errors=True)


class EntriesQuery(BaseModel):
    """Which entries, from which position on."""

    model_config = _IN
    actor: Annotated[
        Text | None, Field(max_length=64, description="An id, or a login of your region.")
    ] = None
    action: Annotated[Text | None, Field(max_length=64)] = None
    object: Annotated[Text | None, Field(max_length=120)] = None
    case: Annotated[
        Text | None, Field(max_length=100, description="A case's reference: entries about it.")
    ] = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: Annotated[
        int | None,
        Field(
            ge=1,
            le=9_007_199_254_740_991,
            description="The newest first, from before this position on; `after` is as it is.",
        ),
    ] = None
    after: Annotated[int, Field(ge=0, le=9_007_199_254_740_991)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class EntryOut(BaseModel):
    """An entry of the trail; no personal data of a household stands in it.

    `actor_name` of staff and clients of your region, with the roles that are held now.
    """

    position: int
    at: datetime
    actor: str
    actor_name: str | None
    actor_roles: list[str]
    action: str
    object: str
    case_reference: Annotated[
        str | None, Field(description="Of the verification that `object` is, where it is one.")
    ]
    region: str
    details: dict[str, str]


class EntriesOut(BaseModel):
    """A page in the order of the trail; `next`: the next page."""

    entries: list[EntryOut]
    next: str | None


class ChainOut(BaseModel):
    """Whether the newest entries, `first` to `last`, hold; `broken_at` is the first that does not.

    `at`: the time of the newest of them.
    """

    first: int
    last: int
    at: datetime | None
    holds: bool
    broken_at: int | None


class AccessReportIn(BaseModel):
    """Who asks who looked at him or her; the number stands here, never in an address."""

    model_config = _IN
    id_type: IdType = IdType.RESIDENT_ID
    id_number: Annotated[NeededText, Field(max_length=40)]
    identity_checked: Annotated[
        Literal["in_person", "real_name_sign_in", "notarised"],
        Field(description="How it was made sure that the person asks 身份核实."),
    ]


class BodyOut(BaseModel):
    """Who looked: a client by its registered name, an office by its region, an operator."""

    kind: Literal["client", "office", "operator"]
    name: str | None
    region: str


class AccessOut(BaseModel):
    """One look or query."""

    at: datetime
    kind: Literal["request", "query", "reuse", "view", "list", "export", "report"]
    body: BodyOut
    clerk: Annotated[str | None, Field(description="Where the rules say that it is told.")]
    purpose: str
    sources: list[str]
    consent: str | None
    case_reference: Annotated[
        str | None, Field(description="Of a case in which the person is a member.")
    ]


class AccessReportOut(BaseModel):
    """All looks and queries of a region's trail that may be told by now, the oldest first."""

    id: str
    region: str
    made_at: datetime
    accesses: list[AccessOut]


class UnusualOut(BaseModel):
    """A rule that fired for a member of staff; `entries` are positions in the trail."""

    actor: str
    code: Code
    count: int
    first_at: datetime
    last_at: datetime
    entries: list[int]
    cases: list[str]


class UnusualAccessOut(BaseModel):
    """What was unusual on a day in China; none of it accuses anybody."""

    day: date
    region: str
    unusual: list[UnusualOut]


class ProtectedPersonIn(BaseModel):
    """Somebody at whom every look is told of 重点关注人员."""

    model_config = _IN
    id_type: IdType = IdType.RESIDENT_ID
    id_number: Annotated[NeededText, Field(max_length=40)]
    reason: Annotated[NeededText, Field(max_length=1000)]


class ProtectedPersonOut(BaseModel):
    """An id alone: who it is, is shown to nobody."""

    id: str
