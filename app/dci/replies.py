"""Answers as they leave: enveloped and signed, acknowledgements, refusals."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.dci.endpoints import Endpoint
from app.dci.keys import OwnKeys
from app.dci.received import Answer, Received
from app.dci.refusals import MessageRefused
from app.domain.instants import rfc3339
from connectors.dci.codes import VERSION, AckStatus, Action, HeaderCode, Status
from connectors.dci.encryption import encrypt
from connectors.dci.signatures import Dialect, Signed, sign

_NAME: Final = re.compile(r"[\x21-\x7e]{1,99}")


@dataclass(frozen=True, kw_only=True)
class Replies:
    """Writes what partners get. A partner that signs gets its own dialect back; one that sends
    stubs gets a detached JWS, which it need not read."""

    own: OwnKeys
    now: Callable[[], datetime]
    new_id: Callable[[str], str]

    def of(self, received: Received, answer: Answer) -> dict[str, Any]:
        """The answer to a message, encrypted where the message was."""
        return self.signed(*self.parts(received, answer), received.dialect)

    def parts(
        self, received: Received, answer: Answer, message_id: str = ""
    ) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """Header and message before they are signed; `message_id`: one of its own, for a call."""
        header: dict[str, Any] = {
            "version": VERSION,
            "message_id": message_id or received.header.message_id,
            "message_ts": rfc3339(self.now()),
            "action": (received.endpoint.reply or Action.ON_SEARCH).value,
            "status": answer.status.value,
            "total_count": answer.total,
            "completed_count": answer.completed,
            "sender_id": received.us,
            "receiver_id": received.sender.sender_id,
            "is_msg_encrypted": False,
            "meta": {},
        }
        if answer.reason:
            header["status_reason_message"] = answer.reason
        message: Mapping[str, Any] = answer.message
        if received.reply_key is not None:
            message, header["is_msg_encrypted"] = encrypt(message, received.reply_key), True
        return header, message

    def signed(
        self, header: Mapping[str, Any], message: Mapping[str, Any] | None, dialect: Dialect
    ) -> dict[str, Any]:
        """The three parts; a refusal may have no message."""
        used = Dialect.JWS_DETACHED if dialect is Dialect.NONE else dialect
        parts: dict[str, Any] = {"header": dict(header)}
        if message is not None:
            parts["message"] = dict(message)
        signature = sign(
            used,
            self.own.signing(used),
            Signed(parts["header"], parts.get("message")),
            now=self.now(),
            sender=str(header.get("sender_id", "")),
        )
        return {"signature": signature, **parts}

    def refused(
        self, endpoint: Endpoint, given: Mapping[str, Any], refusal: MessageRefused
    ) -> dict[str, Any]:
        """For an endpoint that answers at once: a header that says no, and no record.

        `given`: the document as it came, as far as it could be read.
        """
        asked = _object(given, "header")
        header: dict[str, Any] = {
            "version": VERSION,
            "message_id": asked.get("message_id"),
            "message_ts": rfc3339(self.now()),
            "action": (endpoint.reply or Action.ON_SEARCH).value,
            "status": Status.REJECTED.value,
            "status_reason_message": refusal.told,
            "total_count": 0,
            "completed_count": 0,
            "is_msg_encrypted": False,
            "meta": {},
        }
        if isinstance(refusal.code, HeaderCode):
            header["status_reason_code"] = refusal.code.value
            header["status_reason_message"] = refusal.words
        if not _is_name(header["message_id"]):
            header["message_id"] = self.new_id("dm")
        for ours, theirs in (("sender_id", "receiver_id"), ("receiver_id", "sender_id")):
            if _is_name(asked.get(theirs)):
                header[ours] = asked[theirs]
        message: dict[str, Any] | None = None
        transaction = _object(given, "message").get("transaction_id")
        if endpoint.items and _is_name(transaction):
            message = {
                "transaction_id": transaction,
                "correlation_id": self.new_id("cr"),
                endpoint.items.replace("_request", "_response"): [],
            }
        return self.signed(header, message, Dialect.NONE)

    def acknowledged(
        self, status: AckStatus, correlation_id: str, refusal: MessageRefused | None = None
    ) -> dict[str, Any]:
        """What an endpoint says that answers later (`Response` of the standard)."""
        told: dict[str, Any] = {
            "ack_status": status.value,
            "timestamp": rfc3339(self.now()),
            "correlation_id": correlation_id,
        }
        if refusal is not None:
            told["error"] = {"code": refusal.error.value, "message": refusal.told}
        return {"message": told}


def _object(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = given.get(name)
    return found if isinstance(found, Mapping) else {}


def _is_name(value: object) -> bool:
    """Whether it is said back in a refusal: an id, and nothing that may be somebody's name."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
