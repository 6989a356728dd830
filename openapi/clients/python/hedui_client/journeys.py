"""What takes several calls, told once for both clients: yields what is to be done next."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from hedui_client import operations
from hedui_client.call import Call
from hedui_client.errors import NotFinal
from hedui_client.models import VerificationIn, VerificationOut

T = TypeVar("T")
DONE: Final = frozenset({"final", "cancelled"})
WAITS_FOR_A_PERSON: Final = "in_review"
_MOST_AT_ONCE: Final = 60.0
"""Seconds that the service holds an answer back at most."""


@dataclass(frozen=True, slots=True)
class Pause:
    """So many seconds until the next call."""

    seconds: float


Journey: TypeAlias = Generator[Call[Any] | Pause, Any, T]


def verified(body: VerificationIn, wait: float, key: str | None) -> Journey[VerificationOut]:
    """The household is verified; it stands as it does when it is done or the wait is over."""
    first = min(wait, _MOST_AT_ONCE)
    prefer = f"wait={first:.0f}" if first >= 1 else None
    verification: VerificationOut = yield operations.create_verification(
        body, prefer=prefer, idempotency_key=key
    )
    is_open = verification["status"] not in (*DONE, WAITS_FOR_A_PERSON)
    if is_open and wait > first:
        verification = yield from _settled(verification, wait - first, (*DONE, WAITS_FOR_A_PERSON))
    return verification


def final(verification_id: str, within: float) -> Journey[VerificationOut]:
    """Asked for until it is final or cancelled. Raises `NotFinal`."""
    verification = yield operations.verification(verification_id)
    verification = yield from _settled(verification, within, tuple(DONE))
    if verification["status"] not in DONE:
        raise NotFinal(verification)
    return verification


def _settled(
    verification: VerificationOut, within: float, wanted: tuple[str, ...]
) -> Journey[VerificationOut]:
    """Asked for after ever longer pauses, until it is as wanted or the time is over."""
    pause = 1.0
    while verification["status"] not in wanted and within > 0:
        pause = min(pause, within)
        yield Pause(pause)
        within -= pause
        verification = yield operations.verification(verification["id"])
        pause = min(pause * 1.5, 30.0)
    return verification


def next_page(page: Mapping[str, Any]) -> Call[Any] | None:
    """The call for the page after this one; None after the last."""
    address = page.get("next")
    return None if address is None else Call("GET", address)
