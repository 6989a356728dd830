"""What the interface's document says of questions between centres 异地协查."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from app.api.schemas import documented as doc


class AssistanceOut(BaseModel):
    """What is said of one person at one source; signed as a whole (`Signature`, RFC 9421).

    `nonce` is that of the call's signature, `question` the `Content-Digest` of the question.
    """

    version: Literal[1]
    id: str
    request_id: str
    nonce: str
    question: str
    source: str
    state: Literal["found", "no_record", "partial", "unknown", "pending"]
    records: list[dict[str, Any]]
    failure: str | None
    reason: Literal["not_responsible", "not_connected", "no_consent", "not_needed"] | None
    as_of: date | None
    source_digest: str | None
    answered_at: datetime | None


_OUT: doc.Responses = {
    200: {"model": AssistanceOut, "description": "The answer"},
    202: {"model": AssistanceOut, "description": "The source has not answered yet"},
    410: doc.ERASED[410],
}
ANSWERED: doc.Responses = {**doc.GUARDED, **_OUT, 413: doc.JUDGED[413], 422: doc.JUDGED[422]}
LOOKED_FOR: doc.Responses = {
    **doc.GUARDED,
    **_OUT,
    404: {**doc.SHOWN[404], "description": "No such question of this client"},
}
