"""X-Road REST 1.0: calls go through our own Security Server 安全服务器 to another member's.

The address names the service, headers name the client and the message, and `X-Road-Error` tells a
fault of the way from one of the provider (X-Road Message Transport Protocol for REST, PR-REST).
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from connectors.failure import Failure, FailureKind

SETTING: Final = "x_road"
"""A source with this section in its settings is asked through X-Road."""
PROTOCOL: Final = "r1"
KEPT: Final = ("x-road-id", "x-road-request-id", "x-road-request-hash", "x-road-service")
"""Headers of a reply that prove which message it was: the Security Server signed and logged it."""
_KEYS: Final = ("security_server", "client", "service", "user_id")
_CLIENT_PARTS: Final = (3, 4)
"""Instance, class, member, and as wanted a subsystem."""
_SERVICE_PARTS: Final = (4, 5)
"""The same and the service's code."""
_PLAIN: Final = re.compile(r"[\x21-\x7e]{1,255}")
_CODE: Final = re.compile(r"[A-Za-z.]{1,80}")
_OURS: Final[Mapping[str, FailureKind]] = {
    "Client.": FailureKind.REFUSED,
    "Server.ServerProxy.AccessDenied": FailureKind.REFUSED,
    "Server.ServerProxy.UnknownService": FailureKind.REJECTED,
    "Server.ServerProxy.ServiceDisabled": FailureKind.UNAVAILABLE,
    "Server.ClientProxy.LoggingFailed": FailureKind.UNAVAILABLE,
    "Server.": FailureKind.UNAVAILABLE,
}
"""By the error's beginning, the longest first that fits."""


@dataclass(frozen=True, slots=True)
class XRoad:
    """The way to one service; all parts checked and percent-encoded."""

    base_url: str
    client: str
    user_id: str = ""

    def headers(self, issue: str) -> dict[str, str]:
        """Of one message. `issue`: our reference of the asking, which both logs then show."""
        named = {
            "X-Road-Client": self.client,
            "X-Road-Id": str(uuid.uuid4()),
            "X-Road-UserId": self.user_id,
            "X-Road-Issue": issue,
        }
        return {name: value for name, value in named.items() if value}


def read_x_road(name: str, config: Mapping[str, Any]) -> XRoad:
    """The section of a source's settings. Raises `ValueError` naming the key at fault."""
    unknown = sorted(config.keys() - set(_KEYS))
    if unknown:
        raise ValueError(f"{name}: {SETTING}/{unknown[0]} is no setting of X-Road")
    server = config.get("security_server")
    if not isinstance(server, str) or not server.strip():
        raise ValueError(f"{name}: {SETTING}/security_server is missing")
    client = _identifier(name, "client", config.get("client"), _CLIENT_PARTS)
    service = _identifier(name, "service", config.get("service"), _SERVICE_PARTS)
    user = config.get("user_id", "")
    if not isinstance(user, str) or (user and _PLAIN.fullmatch(user) is None):
        raise ValueError(f"{name}: {SETTING}/user_id is plain text")
    return XRoad(f"{server.strip().rstrip('/')}/{PROTOCOL}/{service}", client, user)


def _identifier(name: str, key: str, value: object, parts: tuple[int, ...]) -> str:
    """`INSTANCE/CLASS/MEMBER/…` with each part encoded: a member's code may hold anything."""
    given = [one.strip() for one in value.split("/")] if isinstance(value, str) else []
    if len(given) not in parts or not all(given):
        raise ValueError(f"{name}: {SETTING}/{key} has {' or '.join(map(str, parts))} parts")
    return "/".join(quote(one, safe="") for one in given)


def fault_of(headers: Mapping[str, str], source: str) -> Failure | None:
    """A fault of the way itself; None where the provider answered, whatever its status.

    `headers`: of a reply, with names in lower case. The message is not read: it may quote a person.
    """
    error = headers.get("x-road-error")
    if error is None:
        return None
    code = error.strip()
    shown = code if _CODE.fullmatch(code) else "an error of its own"
    fitting = [begun for begun in _OURS if code.startswith(begun)]
    kind = _OURS[max(fitting, key=len)] if fitting else FailureKind.UNAVAILABLE
    return Failure(kind, f"{source}: X-Road says {shown}")


def proof_of(headers: Mapping[str, str]) -> bytes:
    """What is kept of a reply's headers beside its body; empty where there is nothing."""
    lines = [f"{name}: {headers[name]}" for name in KEPT if headers.get(name)]
    return "\n".join(lines).encode()
