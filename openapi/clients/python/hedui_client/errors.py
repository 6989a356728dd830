"""What can go wrong, as types; no message holds a value that was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from hedui_client.models import VerificationOut


class HeduiError(Exception):
    """Whatever this package raises."""


class Unreachable(HeduiError):  # noqa: N818 - what happened, as in the service
    """No answer came; `is_unsent` where the connection could not even be opened."""

    def __init__(self, cause: httpx.TransportError) -> None:
        super().__init__(f"no answer of the service: {type(cause).__name__}")
        self.is_unsent = isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout)


class NotFinal(HeduiError):  # noqa: N818 - what happened, as in the service
    """The verification was not final in time; `verification` is how it stands."""

    def __init__(self, verification: VerificationOut) -> None:
        super().__init__(f"{verification['id']} is {verification['status']}: ask again later")
        self.verification = verification


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a request: a JSON pointer into it, the rule's name, and words."""

    pointer: str
    code: str
    detail: str


class Problem(HeduiError):  # noqa: N818 - what happened, as in the service
    """The service refused: problem details of RFC 9457.

    `type` is `about:blank` where something before the service answered; `retry_after` in seconds.
    """

    def __init__(self, reply: httpx.Response) -> None:
        document = _document(reply)
        self.status = reply.status_code
        self.type = str(document.get("type", "about:blank"))
        self.title = str(document.get("title", reply.reason_phrase))
        self.faults = tuple(_fault(one) for one in _list(document.get("errors")))
        self.retry_after = _seconds(reply.headers.get("retry-after", ""))
        where = "".join(f"; {one.pointer}: {one.code}" for one in self.faults)
        super().__init__(f"{self.status} {self.title}{where}")


class NotAuthenticated(Problem):
    """401: the client's id, secret or token does not hold."""


class NotAllowed(Problem):
    """403: not within the client's scopes, region, programmes or purposes."""


class NotFound(Problem):
    """404: there is no such thing, or not for this client."""


class Conflict(Problem):
    """409: not in the state in which it is."""


class Erased(Problem):
    """410: its data were erased."""


class InvalidRequest(Problem):
    """422: `faults` says where and what."""


class TooManyCalls(Problem):
    """429: more than the client may call in this window of time."""


class Unavailable(Problem):
    """503: not just now."""


_BY_STATUS: Final[Mapping[int, type[Problem]]] = {
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    410: Erased,
    422: InvalidRequest,
    429: TooManyCalls,
    503: Unavailable,
}


def problem_of(reply: httpx.Response) -> Problem:
    """The error that a read answer tells of."""
    return _BY_STATUS.get(reply.status_code, Problem)(reply)


def _document(reply: httpx.Response) -> Mapping[str, object]:
    if not reply.headers.get("content-type", "").startswith("application/problem+json"):
        return {}
    document = reply.json()
    return document if isinstance(document, dict) else {}


def _list(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _fault(one: Mapping[str, object]) -> Fault:
    return Fault(*(str(one.get(name, "")) for name in ("pointer", "code", "detail")))


def _seconds(header: str) -> float | None:
    return float(header) if header.isascii() and header.isdigit() else None
