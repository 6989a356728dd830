"""Plays registries that speak DCI over real HTTP: tokens, signatures, pages, calls back."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from joserfc.jwk import OKPKey, RSAKey

from connectors.dci.encryption import decrypt, encrypt
from connectors.dci.keys import KeyPair
from connectors.dci.signatures import Dialect, Signed, check, sign

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
OURS = OKPKey.generate_key("Ed25519")
THEIRS = OKPKey.generate_key("Ed25519")
THEIR_BOX = RSAKey.generate_key(2_048)
OUR_BOX = RSAKey.generate_key(2_048)
SENDER = "hedui.example"
Answer = Callable[[dict[str, Any]], Any]


def jwk(key: KeyPair, *, private: bool = False) -> str:
    return json.dumps(key.as_dict(private=private))


def jwks(*keys: KeyPair) -> str:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def item(request: dict[str, Any], records: Any, *, total: int | None = None, **more: Any) -> Any:
    """A `search_response` for the first search of a message."""
    asked = request["message"]["search_request"][0]
    page = asked["search_criteria"]["pagination"]
    return {
        "reference_id": asked["reference_id"],
        "timestamp": "2026-11-24T10:00:00Z",
        "status": "succ",
        "data": {"version": "1.0.0", "reg_records": records},
        "pagination": {**page, "total_count": len(records) if total is None else total},
        **more,
    }


def found(records: Sequence[Any], *, total: int | None = None) -> Answer:
    return lambda request: [item(request, list(records), total=total)]


@dataclass
class Registry:
    """What a registry says to each search, one after another, the last one for ever.

    `dialect`: how it signs; `stub`: that it does not; `status`: of the header.
    """

    answers: list[Answer]
    dialect: Dialect = Dialect.OPENSPP
    key: KeyPair = field(default_factory=lambda: THEIRS)
    callers: tuple[KeyPair, ...] = (OURS,)
    status: str = "succ"
    encrypts: bool = False
    changed: Callable[[dict[str, Any]], dict[str, Any]] = lambda envelope: envelope
    asked: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    said: str = "application/json"

    async def __call__(self, request: web.Request) -> web.Response:
        if request.path.endswith("/oauth2/client/token"):
            return await self._token(request)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.tokens and (bearer not in self.tokens or bearer in self.refused):
            return web.json_response({"errors": [{"code": "401"}]}, status=401)
        envelope = json.loads(await request.read())
        if envelope["signature"] != "unsigned-stub":
            signed = Signed(envelope["header"], envelope["message"])
            check(envelope["signature"], signed, self.callers, now=NOW, sender=SENDER)
        if envelope["header"]["is_msg_encrypted"]:
            envelope["message"] = decrypt(envelope["message"], (THEIR_BOX,))
        self.asked.append(envelope)
        if request.path.endswith("/registry/search"):
            return web.json_response({"message": {"ack_status": "rcvd", "correlation_id": "c-1"}})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        body = json.dumps(self.reply(envelope, answer(envelope)), ensure_ascii=False)
        return web.Response(text=body, content_type=self.said)

    def reply(self, envelope: dict[str, Any], items: Any) -> dict[str, Any]:
        """The signed reply to a search."""
        header = {
            "version": "1.0.0",
            "message_id": "r-1",
            "message_ts": "2026-11-24T10:00:00Z",
            "action": "on-search",
            "status": self.status,
            "sender_id": "registry.example",
            "total_count": 1,
        }
        transaction = envelope["message"]["transaction_id"]
        message: Any = {
            "transaction_id": transaction,
            "correlation_id": "c-1",
            "search_response": items,
        }
        if self.encrypts:
            message = encrypt(message, OUR_BOX)
        signature = sign(
            self.dialect, self.key, Signed(header, message), now=NOW, sender="registry.example"
        )
        return self.changed({"signature": signature, "header": header, "message": message})

    async def _token(self, request: web.Request) -> web.Response:
        fields = {**request.query, **(await request.post())}
        assert fields["client_id"] == "hedui"
        assert fields["client_secret"] == "s"
        self.tokens.append(f"t{len(self.tokens)}")
        return web.json_response(
            {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": "600"}
        )
