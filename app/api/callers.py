"""The client behind a request: its bearer token, its certificate, its standing; found out once."""

from typing import Final

from starlette.types import Scope

from app.access.certificates import Certificate
from app.access.tokens import Caller
from app.api.watched import CLIENT
from app.domain.errors import NotAuthenticated
from app.store.clients import Client
from app.wiring_types import Parts

_BEARER: Final = b"bearer "
_FOUND: Final = "hedui.bearer"


def certificate_of(scope: Scope, service: Parts) -> Certificate | None:
    """Raises `UntrustedProxy` where it is shown by somebody who may not."""
    return service.gate.peers.certificate(scope.get("client"), scope["headers"])


def address_of(scope: Scope, service: Parts) -> str:
    """Of whoever called, behind proxies that are trusted."""
    return service.gate.peers.address(scope.get("client"), scope["headers"])


async def bearer(scope: Scope, service: Parts) -> tuple[Caller, Client]:
    """The client and what it may do now.

    Raises `NotAuthenticated`, `UntrustedProxy`, `StorageUnavailable`.
    """
    if _FOUND not in scope:
        header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if not header.lower().startswith(_BEARER):
            raise NotAuthenticated("a bearer token is needed")
        token = header[len(_BEARER) :].strip().decode("latin-1")
        shown = certificate_of(scope, service)
        who = service.tokens.check(token, certificate=None if shown is None else shown.thumbprint)
        scope[_FOUND] = await service.gate.standing.of(who)
        scope[CLIENT] = who.actor
    found: tuple[Caller, Client] = scope[_FOUND]
    return found


def rates_of(scope: Scope) -> str:
    """The client's own limits, once its token was checked; of people there are none."""
    found: tuple[Caller, Client] | None = scope.get(_FOUND)
    return "" if found is None else found[1].rates
