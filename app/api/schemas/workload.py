"""The shapes of what waits for a member of staff: counts alone."""

from typing import Annotated, Final

from pydantic import BaseModel, Field

MOST_COUNTED: Final = 1_000
"""Of a worklist that is longer nobody reads the number beside its name."""


class WorkloadOut(BaseModel):
    """What waits, by part of the review UI; `sources`: those that are left alone after failures."""

    review: Annotated[
        int, Field(description=f"{MOST_COUNTED} stands for as many or more: no more are counted.")
    ]
    alerts: int
    objections: int
    sources: int


class ReviewLoadOut(BaseModel):
    """Of one kind: what waits, what the caller holds, what needs a second person.

    `due`: by the end of today or before; `returned`: two persons differ, or a word was taken back.
    """

    kind: str
    waiting: int
    mine: int
    second: int
    due: int
    returned: int


class AlertLoadOut(BaseModel):
    """Open alerts; `returned`: the caller's, which another person sent back."""

    open: int
    mine: int
    to_check: int
    due_today: int
    overdue: int
    returned: int


class LooksOut(BaseModel):
    """What the caller was shown today, by the audit trail."""

    cases: int
    lists: int
    exports: int


class OwnWorkloadOut(BaseModel):
    """Null where the caller's roles do not open it."""

    reviews: list[ReviewLoadOut] | None
    alerts: AlertLoadOut | None
    objections: Annotated[int | None, Field(description="Filed and not answered yet.")]
    looks: LooksOut
