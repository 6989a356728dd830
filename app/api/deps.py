"""What routes are handed: the service's parts and the caller."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import APIKeyCookie, OAuth2

from app.access.tokens import Caller
from app.api.callers import bearer
from app.api.csrf import check_request, session_of
from app.api.watched import CLIENT
from app.domain.errors import NotAllowed, NotAuthenticated
from app.store.scope import Crossing, across, see
from app.wiring_types import Parts

CLIENT_TOKEN = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/oauth/token",
            scopes={
                "verify": "have households verified",
                "batch": "have rosters verified",
                "read": "read verifications, evidence and reports",
                "eligibility": "read outcomes alone, without income and assets",
                "review": "say whose a record is, read drawn decisions of audits",
                "audit": "draw audit samples, see what they measure",
                "erase": "have a case's data erased, where another person agrees",
                "dci": "search for persons and households by their identifiers, as a DCI partner",
                "dci_wide": "search for households by what is known of them, as a DCI partner",
                "assist": "as another verification centre, ask about persons of the region",
            },
        )
    ),
    scheme_name="client",
    description="A client's id and secret for a bearer token of ten minutes.",
    auto_error=False,
)
"""For the interface's document: `caller` does the checking."""
_SESSION = APIKeyCookie(
    name="__Host-hedui",
    scheme_name="session",
    description="The cookie of a member of staff who signed in; a changing request repeats the "
    "token of GET /v1/session in X-CSRF-Token.",
    auto_error=False,
)
"""For the interface's document, too."""


def parts(request: Request) -> Parts:
    """Everything that wiring built."""
    built: Parts = request.app.state.parts
    return built


Service = Annotated[Parts, Depends(parts)]


async def caller(request: Request, service: Service) -> Caller:
    """Whoever the token or the session's cookie names; the request sees that region alone."""
    header = request.headers.get("authorization", "")
    session = session_of(request, service.cookie)
    if session is not None:
        return await _staff(request, service, session, header)
    who, _ = await bearer(request.scope, service)
    see(who.region)
    return who


async def _staff(request: Request, service: Parts, session: str, header: str) -> Caller:
    """Whose session it is; what comes with a token as well is ambiguous, and refused."""
    if header:
        raise NotAuthenticated("either a token or a session, not both")
    with across(Crossing.SIGN_IN):
        who = await service.sessions.check(session)
    check_request(request, service.cookie, session)
    request.scope[CLIENT] = who.actor
    see(who.region)
    return who


def _scoped(scope: str, *others: str) -> object:
    """The scope, or one of the others that are worth as much here."""

    async def guard(
        who: Annotated[Caller, Depends(caller)],
        _: Annotated[str | None, Depends(CLIENT_TOKEN)],
        __: Annotated[str | None, Depends(_SESSION)],
    ) -> Caller:
        if not {scope, *others} & set(who.scopes):
            raise NotAllowed(f"the token lacks the scope {scope}", scopes=(scope, *others))
        return who

    return Security(guard, scopes=[scope])


def _client_scoped(scope: str) -> object:
    """For what a case system alone has: its notices, its subscriptions, its key."""

    async def guard(
        who: Annotated[Caller, Depends(caller)], _: Annotated[str | None, Depends(CLIENT_TOKEN)]
    ) -> Caller:
        if who.kind != "client" or scope not in who.scopes:
            raise NotAllowed(f"this is for client systems with the scope {scope}")
        return who

    return Security(guard, scopes=[scope])


def _staff_scoped(*scopes: str) -> object:
    """For people who signed in; one of the scopes suffices, none named: whoever it is."""

    async def guard(
        who: Annotated[Caller, Depends(caller)], _: Annotated[str | None, Depends(_SESSION)]
    ) -> Caller:
        if who.kind != "staff" or (scopes and not set(scopes) & set(who.scopes)):
            raise NotAllowed("you have no role that may do this", scopes=scopes)
        return who

    return Security(guard, scopes=list(scopes))


MayVerify = Annotated[Caller, _scoped("verify")]
MayBatch = Annotated[Caller, _scoped("batch")]
MayRead = Annotated[Caller, _scoped("read")]
MayReadReports = Annotated[Caller, _scoped("read", "masked")]
MayAskEligibility = Annotated[Caller, _scoped("eligibility", "read")]
MayReview = Annotated[Caller, _scoped("review")]
MayProve = Annotated[Caller, _scoped("review", "verify")]
MayAudit = Annotated[Caller, _scoped("audit")]
MayErase = Annotated[Caller, _scoped("erase")]
MayAssist = Annotated[Caller, _client_scoped("assist")]
ClientReads = Annotated[Caller, _client_scoped("read")]
AnyStaff = Annotated[Caller, _staff_scoped()]
MayReveal = Annotated[Caller, _staff_scoped("read", "masked")]
MayAccounts = Annotated[Caller, _staff_scoped("accounts")]
MayRoles = Annotated[Caller, _staff_scoped("roles")]
SeesAccounts = Annotated[Caller, _staff_scoped("accounts", "roles")]
MayAskAnew = Annotated[Caller, _staff_scoped("verify")]
MayHandle = Annotated[Caller, _staff_scoped("review")]
MayAnswer = Annotated[Caller, _staff_scoped("answer")]
MayAssign = Annotated[Caller, _staff_scoped("assign")]
MayTrail = Annotated[Caller, _staff_scoped("trail")]
MayProtect = Annotated[Caller, _staff_scoped("protect")]
