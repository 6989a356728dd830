"""/oauth/token: a client proves itself for a short-lived bearer token (RFC 6749 §4.4)."""

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict, Field

from app.access.clients import Proof
from app.access.tokens import TOKEN_SECONDS
from app.api.callers import certificate_of
from app.api.deps import Service
from app.api.schemas import documented as doc
from app.api.schemas.verification import JwkOut, JwksOut, TokenOut
from app.api.watched import CLIENT
from app.domain.errors import TokenRefused
from app.wiring_types import Parts

router = APIRouter(tags=["access"])


class TokenForm(BaseModel):
    """The form of RFC 6749 §4.4.2, with the proofs of RFC 7523 §2.2."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    grant_type: Annotated[str, Field(max_length=40)] = ""
    scope: Annotated[str, Field(max_length=200)] = ""
    client_id: Annotated[str, Field(max_length=100)] = ""
    client_secret: Annotated[str, Field(max_length=200)] = ""
    client_assertion_type: Annotated[str, Field(max_length=100)] = ""
    client_assertion: Annotated[str, Field(max_length=4_096)] = ""


@router.post("/oauth/token", summary="A bearer token", responses=doc.TOKEN)
async def token(request: Request, service: Service, form: Annotated[TokenForm, Form()]) -> TokenOut:
    """By a secret (HTTP Basic or form), `private_key_jwt`, or a certificate (`tls_client_auth`).

    Scopes default to all of the client's. Where a certificate was shown, the token is bound to it.
    """
    return await issued(request, service, form)


async def issued(request: Request, service: Parts, form: TokenForm) -> TokenOut:
    """The token that the form asks for. Raises `TokenRefused`."""
    if not form.grant_type:
        raise TokenRefused("invalid_request", "grant_type is missing")
    if form.grant_type != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "only client_credentials is known")
    proof = _proof(request, service, form)
    client = await service.gate.authentication.known(proof)
    request.scope[CLIENT] = client.client_id
    asked = tuple(dict.fromkeys(form.scope.split())) or client.scopes
    if not set(asked) <= set(client.scopes):
        raise TokenRefused("invalid_scope", "the client does not have these scopes")
    shown = proof.certificate
    made = service.tokens.issue(
        client, asked, certificate=None if shown is None else shown.thumbprint
    )
    return TokenOut(access_token=made, expires_in=TOKEN_SECONDS, scope=" ".join(asked))


def _proof(request: Request, service: Parts, form: TokenForm) -> Proof:
    given = _basic(request.headers.get("authorization", ""))
    if given is not None and (form.client_secret or form.client_assertion):
        raise TokenRefused("invalid_request", "a client proves itself in one way at a time")
    id_, secret = given or (form.client_id, form.client_secret)
    return Proof(
        client_id=id_,
        secret=secret,
        assertion_type=form.client_assertion_type,
        assertion=form.client_assertion,
        certificate=certificate_of(request.scope, service),
    )


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


@router.get(
    "/.well-known/jwks.json",
    summary="Public keys of access tokens and DCI messages",
    responses=doc.PUBLIC,
    response_model_exclude_none=True,
)
async def jwks(service: Service) -> JwksOut:
    """As a JWK set (RFC 7517); a key signs for 30 days, and its neighbours are shown with it.

    With them those of the DCI interface: what its messages are signed with, and encrypted for.
    """
    return key_set(service)


def key_set(service: Parts) -> JwksOut:
    """All public keys that partners need."""
    shown = [*service.tokens.public_keys(), *service.registry.own.public()]
    return JwksOut(keys=[JwkOut(**key) for key in shown])
