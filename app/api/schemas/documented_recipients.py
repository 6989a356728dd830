"""What the interface's document says of the answers of /v1/recipients."""

from typing import Any

from app.api.schemas import documented as doc
from app.api.schemas.recipients import (
    TAKE_IN_BODY,
    RecipientOut,
    RecipientsOut,
    ReverifiedOut,
    RosterTakenOut,
)

GUARDED = doc.GUARDED
_NOT_THERE: doc.Responses = {404: doc.SHOWN[404]}
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}


def _conflict(description: str) -> doc.Responses:
    return {409: {**doc.CHANGED[409], "description": description}}


TAKEN: dict[str, Any] = {
    "responses": {
        200: {"model": RosterTakenOut, "description": "The roster is taken in"},
        201: {"model": RecipientOut, "description": "The household, as it now stands"},
        **_BODY,
        **_conflict("Nobody is ended for being absent where rows were rejected"),
    },
    "openapi_extra": TAKE_IN_BODY,
}
LISTED: doc.Responses = {200: {"model": RecipientsOut}, **_NOT_VALID}
SHOWN: doc.Responses = {200: {"model": RecipientOut}, **_NOT_THERE}
MOVED: doc.Responses = {**SHOWN, **_conflict("The recipient is not in a state for it")}
CHANGED: doc.Responses = {**MOVED, **_BODY}
REVERIFIED: doc.Responses = {
    200: {"model": ReverifiedOut, "description": "Nothing was begun"},
    202: {"model": ReverifiedOut, "description": "Begun"},
    **_BODY,
}
