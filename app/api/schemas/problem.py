"""The shape of a problem document, for the interface's document alone."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class FaultOut(BaseModel):
    """One fault of a request: JSON pointer, stable code, words."""

    pointer: Annotated[str, Field(examples=["/household/members/0/id_number"])]
    code: Annotated[str, Field(examples=["id_number.invalid"])]
    detail: str


class ChangeOut(BaseModel):
    """What changed since it was read; `by`, `name`: by whom, where one may know."""

    what: Annotated[str, Field(examples=["decided", "evidence"])]
    at: datetime | None
    by: str | None
    name: str | None


class Problem(BaseModel):
    """Problem details (RFC 9457); never holds a value that was sent."""

    type: Annotated[str, Field(pattern="^urn:hedui:problem:")]
    title: str
    status: int
    errors: list[FaultOut] = []
    changes: Annotated[
        list[ChangeOut], Field(description="With 409, where it changed since `version`")
    ] = []
    scopes: Annotated[
        list[str], Field(description="With 403, where the right is lacking: one of them would do")
    ] = []
    error: Annotated[str, Field(description="At /oauth/token: the word of RFC 6749 §5.2")] = ""
    error_description: Annotated[str, Field(description="With `error`: the title once more")] = ""
