"""/oauth/token: client credentials for a short-lived bearer token (RFC 6749 §4.4)."""

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict, Field

from app.access.tokens import TOKEN_SECONDS, secret_matches
from app.api.deps import Service
from app.api.schemas import documented as doc
from app.api.schemas.verification import TokenOut
from app.domain.errors import NotAllowed, NotAuthenticated
from app.store.scope import Crossing, across

router = APIRouter(tags=["access"])


class TokenForm(BaseModel):
    """The form of RFC 6749 §4.4.2."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    grant_type: Annotated[str, Field(max_length=40)]
    scope: Annotated[str, Field(max_length=200)] = ""
    client_id: Annotated[str, Field(max_length=100)] = ""
    client_secret: Annotated[str, Field(max_length=200)] = ""


@router.post("/oauth/token", summary="A bearer token", responses=doc.TOKEN)
async def token(request: Request, service: Service, form: Annotated[TokenForm, Form()]) -> TokenOut:
    """By HTTP Basic or in the form; scopes default to all of the client's."""
    if form.grant_type != "client_credentials":
        raise NotAllowed("only the grant client_credentials is known")
    given = _basic(request.headers.get("authorization", ""))
    id_, secret = given or (form.client_id, form.client_secret)
    with across(Crossing.SIGN_IN):
        client = await service.shelf.database.read(lambda tx: service.clients.get(tx, id_))
    if not secret_matches(service.cipher, client, secret) or client is None:
        raise NotAuthenticated("unknown client, or its secret is another")
    asked = tuple(form.scope.split()) or client.scopes
    if not set(asked) <= set(client.scopes):
        raise NotAllowed("the client does not have these scopes")
    issued = service.tokens.issue(client, asked)
    return TokenOut(access_token=issued, expires_in=TOKEN_SECONDS, scope=" ".join(asked))


def _basic(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    id_, colon, secret = text.partition(":")
    return (id_, secret) if colon else None
