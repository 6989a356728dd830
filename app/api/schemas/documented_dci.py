"""What the interface's document says of the routes of DCI messages."""

from collections.abc import Mapping
from typing import Any, Final

from app.api.schemas import documented as doc
from app.api.schemas.registry import RegistryAckOut, RegistryAnswerOut, RegistryErrorOut

_MESSAGE: Final = {"$ref": "#/components/schemas/RegistryMessageIn"}
_REQUEST: Final = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _MESSAGE}}}
}
_SAID: Final[Mapping[int | str, str]] = {
    400: "The message cannot be taken: `errors` has DCI's code (err.…)",
    401: "No token, or one that does not hold",
    403: "The token is for other things, or for another sender",
    415: "The body is no JSON",
}


def _refusals() -> doc.Responses:
    """As everywhere; as plain JSON with DCI's codes where the interface itself refuses."""
    problems = {415: doc.WITHDRAWN[400]} | doc.WITHDRAWN
    return {
        status: {
            **answer,
            "model": RegistryErrorOut,
            "description": _SAID.get(status, answer["description"]),
        }
        for status, answer in problems.items()
    }


_REFUSALS: Final = _refusals()
SYNC: Final[dict[str, Any]] = {
    "openapi_extra": _REQUEST,
    "responses": {
        200: {
            "model": RegistryAnswerOut,
            "description": "The answer, or a header with status rjct",
        },
        **_REFUSALS,
    },
}
"""Of an endpoint that answers at once."""
ASYNC: Final[dict[str, Any]] = {
    "openapi_extra": _REQUEST,
    "responses": {
        200: {"model": RegistryAckOut, "description": "Taken in, or refused (ERR)"},
        **_REFUSALS,
    },
}
"""Of an endpoint that answers later, by a call of its own."""
