"""Who may use the DCI registry interface: a client with the scope `dci`; refused in DCI's form."""

from typing import Annotated, Final

from fastapi import Request, Security

from app.access.looking import Looker, origin_of
from app.api.deps import CLIENT_TOKEN, Service, caller
from app.domain.errors import NotAllowed, NotAuthenticated, PartnerRefused, UntrustedProxy

SCOPE: Final = "dci"


async def partner(request: Request, service: Service) -> Looker:
    """The client behind the token. Raises `PartnerRefused`."""
    try:
        who = await caller(request, service)
        if who.kind != "client" or SCOPE not in who.scopes:
            raise NotAllowed("this is for client systems with the scope dci")
    except (NotAuthenticated, NotAllowed, UntrustedProxy) as error:
        raise PartnerRefused(error) from None
    host = None if request.client is None else request.client.host
    return Looker.of(who, None, origin_of(host))


async def _gate(
    who: Annotated[Looker, Security(partner)], _: Annotated[str | None, Security(CLIENT_TOKEN)]
) -> Looker:
    return who


LooksRegistry = Annotated[Looker, Security(_gate, scopes=[SCOPE])]
