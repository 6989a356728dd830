"""What the interface's document says of the answers of the review worklist and of what-if."""

from typing import Any

from app.api.schemas import documented as doc
from app.api.schemas.decisions import WhatIfOut
from app.api.schemas.review_items import (
    AgreementOut,
    NextItemOut,
    ReviewItemOut,
    ReviewItemWholeOut,
    ReviewPageOut,
    WordGivenOut,
)
from app.api.schemas.review_pairs import DeskOut, PairOut

_NOT_THERE: doc.Responses = {404: doc.SHOWN[404]}
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_TOO_LARGE: doc.Responses = {413: doc.JUDGED[413]}


def _conflict(description: str) -> dict[str, Any]:
    return {**doc.CHANGED[409], "description": description}


PAGE: doc.Responses = {200: {"model": ReviewPageOut}, **_NOT_VALID}
NEXT: doc.Responses = {200: {"model": NextItemOut}, **_NOT_VALID}
AGREEMENT: doc.Responses = {200: {"model": AgreementOut}, **_NOT_VALID}
ITEM: doc.Responses = {
    200: {"model": ReviewItemWholeOut},
    **_NOT_THERE,
    409: _conflict("The records are not among the evidence any more"),
}
DESK: doc.Responses = {200: {"model": DeskOut}, **_NOT_VALID}
PAIR: doc.Responses = {
    200: {"model": PairOut},
    **_NOT_THERE,
    409: _conflict("The records are not among the evidence any more, or nothing is compared"),
    **_NOT_VALID,
}
RELEASED: doc.Responses = {204: {"description": "It is free"}, **_NOT_THERE}
LOCKED: doc.Responses = {
    200: {"model": ReviewItemOut},
    **_NOT_THERE,
    409: _conflict("Another reviewer works on the item"),
    **_NOT_VALID,
}
DECIDED: doc.Responses = {
    201: {"model": WordGivenOut},
    **_NOT_THERE,
    409: _conflict(
        "Another reviewer works on it or must decide it, it is decided or closed, or the "
        "verification is final and would become another one: recheck it, or file an objection; "
        "or the item has changed since `version`"
    ),
    **_TOO_LARGE,
    **_NOT_VALID,
}
REVERSED: doc.Responses = {
    **DECIDED,
    409: _conflict("Nothing stands that could be taken back, or the verification is final"),
}
WHAT_IF: doc.Responses = {
    200: {"model": WhatIfOut},
    **_NOT_THERE,
    **_TOO_LARGE,
    422: {
        **doc.JUDGED[422],
        "description": "A programme is unknown, none is in force, or the draft has a fault: "
        "`errors` says in which line",
    },
}
