"""What the interface's document says of the answers of /v1/erasures."""

from app.api.schemas import documented as doc
from app.api.schemas.erasures import ErasureOut, ErasureShownOut, ErasuresOut

GUARDED = doc.GUARDED
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_NONE_SUCH: doc.Responses = {
    404: {**doc.SHOWN[404], "description": "No such request in the caller's region"}
}
_DECIDED: doc.Responses = {
    409: {**doc.CHANGED[409], "description": "The request was decided already"}
}

ASKED: doc.Responses = {
    201: {"model": ErasureOut, "description": "Requested, or refused: `why` says what holds it"},
    404: {**doc.SHOWN[404], "description": "Nothing is kept of such a case in the region"},
    413: doc.JUDGED[413],
    **_NOT_VALID,
}
LISTED: doc.Responses = {200: {"model": ErasuresOut}, **_NOT_VALID}
SHOWN: doc.Responses = {200: {"model": ErasureShownOut}, **_NONE_SUCH}
DONE: doc.Responses = {
    200: {"model": ErasureShownOut, "description": "Erased, or refused for what holds it by now"},
    **_NONE_SUCH,
    **_DECIDED,
}
REFUSED: doc.Responses = {200: {"model": ErasureOut}, **_NONE_SUCH, **_DECIDED}
