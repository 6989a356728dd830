"""What the interface's document says of DCI messages: the standard's own YAML says the rest."""

from typing import Any, Final

from app.api.schemas import documented as doc

_TEXT: Final = {"type": "string"}
_MOMENT: Final = {"type": "string", "format": "date-time"}
_HEADER: Final = {
    "type": "object",
    "required": ["message_id", "message_ts", "action"],
    "properties": {
        "version": {"type": "string", "default": "1.0.0"},
        "message_id": _TEXT,
        "message_ts": _MOMENT,
        "action": _TEXT,
        "sender_id": _TEXT,
        "sender_uri": _TEXT,
        "receiver_id": _TEXT,
        "total_count": {"type": "integer"},
        "is_msg_encrypted": {"type": "boolean", "default": False},
        "meta": {"type": "object"},
    },
}
ENVELOPE: Final = {
    "type": "object",
    "required": ["header", "message"],
    "properties": {
        "signature": {
            "type": "string",
            "description": "In the dialect of OpenSPP, OpenG2P (detached JWS) or OpenCRVS (JWS)",
        },
        "header": _HEADER,
        "message": {"type": "object"},
    },
}
_ANSWER: Final = {
    "type": "object",
    "required": ["header"],
    "properties": {
        "signature": _TEXT,
        "header": {
            **_HEADER,
            "properties": {
                **_HEADER["properties"],  # type: ignore[dict-item]
                "status": {"type": "string", "enum": ["rcvd", "pdng", "succ", "rjct"]},
                "status_reason_code": _TEXT,
                "status_reason_message": _TEXT,
                "completed_count": {"type": "integer"},
            },
        },
        "message": {"type": "object"},
    },
}
_ERRORS: Final = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"code": _TEXT, "message": _TEXT}},
        },
    },
}


def _json(words: str, schema: Any) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


_REQUEST: Final = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ENVELOPE}}}
}
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    400: _json("The message cannot be taken: `errors` has DCI's code (err.…)", _ERRORS),
    401: _json("No token, or one that does not hold", _ERRORS),
    403: _json("The token is for other things, or for another sender", _ERRORS),
    415: _json("The body is no JSON", _ERRORS),
    429: doc.PUBLIC[429],
    503: _json("The database cannot be used just now", _ERRORS),
}
SYNC: Final[dict[str, Any]] = {
    "openapi_extra": _REQUEST,
    "responses": {200: _json("The answer, or a header with status rjct", _ANSWER), **_REFUSALS},
}
"""Of an endpoint that answers at once."""
_ACK: Final = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {
            "type": "object",
            "required": ["ack_status", "timestamp", "correlation_id"],
            "properties": {
                "ack_status": {"type": "string", "enum": ["ACK", "NACK", "ERR"]},
                "timestamp": _MOMENT,
                "correlation_id": _TEXT,
                "error": {"type": "object", "properties": {"code": _TEXT, "message": _TEXT}},
            },
        }
    },
}
ASYNC: Final[dict[str, Any]] = {
    "openapi_extra": _REQUEST,
    "responses": {200: _json("Taken in, or refused (ERR)", _ACK), **_REFUSALS},
}
"""Of an endpoint that answers later, by a call of its own."""
