"""What the interface's document says of the answers about what clerks enter by hand."""

from typing import Any

from app.api.schemas import documented as doc
from app.api.schemas.manual_tasks import TaskOut, TaskPageOut, TurnedOut

_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}
_NOT_THERE: doc.Responses = {404: doc.SHOWN[404], 410: doc.SHOWN[410]}


def _conflict(description: str) -> dict[str, Any]:
    return {**doc.CHANGED[409], "description": description}


PAGE: doc.Responses = {200: {"model": TaskPageOut}, **_NOT_VALID}
TASK: doc.Responses = {200: {"model": TaskOut}, **_NOT_THERE}
ENTERED: doc.Responses = {
    **TASK,
    409: _conflict("The task has moved on, is done or closed, or was not opened"),
    **_BODY,
}
TURNED: doc.Responses = {
    201: {"model": TurnedOut},
    **_NOT_THERE,
    409: _conflict("The source has not failed, or the verification is cancelled"),
    **_BODY,
}
