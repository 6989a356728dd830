"""What the interface's document says of the answers of sessions, accounts and approvals."""

from typing import Any

from app.api.schemas import documented as doc
from app.api.schemas.session import EnrolmentOut, SessionOut
from app.api.schemas.staff import (
    AgreedOut,
    ApprovalOut,
    ApprovalsOut,
    InvitedOut,
    StaffOut,
    StaffPageOut,
    StaffWholeOut,
)

_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}


def _said(status: int, description: str) -> dict[str, Any]:
    """A problem document like another one, in other words."""
    like = {401: doc.GUARDED, 403: doc.GUARDED, 404: doc.SHOWN, 409: doc.CHANGED}
    return {**like[status][status], "description": description}


_ANY: doc.Responses = {
    status: doc.GUARDED[status] for status in (400, 414, 422, 431, 503, "default")
}
_OTHER_SITE = _said(403, "The request comes from another site's page, or does not say from where")
GUARDED: doc.Responses = {
    **_ANY,
    401: _said(401, "Nobody is signed in, or the session is over"),
    403: _said(403, "No role that may do this, or the request is not from our own pages"),
}
SIGNED_IN: doc.Responses = {
    200: {
        "model": SessionOut,
        "headers": {"Set-Cookie": {"description": "The session", "schema": {"type": "string"}}},
    },
    401: _said(
        401, "Login, password or code is wrong or used, or the account is locked or disabled"
    ),
    403: _OTHER_SITE,
    **_BODY,
    **_ANY,
}
ENROLLED: doc.Responses = {
    200: {"model": EnrolmentOut},
    401: _said(401, "The login or the token is wrong, or the token is used or over"),
    403: _OTHER_SITE,
    **_BODY,
    **_ANY,
}
SESSION: doc.Responses = {200: {"model": SessionOut}, **GUARDED}
SIGNED_OUT: doc.Responses = {204: {"description": "Signed out"}, **GUARDED}
PASSWORD: doc.Responses = {
    204: {"description": "Changed; every session has ended"},
    **_BODY,
    **GUARDED,
}
SENT_AWAY: doc.Responses = {
    303: {
        "description": "To the identity provider",
        "headers": {"Location": {"description": "Its address", "schema": {"type": "string"}}},
    },
    404: _said(404, "No identity provider is configured"),
    **_ANY,
}
RETURNED: doc.Responses = {
    200: {
        "description": "Signed in: a page that leads on",
        "content": {"text/html": {"schema": {"type": "string"}}},
    },
    401: _said(401, "The identity provider's answer does not hold, or no account is linked to it"),
    404: _said(404, "No identity provider is configured"),
    **_NOT_VALID,
    **_ANY,
}
_NONE_SUCH = _said(404, "No such member of staff in your region")
STAFF_PAGE: doc.Responses = {200: {"model": StaffPageOut}, **_NOT_VALID}
STAFF: doc.Responses = {200: {"model": StaffWholeOut}, 404: _NONE_SUCH}
INVITED: doc.Responses = {
    201: {"model": InvitedOut},
    409: _said(409, "The login is taken"),
    **_BODY,
}
DISABLED: doc.Responses = {200: {"model": StaffOut}, 404: _NONE_SUCH}
PROPOSED: doc.Responses = {
    202: {"model": ApprovalOut, "description": "Proposed: another person must agree"},
    404: _NONE_SUCH,
    409: _said(409, "The role is held already, or does not go with another one"),
    **_BODY,
}
_NO_CHANGE = _said(404, "No such change is proposed in your region, of a kind that you deal with")
APPROVALS: doc.Responses = {200: {"model": ApprovalsOut}, **_NOT_VALID}
APPROVAL: doc.Responses = {200: {"model": ApprovalOut}, 404: _NO_CHANGE}
_DECIDED = _said(409, "It is decided already, has expired, or cannot be made any more")
AGREED: doc.Responses = {200: {"model": AgreedOut}, 404: _NO_CHANGE, 409: _DECIDED}
REFUSED: doc.Responses = {200: {"model": ApprovalOut}, 404: _NO_CHANGE, 409: _DECIDED, **_BODY}
