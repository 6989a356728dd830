"""What routes are handed: the service's parts and the caller."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from app.access.tokens import Caller
from app.api.watched import CLIENT
from app.domain.errors import NotAllowed, NotAuthenticated
from app.wiring_types import Parts

_BEARER = "bearer "
_CLIENT = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/oauth/token",
            scopes={
                "verify": "have households verified",
                "batch": "have rosters verified",
                "read": "read verifications, evidence and reports",
                "review": "say whose a record is, read drawn decisions of audits",
                "audit": "draw audit samples, see what they measure",
                "erase": "have a case's data erased, where another person agrees",
            },
        )
    ),
    scheme_name="client",
    description="A client's id and secret for a bearer token of ten minutes.",
    auto_error=False,
)
"""For the interface's document: `caller` does the checking."""


def parts(request: Request) -> Parts:
    """Everything that wiring built."""
    built: Parts = request.app.state.parts
    return built


Service = Annotated[Parts, Depends(parts)]


async def caller(request: Request, service: Service) -> Caller:
    """The client behind the bearer token."""
    header = request.headers.get("authorization", "")
    if not header.lower().startswith(_BEARER):
        raise NotAuthenticated("a bearer token is needed")
    who = service.tokens.check(header[len(_BEARER) :].strip())
    request.scope[CLIENT] = who.actor
    return who


def _scoped(scope: str) -> object:
    async def guard(
        who: Annotated[Caller, Depends(caller)], _: Annotated[str | None, Depends(_CLIENT)]
    ) -> Caller:
        if scope not in who.scopes:
            raise NotAllowed(f"the token lacks the scope {scope}")
        return who

    return Security(guard, scopes=[scope])


MayVerify = Annotated[Caller, _scoped("verify")]
MayBatch = Annotated[Caller, _scoped("batch")]
MayRead = Annotated[Caller, _scoped("read")]
MayReview = Annotated[Caller, _scoped("review")]
MayAudit = Annotated[Caller, _scoped("audit")]
MayErase = Annotated[Caller, _scoped("erase")]
