"""What the interface's document says of the answers of /v1/audits."""

from app.api.schemas import documented as doc
from app.api.schemas.audit_answers import (
    AuditOut,
    AuditsOut,
    FoundOut,
    OpenAuditsOut,
    WorklistOut,
)
from app.api.schemas.audit_results import ResultsOut

GUARDED = doc.GUARDED
_NOT_THERE: doc.Responses = {404: doc.SHOWN[404]}
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}


def _conflict(description: str) -> doc.Responses:
    return {409: {**doc.CHANGED[409], "description": description}}


DRAWN: doc.Responses = {201: {"model": AuditOut}, **_BODY}
LISTED: doc.Responses = {200: {"model": AuditsOut}, **_NOT_VALID}
SHOWN: doc.Responses = {200: {"model": AuditOut}, **_NOT_THERE}
READINGS: doc.Responses = {200: {"model": OpenAuditsOut}}
WORKLIST: doc.Responses = {200: {"model": WorklistOut}, **_NOT_THERE, **_NOT_VALID}
FOUND: doc.Responses = {
    201: {"model": FoundOut},
    **_NOT_THERE,
    **_conflict("The audit is closed, or no reading is due for this reader"),
    **_BODY,
}
RESULTS: doc.Responses = {200: {"model": ResultsOut}, **_NOT_THERE}
CLOSED: doc.Responses = {**SHOWN, **_conflict("The audit is closed already")}
