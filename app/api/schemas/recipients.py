"""Recipients 在保家庭: what is sent of them, and the shapes of what is told."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.verification import VerificationIn
from app.domain.recipient import Cadence, RecipientState, WhyDue

_MOST: Final = 100_000
RegionIn = Annotated[str, Field(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
ClassIn = Annotated[str, Field(pattern=r"^[0-9A-Za-z\u4e00-\u9fff]{1,20}$", examples=["C"])]
Reported = Literal["reported", "doubtful", "member_changed", "at_once"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class RecipientIn(_In):
    """One household, and what is asked when it is verified again (as of that day then)."""

    class_: Annotated[ClassIn, Field(alias="class")]
    verification: VerificationIn


class RecipientsQuery(_In):
    """Which recipients; whatever is left out may be anything."""

    region: RegionIn | None = None
    due: Annotated[bool, Field(description="Only those who receive and are due by today.")] = False
    class_: Annotated[ClassIn | None, Field(alias="class")] = None
    state: RecipientState | None = None
    why: WhyDue | None = None
    consent_expiring_within: Annotated[
        int | None, Field(ge=0, le=3650, description="Days; those that have ended are among them.")
    ] = None
    after: Annotated[str, Field(max_length=40)] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class ReportIn(_In):
    """Why a household is to be verified at once 即时复核."""

    why: Reported = "reported"


class ClassChangeIn(_In):
    """Another class of a recipient."""

    class_: Annotated[ClassIn, Field(alias="class")]


class ReverifyIn(_In):
    """Whom to verify again: who is due, the longest due first."""

    region: RegionIn | None = None
    class_: Annotated[ClassIn | None, Field(alias="class")] = None
    limit: Annotated[int, Field(ge=1, le=_MOST, strict=True)] = 20_000
    dry_run: Annotated[bool, Field(description="Tells what would be begun.")] = False


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecipientOut(_Out):
    """A household that receives relief; who it is, the case system knows."""

    id: str
    region: str
    case_reference: str
    class_: Annotated[str, Field(alias="class")]
    cadence: Cadence
    state: RecipientState
    due_on: date
    why_due: WhyDue
    programmes: list[str]
    last_verification: str | None
    last_verified_on: Annotated[date | None, Field(description="The day of judgement.")]
    consent_until: Annotated[date, Field(description="The first consent of the household ends.")]
    created_at: str
    changed_at: str


class RecipientsOut(_Out):
    """In the order of region and case; `next` is the next page."""

    recipients: list[RecipientOut]
    next: str | None


class RejectedRowOut(_Out):
    """Why a row is rejected; row 1 is the first after the header. Never holds a person's value."""

    row: int
    column: str
    code: str
    detail: str


class RosterTakenOut(_Out):
    """What became of a roster's households; `absent` are those that it does not name."""

    added: int
    updated: int
    unchanged: int
    absent: int | None
    ended: int
    rejected_rows: int
    errors: Annotated[list[RejectedRowOut], Field(description="The first hundred.")]


class BegunOut(_Out):
    """A batch that was begun."""

    batch: str
    region: str
    households: int


class ReverifiedOut(_Out):
    """What was begun, or would be; and whose consent is to be renewed.

    Consent is checked at every sending: who has none is not asked about.
    """

    households: int
    counties: dict[str, int]
    batches: list[BegunOut]
    consent_expiring: Annotated[int, Field(description="Within 30 days, of all who receive.")]
    consent_expired: int


_ROSTER: dict[str, Any] = {
    "type": "object",
    "required": ["roster"],
    "properties": {
        "roster": {"type": "string", "contentMediaType": "text/csv"},
        "programmes": {"type": "string", "description": "By commas: where a row names none."},
        "replace": {
            "type": "string",
            "enum": ["true", "false"],
            "description": "End who is not on it (of `region`), where no row was rejected.",
        },
        "region": {
            "type": "string",
            "description": "Of what the roster is all; else the client's.",
        },
    },
}
TAKE_IN_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "A roster as for /v1/batches with the column `class` (at most 8 MiB; larger ones by "
            "`hedui recipients import`), or one household."
        ),
        "content": {
            "multipart/form-data": {"schema": _ROSTER},
            "application/json": {"schema": {"$ref": "#/components/schemas/RecipientIn"}},
        },
    }
}
