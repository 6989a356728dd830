"""The shapes of roster passes, and what a tool names in an address."""

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.reconciliation.passes import MOST_HOURS, MOST_ROWS

_IN: Final = ConfigDict(extra="forbid", hide_input_in_errors=True)
_LONG_NUMBER: Final = re.compile(r"[0-9]{12,}")
SuggestedKind = Literal["entity", "property", "type"]
EntityId = Annotated[str, Field(max_length=60)]
Prefix = Annotated[str, Query(max_length=100)]
TypeId = Annotated[str, Query(alias="type", max_length=100)]
Limit = Annotated[int, Query(ge=1, le=100)]


def _no_number(text: str) -> str:
    """It stands in the trail in plain text: nobody's number may be in it."""
    if _LONG_NUMBER.search(text):
        raise ValueError("a roster's number has no run of 12 digits or more")
    return text


class RosterPassIn(BaseModel):
    """For which roster 名册, and for how long."""

    model_config = _IN
    reference: Annotated[
        str,
        Field(
            pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$",
            description="The roster's own number; nothing of a person.",
            examples=["2026-11-nanguan"],
        ),
        AfterValidator(_no_number),
    ]
    rows: Annotated[int, Field(ge=1, le=MOST_ROWS, description="How many rows it has.")]
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 4
    region: Annotated[
        str | None,
        Field(pattern="^[0-9]{2,12}$", description="A part of your own; all of it by default."),
    ] = None


class RosterPassOut(BaseModel):
    """A pass as it stands; its address was shown once."""

    id: str
    reference: str
    region: str
    purpose: str | None
    rows: int
    asked: Annotated[int, Field(description="Rows that were asked about so far.")]
    created_at: datetime
    until: datetime
    ended_at: datetime | None


class RosterPassMadeOut(RosterPassOut):
    """A new pass; `url` holds its secret, and is not shown again."""

    url: str


class RosterPassesOut(BaseModel):
    """Your own of a month, the newest first."""

    passes: list[RosterPassOut]


class ManifestOut(BaseModel):
    """The service manifest; its schema is the standard's."""

    model_config = ConfigDict(extra="allow")
    versions: list[str]
    name: str
    identifierSpace: str  # noqa: N815 - the standard's name
    schemaSpace: str  # noqa: N815 - the standard's name


class ReconcileAnswerOut(BaseModel):
    """A result batch (by the keys of the queries), or an extension (`meta` and `rows`)."""

    model_config = ConfigDict(extra="allow")


class SuggestedOut(BaseModel):
    """What fits what was typed."""

    result: list[dict[str, Any]]


class ProposedOut(BaseModel):
    """What may be asked for of a type."""

    properties: list[dict[str, Any]]
    type: str | None = None
    limit: int
