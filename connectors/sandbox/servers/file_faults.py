"""Faults of reply files that do not depend on what the file says."""

from random import Random
from typing import Final

from connectors.sandbox.faults import ANSWER, Fault
from connectors.sandbox.servers import payloads

FILES: Final = ANSWER | {
    Fault.GARBAGE,
    Fault.EMPTY,
    Fault.TRUNCATED_WITH_LENGTH,
    Fault.TRUNCATED_WITHOUT_LENGTH,
    Fault.WRONG_CONTENT_TYPE,
    Fault.WRONG_CHARSET,
    Fault.TEN_MEGABYTES,
    Fault.LATE,
    Fault.MISSING_OK,
}
"""What the reply files of the banks and of the securities' register can both show."""


def spoilt_file(body: bytes, fault: Fault | None, rng: Random) -> bytes:
    """The file's bytes as the fault leaves them.

    Truncated with length: cut in the middle. Without: cut after a whole line, so that all that is
    left parses, and only the last line (the trailer) is gone.
    """
    match fault:
        case Fault.GARBAGE:
            return payloads.garbage(rng)
        case Fault.EMPTY:
            return b""
        case Fault.TRUNCATED_WITH_LENGTH:
            return body[: len(body) // 2 + 1]
        case Fault.TRUNCATED_WITHOUT_LENGTH:
            lines = body.splitlines(keepends=True)
            return b"".join(lines[:-1]) if len(lines) > 1 else body[: len(body) // 2]
        case Fault.WRONG_CONTENT_TYPE:
            return payloads.HTML_PAGE.encode()
        case Fault.TEN_MEGABYTES:
            return payloads.padded(body)
        case _:
            return body
