"""The shape of a finding 核对发现."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from app.domain.profile import FindingCode, Severity


def _may_be_absent(schema: dict[str, Any]) -> None:
    """Absent is not null."""
    del schema["default"]


class FindingOut(BaseModel):
    """What is to be looked at 核对发现; `decisive` where it could change an outcome."""

    id: str
    code: FindingCode
    severity: Severity
    person: str | None
    declared: str | None
    verified: str | None
    evidence: list[str]
    detail: str | None
    decisive: bool | None
    subject: Annotated[
        str | SkipJsonSchema[None],
        Field(
            description="Only where a person can settle it: the question, as of its review item.",
            examples=["conflict:wage:m1:ev_tax_m1_1"],
            json_schema_extra=_may_be_absent,
        ),
    ] = None
    item: Annotated[
        str | SkipJsonSchema[None],
        Field(
            description="Only where a person can settle it: the id that its review item has.",
            json_schema_extra=_may_be_absent,
        ),
    ] = None
