"""Why an answer is missing, and whether it may be asked for again."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class FailureKind(StrEnum):
    """The typed reasons for which a source's answer is unknown."""

    UNREACHABLE = "unreachable"  # refused, no such host, connection reset
    TIMED_OUT = "timed_out"  # the call's or the reply's total deadline passed
    UNAVAILABLE = "unavailable"  # the source says that it is down or busy (HTTP 5xx, error code)
    RATE_LIMITED = "rate_limited"  # too many requests, by the source's word
    REFUSED = "refused"  # our credentials were refused
    REJECTED = "rejected"  # the request itself was refused; a repeat would be refused too
    MALFORMED = "malformed"  # not what the interface document describes; damaged, truncated
    TOO_LARGE = "too_large"  # over the size limit before parsing
    MISMATCHED = "mismatched"  # belongs to another request or another person
    UNMAPPED = "unmapped"  # a code or a value that the mapping does not know
    EXPIRED = "expired"  # the source no longer keeps the result
    INCOMPLETE = "incomplete"  # some parts or institutions did not answer
    BREAKER_OPEN = "breaker_open"  # not asked: the source failed too often just now
    NOT_PERMITTED = "not_permitted"  # our own gate: no consent at the moment of sending


REPEATABLE = frozenset(
    {
        FailureKind.UNREACHABLE,
        FailureKind.TIMED_OUT,
        FailureKind.UNAVAILABLE,
        FailureKind.RATE_LIMITED,
        FailureKind.EXPIRED,
        FailureKind.MALFORMED,
        FailureKind.INCOMPLETE,
        FailureKind.BREAKER_OPEN,
    }
)
"""Kinds for which asking again later can help (where the source's document allows a repeat)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One missing answer: its kind, words without any person's data, and the pause asked for.

    `code`: of what our own gate refused, why, in its own words.
    """

    kind: FailureKind
    detail: str
    retry_after: timedelta | None = None
    code: str = ""

    @property
    def repeatable(self) -> bool:
        return self.kind in REPEATABLE


class SourceError(Exception):
    """A source could not be read; carries the failure, never a person's data."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.kind}: {failure.detail}")
        self.failure = failure

    @classmethod
    def of(
        cls, kind: FailureKind, detail: str, *, retry_after: timedelta | None = None
    ) -> "SourceError":
        return cls(Failure(kind, detail, retry_after))


class NotPermitted(Exception):  # noqa: N818 - a refusal of ours, not a fault
    """Our own gate refused the sending (no valid consent 授权 at this moment)."""

    def __init__(self, detail: str, code: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code

    @property
    def failure(self) -> Failure:
        """The answer that is missing for it."""
        return Failure(FailureKind.NOT_PERMITTED, self.detail, code=self.code)
