"""What is decided on a consent 授权: refused or not; and what takes it back."""

from dataclasses import dataclass, field
from datetime import datetime

from app.domain.evidence import Unasked


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a source is not asked about somebody: typed, and in words without any person's data."""

    reason: Unasked
    words: str


@dataclass(frozen=True, slots=True)
class ConsentDecision:
    """Whether a question is covered at a moment, and why not."""

    refusal: Refusal | None
    at: datetime

    @property
    def covered(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A consent that was taken back 撤回授权, since when, and how much of it.

    `number`: of the one person who took it back (as it compares), None: all; `source`: the one
    source that may not be asked any more, None: all.
    """

    region: str
    reference: str
    at: datetime
    number: str | None = field(default=None, repr=False)
    source: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.number is None and self.source is None
