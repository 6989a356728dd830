"""/v1/assistance: another verification centre asks about a person of our regions 异地协查.

Every call is signed (RFC 9421) beside its token, and so is every answer. An answer names the call
that it answers, so that none can stand for another.
"""

import re
from datetime import timedelta
from hashlib import sha256
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response

from app.access.clients import check_within
from app.access.tokens import Caller
from app.api.deps import MayAssist, Service
from app.api.notices import JWKS, JwkSetResponse
from app.api.schemas import documented as doc
from app.api.schemas import documented_assistance as of_assistance
from app.assistance.replied import answer_of
from app.domain.errors import FieldError, HeduiError, InvalidRequest, NotFound
from app.domain.household import Purpose
from app.store.assistance import StoredAssistance
from app.wiring_types import Parts
from connectors.centre.messages import ANSWERING, ASKING, TAG, Question, read_question
from connectors.failure import SourceError
from connectors.transport.signatures import (
    GOOD_FOR,
    SKEW,
    Expected,
    ReplyHead,
    RequestHead,
    SignatureRefused,
    check_signature,
    content_digest,
)

router = APIRouter(prefix="/v1/assistance", tags=["assistance"])
_PATIENCE: Final = 5.0  # seconds that a call waits for our source
_NONCE: Final = re.compile(r"[0-9A-Za-z_-]{16,100}")


@router.get(
    "/keys",
    summary="The public key of what this centre says to others",
    response_class=JwkSetResponse,
    responses={200: {"content": {"application/jwk-set+json": {"schema": JWKS}}}, **doc.PUBLIC},
)
async def public_keys(service: Service) -> Response:
    """For whoever registers this centre as a client, and for whoever it answers."""
    headers = {"Cache-Control": "public, max-age=3600"}
    return JwkSetResponse(orjson.dumps(service.assistance.signer.jwks()), headers=headers)


@router.post("", summary="Ask about one person", responses=of_assistance.ANSWERED)
async def ask(request: Request, body: Question, service: Service, who: MayAssist) -> Response:
    """One person at one source. The same request gives the same answer; 202: not there yet."""
    raw = await request.body()
    nonce = await _signed(request, service, who, raw)
    try:
        question = _question(raw)
        check_within(
            who,
            Purpose(question.purpose),
            question.programmes,
            question.person.registered_region,
        )
    except HeduiError:
        await _refused(service, who, "question")
        raise
    stored = await service.shelf.database.write(
        lambda tx: service.assistance.desk.accept(tx, who, question, raw)
    )
    return await _answer(service, who, stored, nonce)


@router.get("/{assistance_id}", summary="Look for the answer", responses=of_assistance.LOOKED_FOR)
async def look(request: Request, assistance_id: str, service: Service, who: MayAssist) -> Response:
    """Of a question that this client put. 202: it is not there yet."""
    nonce = await _signed(request, service, who, b"")
    return await _answer(service, who, await _stored(service, who, assistance_id), nonce)


async def _answer(service: Parts, who: Caller, stored: StoredAssistance, nonce: str) -> Response:
    """After a moment for our source; signed."""
    if not stored.is_answered:
        service.assistance.engine.submit(stored.id)
        await service.assistance.desk.wait(stored.id, _PATIENCE)
        stored = await _stored(service, who, stored.id)
    answer = answer_of(stored, nonce=nonce, question=content_digest(stored.question))
    body, status = answer.to_bytes(), 200 if stored.is_answered else 202
    head = ReplyHead(status, {"content-digest": content_digest(body)})
    service.assistance.signer.sign_message(head, service.now(), ANSWERING, tag=TAG)
    return Response(body, status, headers=head.headers, media_type="application/json")


async def _stored(service: Parts, who: Caller, id_: str) -> StoredAssistance:
    stored = await service.shelf.database.read(
        lambda tx: service.assistance.desk.stored.get(tx, id_, who.actor)
    )
    if stored is None:
        raise NotFound("no such question")
    return stored


def _question(raw: bytes) -> Question:
    """From the very bytes that are signed."""
    try:
        question = read_question(raw)
        known = question.purpose in {one.value for one in Purpose}
    except SourceError as error:
        raise InvalidRequest((FieldError("", "body.invalid", error.failure.detail),)) from None
    if not known:
        raise InvalidRequest((FieldError("/purpose", "purpose.unknown", "no such purpose"),))
    return question


async def _signed(request: Request, service: Parts, who: Caller, raw: bytes) -> str:
    """The nonce of a signature that holds, by a key of this client's, used for the first time.

    Raises `InvalidRequest` (a 401 would tell of the token); what was refused stands on the trail.
    """
    now = service.now()
    keys = await service.shelf.database.read(lambda tx: service.clients.keys(tx, who.actor))
    jwks = [orjson.loads(one.value) for one in keys if one.kind == "jwk" and one.holds(now)]
    head = RequestHead(request.method, request.url.path, dict(request.headers))
    expected = Expected(covered=ASKING, tag=TAG, body=raw, now=now)
    try:
        signed = check_signature(head, jwks, expected)
    except SignatureRefused as refused:
        words = str(refused)
    else:
        words = "" if _NONCE.fullmatch(signed.nonce) else "the nonce is none"
    if not words:
        digest = sha256(f"assistance {signed.nonce}".encode()).hexdigest()
        until = now + GOOD_FOR + 2 * SKEW + timedelta(seconds=1)
        is_first = await service.shelf.database.write(
            lambda tx: service.clients.use_assertion(tx, who.actor, digest, until)
        )
        words = "" if is_first else "the call came before"
    if words:
        await _refused(service, who, "signature")
        raise InvalidRequest((FieldError("", "signature.refused", words),))
    return signed.nonce


async def _refused(service: Parts, who: Caller, reason: str) -> None:
    """That a client with a token sent what was not taken."""
    await service.shelf.database.write(
        lambda tx: service.audit.append(
            tx,
            actor=who.actor,
            action="assistance_refused",
            about=(who.actor, who.region),
            details={"reason": reason},
        )
    )
