"""/v1/notices: with what a client checks that a notice 回调通知 is the service's own."""

import orjson
from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.api.deps import ClientReads, Service
from app.api.schemas import documented as doc

router = APIRouter(tags=["notices"])


class NoticeKeyOut(BaseModel):
    """The client's own key; `X-Hedui-Signature` is `sha256=` and the HMAC in hex."""

    algorithm: str = "HMAC-SHA256"
    key: str
    signed: str = "X-Hedui-Timestamp + '.' + body"


class PublicKeyOut(BaseModel):
    """An Ed25519 public key as a JWK (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class JwkSetResponse(Response):
    media_type = "application/jwk-set+json"


JWKS = {
    "type": "object",
    "description": "A JWK set (RFC 7517).",
    "required": ["keys"],
    "properties": {"keys": {"type": "array", "items": PublicKeyOut.model_json_schema()}},
}


@router.get(
    "/v1/notices/key",
    summary="The key that notices to this client are signed with",
    responses=doc.GUARDED,
)
async def notice_key(service: Service, who: ClientReads) -> NoticeKeyOut:
    """In hex, 32 bytes; another client has another one."""
    return NoticeKeyOut(key=service.notice_key(who.actor).hex())


@router.get(
    "/v1/notices/keys",
    summary="The public key of the HTTP message signatures on notices",
    response_class=JwkSetResponse,
    responses={200: {"content": {"application/jwk-set+json": {"schema": JWKS}}}, **doc.PUBLIC},
)
async def public_keys(service: Service) -> Response:
    """For anybody: `Signature` (RFC 9421, Ed25519) verifies with the key that its `keyid` names."""
    body = orjson.dumps(service.notice_signer.jwks())
    headers = {"Cache-Control": "public, max-age=3600"}
    return JwkSetResponse(body, headers=headers)
