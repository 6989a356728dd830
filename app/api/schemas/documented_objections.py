"""What the interface's document says of the answers about objections."""

from typing import Any

from app.api.schemas import documented as doc
from app.api.schemas.objections import ObjectionOut, ObjectionPageOut

_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}
_NOT_THERE: doc.Responses = {404: doc.SHOWN[404], 410: doc.SHOWN[410]}


def _conflict(description: str) -> dict[str, Any]:
    return {**doc.CHANGED[409], "description": description}


PAGE: doc.Responses = {200: {"model": ObjectionPageOut}, **_NOT_VALID}
WHOLE: doc.Responses = {200: {"model": ObjectionOut}, **_NOT_THERE}
MOVED: doc.Responses = {
    **WHOLE,
    409: _conflict(
        "The objection has moved on or is closed, somebody else handles it, or its recheck does "
        "not go with the decision"
    ),
    **_BODY,
}
