"""What the interface's document says of assignments, permissions, relations, and the trail."""

from typing import Any

from app.api.schemas import documented as doc
from app.api.schemas import documented_staff as of_staff
from app.api.schemas.looks import (
    AssignmentOut,
    AssignmentsOut,
    LookPermissionOut,
    LookPermissionsOut,
    RelationOut,
    RelationsOut,
)
from app.api.schemas.trail import (
    AccessReportOut,
    ChainOut,
    EntriesOut,
    ProtectedPersonOut,
    UnusualAccessOut,
)

GUARDED = of_staff.GUARDED
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}


def _said(status: int, description: str) -> dict[str, Any]:
    like = {404: doc.SHOWN, 409: doc.CHANGED}
    return {**like[status][status], "description": description}


_NO_STAFF = _said(404, "No such member of staff in your region")
ASSIGNED: doc.Responses = {
    201: {"model": AssignmentOut},
    404: _NO_STAFF,
    409: _said(409, "The case cannot be given to this member of staff"),
    **_BODY,
}
ASSIGNMENTS: doc.Responses = {200: {"model": AssignmentsOut}, **_NOT_VALID}
ASSIGNMENT_ENDED: doc.Responses = {
    204: {"description": "It has ended"},
    404: _said(404, "No such assignment in your region"),
}
ASKED: doc.Responses = {201: {"model": LookPermissionOut}, **_BODY}
PERMISSIONS: doc.Responses = {200: {"model": LookPermissionsOut}, **_NOT_VALID}
_NO_PERMISSION = _said(404, "No such permission in your region")
DECIDED: doc.Responses = {
    200: {"model": LookPermissionOut},
    404: _NO_PERMISSION,
    409: _said(409, "It is decided already, or has ended"),
    **_BODY,
}
PERMISSION_ENDED: doc.Responses = {
    204: {"description": "It holds no more"},
    404: _NO_PERMISSION,
    409: _said(409, "It has ended already"),
}
RELATED: doc.Responses = {201: {"model": RelationOut}, 404: _NO_STAFF, **_BODY}
RELATIONS: doc.Responses = {200: {"model": RelationsOut}, 404: _NO_STAFF, **_NOT_VALID}
RELATION_ENDED: doc.Responses = {
    204: {"description": "It has ended"},
    404: _said(404, "No such relation in your region"),
}
ENTRIES: doc.Responses = {200: {"model": EntriesOut}, **_NOT_VALID}
CHAIN: doc.Responses = {200: {"model": ChainOut}}
ACCESS_REPORT: doc.Responses = {200: {"model": AccessReportOut}, **_BODY}
UNUSUAL: doc.Responses = {200: {"model": UnusualAccessOut}, **_NOT_VALID}
PROTECTED: doc.Responses = {201: {"model": ProtectedPersonOut}, **_BODY}
UNPROTECTED: doc.Responses = {
    204: {"description": "No more"},
    404: _said(404, "No such protected person in your region"),
}
