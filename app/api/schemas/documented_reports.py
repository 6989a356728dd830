"""What the interface's document says of what lies beside reports."""

from app.api.schemas import documented as doc
from app.api.schemas.reports import PapersOut, SheetOut

_NONE_SUCH: doc.Responses = {404: doc.REPORT[404], **doc.ERASED}
SHEET: doc.Responses = {200: {"model": SheetOut}, **_NONE_SUCH, 422: doc.JUDGED[422]}
PAPERS: doc.Responses = {200: {"model": PapersOut}, **_NONE_SUCH}
ISSUED: doc.Responses = {
    **PAPERS,
    409: {
        **doc.CHANGED[409],
        "description": "Something blocks it, or another person must do this step",
    },
}
