"""A client of hedui 核对: verify households, follow them, fetch reports, check notices."""

from hedui_client import models, operations
from hedui_client.call import Call, Upload
from hedui_client.client import AsyncHedui, Hedui
from hedui_client.errors import (
    Conflict,
    Erased,
    Fault,
    HeduiError,
    InvalidRequest,
    NotAllowed,
    NotAuthenticated,
    NotFinal,
    NotFound,
    Problem,
    TooManyCalls,
    Unavailable,
    Unreachable,
)
from hedui_client.notices import NoticeRefused, verify_notice
from hedui_client.patience import Patience

__all__ = [
    "AsyncHedui",
    "Call",
    "Conflict",
    "Erased",
    "Fault",
    "Hedui",
    "HeduiError",
    "InvalidRequest",
    "NotAllowed",
    "NotAuthenticated",
    "NotFinal",
    "NotFound",
    "NoticeRefused",
    "Patience",
    "Problem",
    "TooManyCalls",
    "Unavailable",
    "Unreachable",
    "Upload",
    "models",
    "operations",
    "verify_notice",
]
