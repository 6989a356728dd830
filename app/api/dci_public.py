"""What DCI partners need before they send a message: a token, keys, places, a sign of life."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request

from app.access.gate import DCI_TOKEN_PATH
from app.api import oauth
from app.api.deps import Service
from app.api.schemas import documented as doc
from app.api.schemas.verification import JwksOut, TokenOut
from app.domain.errors import TokenRefused

router = APIRouter(tags=["registry"])
keys = APIRouter(tags=["registry"])
"""Where the interface has a prefix, its partners look for keys below it."""
_SECRETS = ("client_secret", "client_id", "client_assertion")


@router.post(DCI_TOKEN_PATH, summary="A bearer token, as DCI asks for it", responses=doc.TOKEN)
async def token(
    request: Request, service: Service, form: Annotated[oauth.TokenForm, Form()]
) -> TokenOut:
    """As /oauth/token; DCI's names of scopes (`registry/search`) stand for `dci`.

    Credentials in the address are refused, for addresses stand in logs. `expires_in` is a number,
    as RFC 6749 has it and callers read it; DCI's own schema says text.
    """
    if any(name in request.query_params for name in _SECRETS):
        words = "credentials stand in the body: those in an address are in logs by now, renew them"
        raise TokenRefused("invalid_request", words)
    scopes = dict.fromkeys(_ours(one) for one in form.scope.replace(",", " ").split())
    return await oauth.issued(request, service, form.model_copy(update={"scope": " ".join(scopes)}))


def _ours(scope: str) -> str:
    return "dci" if scope.partition("/")[0].partition(".")[0] == "registry" else scope


@router.get("/.well-known/locations.json", summary="Places", responses=doc.PUBLIC)
async def locations(service: Service) -> dict[str, list[dict[str, Any]]]:
    """Divisions of the first level by GB/T 2260: a code begins with that of the one above."""
    return {"locations": service.registry.locations}


@router.get("/health", summary="The interface is there", responses=doc.PUBLIC)
async def health() -> dict[str, str]:
    """What OpenSPP asks before it sends."""
    return {"status": "up"}


@keys.get(
    "/.well-known/jwks.json",
    summary="Keys of the interface",
    responses=doc.PUBLIC,
    response_model_exclude_none=True,
)
async def jwks(service: Service) -> JwksOut:
    """The same as at the root."""
    return oauth.key_set(service)
