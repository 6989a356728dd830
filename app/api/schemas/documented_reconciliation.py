"""What the interface's document says of the reconciliation of rosters, and of passes for it."""

from app.api.schemas import documented as doc
from app.api.schemas import documented_staff as of_staff
from app.api.schemas.reconciliation import (
    ManifestOut,
    ProposedOut,
    ReconcileAnswerOut,
    RosterPassesOut,
    RosterPassMadeOut,
    SuggestedOut,
)

GUARDED = of_staff.GUARDED
_NOT_VALID: doc.Responses = {422: doc.JUDGED[422]}
_BODY: doc.Responses = {413: doc.JUDGED[413], **_NOT_VALID}
_IN_ADDRESS: doc.Responses = {
    400: {**doc.PUBLIC[400], "description": "Queries stand in the address: they are posted"}
}
_NO_ENTITY: doc.Responses = {
    404: {**doc.SHOWN[404], "description": "No such entity within the caller's reach"}
}
BY_PASS: doc.Responses = {
    404: {**doc.SHOWN[404], "description": "No such roster pass, or it has ended"},
    **doc.PUBLIC,
}
MANIFEST: doc.Responses = {200: {"model": ManifestOut}, **_IN_ADDRESS}
ANSWERED: doc.Responses = {200: {"model": ReconcileAnswerOut}, **_IN_ADDRESS, **_BODY}
SUGGESTED: doc.Responses = {200: {"model": SuggestedOut}, **_NOT_VALID}
PROPOSED: doc.Responses = {200: {"model": ProposedOut}, **_NOT_VALID}
PREVIEWED: doc.Responses = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "Masked"},
    403: {**doc.GUARDED[403], "description": "The case is not the caller's to look at"},
    **_NO_ENTITY,
    **_NOT_VALID,
}
MADE: doc.Responses = {201: {"model": RosterPassMadeOut}, **_BODY}
PASSES: doc.Responses = {200: {"model": RosterPassesOut}, **_NOT_VALID}
ENDED: doc.Responses = {
    204: {"description": "It holds no more"},
    404: {**doc.SHOWN[404], "description": "No such roster pass of yours"},
    409: {**doc.CHANGED[409], "description": "It has ended already"},
}
