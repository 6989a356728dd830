"""Erasures 删除: what is sent to ask for one, and the shape of what is told."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.schemas.verification import NeededText
from app.erasure.requests import Basis, NewRequest

Why = Literal["running", "objection", "alert", "audit", "receiving", "decision"]


class ErasureIn(BaseModel):
    """Of which case what is kept is to be erased, and on what ground (PIPL 47)."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    case_reference: Annotated[NeededText, Field(max_length=100)]
    basis: Annotated[Basis, Field(description="Clause 47 (1) to (5) of the PIPL.")]
    document: Annotated[
        str,
        Field(
            pattern=r"^[0-9A-Za-z][0-9A-Za-z._/-]{0,99}$",
            description="The number of the written request; never a name or an identity number.",
            examples=["SC-2026-0007"],
        ),
    ]

    def to_domain(self) -> NewRequest:
        return NewRequest(self.case_reference, self.basis, self.document)


class ErasedOut(BaseModel):
    """A subject that was erased; the digest stands in the audit trail, too."""

    subject: str
    digest: str


class ErasureOut(BaseModel):
    """A request as it stands. `refused`: `why` says what holds it, or that it was decided so."""

    id: str
    region: str
    case_reference: str
    basis: Basis
    document: str
    state: Literal["requested", "refused", "done"]
    why: Why | None
    subjects: Annotated[int, Field(description="Verifications, and the place on the roster.")]
    requested_by: str
    requested_at: str
    decided_by: str | None
    decided_at: str | None


class ErasureShownOut(ErasureOut):
    """With what was erased, and whether the database's own files are clean of it."""

    erased: list[ErasedOut]
    on_disk: Annotated[
        Literal["clean", "pending"],
        Field(description="`pending`: the log or dead rows hold it until the next cleaning."),
    ]


class ErasuresOut(BaseModel):
    """A page, the newest first."""

    erasures: list[ErasureOut]
    next: str | None
