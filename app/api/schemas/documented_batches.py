"""What the interface's document says of the answers of /v1/batches."""

from typing import Any

from app.api.schemas import documented as doc
from app.api.schemas.batch_files import ChangesOut, PreviewOut, SampleOut
from app.api.schemas.batches import ROSTER_BODY, BatchesOut, BatchOut, RowErrorsOut

GUARDED = doc.GUARDED
_NOT_THERE: doc.Responses = {404: doc.SHOWN[404]}
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}


def _as(status: int, of: doc.Responses, description: str) -> doc.Responses:
    return {status: {**of[status], "description": description}}


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(description: str) -> doc.Responses:
    content: dict[str, Any] = {"text/csv": {"schema": {"type": "string"}}, _XLSX: {}}
    return {200: {"description": description, "content": content}}


ACCEPTED: dict[str, Any] = {
    "responses": {
        202: {
            "model": BatchOut,
            "description": "Accepted; the roster is read next",
            "headers": {"Location": {"description": "The batch", "schema": {"type": "string"}}},
        },
        **_as(409, doc.CHANGED, "The same file is coming in under this key just now"),
        **_as(413, doc.JUDGED, "The roster is larger than 512 MiB"),
        **_as(422, doc.JUDGED, "The terms are not valid, or the key came with another file"),
    },
    "openapi_extra": ROSTER_BODY,
}
LISTED: doc.Responses = {200: {"model": BatchesOut}, **_NOT_VALID}
SHOWN: doc.Responses = {200: {"model": BatchOut}, **_NOT_THERE}
ERRORS: doc.Responses = {200: {"model": RowErrorsOut}, **_NOT_THERE, **_NOT_VALID}
MOVED: doc.Responses = {**SHOWN, **_as(409, doc.CHANGED, "The batch is not in a state for it")}
PREVIEW: doc.Responses = {
    200: {"model": PreviewOut},
    **_NOT_THERE,
    **_as(409, doc.CHANGED, "The batch is not held"),
}
RESULTS: doc.Responses = {**_file("A row a household and programme"), **_NOT_THERE, **_NOT_VALID}
CHANGES: doc.Responses = {**_file("A row a change"), **_NOT_THERE, **_NOT_VALID}
SAMPLE: doc.Responses = {200: {"model": SampleOut}, **_NOT_THERE, **_NOT_VALID}
CHANGES[200] |= {"model": ChangesOut}
