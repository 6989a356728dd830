"""What the interface's document says of answers that routes do not declare themselves."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel

from app.api.schemas.answers import NoticeOut, VerificationOut
from app.api.schemas.events import ConsentWithdrawnOut, EventPageOut, EventWithBodyOut
from app.api.schemas.evidence import EvidencePageOut
from app.api.schemas.objections import ObjectionChangedOut, ObjectionFiledOut
from app.api.schemas.problem import Problem
from app.api.schemas.recipients import RecipientIn
from app.api.schemas.registry import RegistryMessageIn
from app.api.schemas.reports import GenuineOut

Responses = dict[int | str, dict[str, Any]]
_SCHEMAS = "#/components/schemas/"


def _problem(description: str, **headers: str) -> dict[str, Any]:
    """A problem document; `headers` are those that come with it, in words."""
    schema = {"$ref": f"{_SCHEMAS}Problem"}
    shown = {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }
    return shown | ({"headers": _headers(**headers)} if headers else {})


def _headers(**words: str) -> dict[str, Any]:
    return {
        name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
        for name, text in words.items()
    }


_RATED: Responses = {
    429: _problem(
        "More calls than the caller may make in this window of time",
        Retry_After="Seconds",
        RateLimit_Policy='Calls `q` in a window of `w` seconds, such as `"read";q=300;w=10`',
        RateLimit='What is left, and seconds until it is full again, such as `"read";r=0;t=4`',
    ),
}
_ANY: Responses = {
    400: _problem("The request cannot be read as HTTP, or came by a proxy that is not trusted"),
    414: _problem("Path and query are longer than 8 KiB"),
    422: _problem("The request is not valid; `errors` says where and what"),
    431: _problem("More than 64 header fields, or more than 32 KiB of them"),
    503: _problem("The database cannot be used just now", Retry_After="Seconds"),
    "default": _problem("Any other error"),
}
_COUNTED: Responses = {**_RATED, **_ANY}
READY: Responses = {503: _problem("A check fails: `checks` says which", Retry_After="Seconds")}
PUBLIC: Responses = _COUNTED
"""Of a route that needs no token and touches nothing of anybody."""
_TOO_LARGE: Responses = {413: _problem("The body is larger than 8 MiB")}
_NOT_VALID: Responses = {
    422: _problem("The request is not valid; `errors` says where and what"),
}
_BODY: Responses = {**_TOO_LARGE, **_NOT_VALID}
ERASED: Responses = {410: _problem("What was kept of it was erased; its conclusion stays")}
_NONE_SUCH: Responses = {404: _problem("None of that id in the client's region"), **ERASED}

GUARDED: Responses = {
    401: _problem("No bearer token, or it does not hold", WWW_Authenticate="Bearer"),
    403: _problem(
        "The token lacks the scope, or the region is not the client's own, or the "
        "client may not ask for the programme or purpose"
    ),
    **_COUNTED,
}
"""Of every route behind a token."""

SHOWN: Responses = {200: {"model": VerificationOut}, **_NONE_SUCH}
CHANGED: Responses = {
    **SHOWN,
    409: _problem("The verification is closed already"),
}
JUDGED: Responses = {**CHANGED, **_BODY}
EVIDENCE: Responses = {200: {"model": EvidencePageOut}, **_NONE_SUCH, **_NOT_VALID}
_STARTED: Responses = {
    status: {
        "model": VerificationOut,
        "description": description,
        "headers": _headers(
            Location="The verification", Preference_Applied="The wait that was granted"
        ),
    }
    for status, description in ((201, "Final within the wait"), (202, "Accepted; under way"))
}
ACCEPTED: Responses = {
    **_STARTED,
    **_TOO_LARGE,
    422: _problem(
        "The request is not valid, no standard is in force, or the key came with another body"
    ),
}
RECHECKED: Responses = {
    **_STARTED,
    **_NONE_SUCH,
    422: _problem("The consent was not given for this purpose"),
}
OBJECTED: Responses = {
    201: {"model": ObjectionFiledOut},
    **_NONE_SUCH,
    409: _problem("The verification is not final"),
    **_BODY,
}
REPORT: Responses = {
    200: {
        "description": "The report in the form that `Accept` asks for",
        "headers": _headers(Hedui_Report_Copy="Which copy of this version it is"),
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/html": {"schema": {"type": "string"}},
            "application/pdf": {},
        },
    },
    404: _problem("No such verification, or no report is issued yet"),
    **ERASED,
    406: _problem("None of the forms asked for is JSON, HTML or PDF"),
    **GUARDED,
}
GENUINE: Responses = {
    200: {"model": GenuineOut},
    404: _problem("No report has this number and code"),
    **ERASED,
    **_NOT_VALID,
    **_COUNTED,
}
TOKEN: Responses = {
    401: _problem("Unknown client, or its proof does not hold", WWW_Authenticate="Basic"),
    **_TOO_LARGE,
    **_COUNTED,
    400: _problem(
        "The form is not valid, the grant is another, or the client does not have the scopes: "
        "`error` says which (RFC 6749 §5.2)"
    ),
}
EVENTS: Responses = {200: {"model": EventPageOut}, **_NOT_VALID}
EVENT: Responses = {200: {"model": EventWithBodyOut}, 404: _problem("No such event of the client")}
WITHDRAWN: Responses = {**GUARDED, **_BODY}
CALLED_BACK: Responses = {
    401: _problem("The signature or its time does not hold", WWW_Authenticate="Bearer"),
    404: _problem("No such source, or nothing was asked under this reference"),
    **_TOO_LARGE,
    **_COUNTED,
}
PREFER: dict[str, Any] = {
    "parameters": [
        {
            "name": "Prefer",
            "in": "header",
            "description": "`wait=SECONDS` (RFC 7240), at most 60: answer once it is final.",
            "schema": {"type": "string", "examples": ["wait=20"]},
        }
    ]
}
SOURCE_BODY: dict[str, Any] = {
    "requestBody": {
        "description": "The source's own, as openapi/sources describes it",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}

callbacks = APIRouter()
"""Calls that the service makes to the case system."""


@callbacks.post(
    "{$request.body#/callback_url}",
    summary="A status has changed, or a consent was withdrawn",
    response_class=Response,
    responses={
        200: {"description": "Taken in; any 2xx says so"},
        "default": {"description": "Not taken in: the same event comes again later"},
    },
    openapi_extra={
        "parameters": [
            {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
            for name, text in (
                ("X-Hedui-Event", "The event's id"),
                ("X-Hedui-Timestamp", "Seconds since 1970"),
                ("X-Hedui-Signature", "`sha256=` and the HMAC of timestamp, a dot and the body"),
                ("Content-Digest", "`sha-256` of the body (RFC 9530)"),
                ("Signature-Input", "What `Signature` covers and the key's id (RFC 9421)"),
                ("Signature", "Ed25519, by the key of /v1/notices/keys (RFC 9421)"),
            )
        ]
    },
)
def notice(_body: NoticeOut | ConsentWithdrawnOut | ObjectionChangedOut) -> None:
    """Signed with the client's own key; repeated until it is accepted."""


CREATE: dict[str, Any] = {
    "responses": ACCEPTED,
    "openapi_extra": PREFER,
    "callbacks": callbacks.routes,
}
RECHECK: dict[str, Any] = {"responses": RECHECKED, "openapi_extra": PREFER}


def describe(app: FastAPI) -> None:
    """Adds what no route can name: the problem document, and bodies of one route of several."""
    plain = app.openapi

    def document() -> dict[str, Any]:
        described = plain()
        for model in (Problem, RecipientIn, RegistryMessageIn):
            described["components"]["schemas"].update(_schemas_of(model))
        return described

    app.openapi = document  # type: ignore[method-assign]  # how FastAPI has it extended


def _schemas_of(model: type[BaseModel]) -> Mapping[str, Any]:
    schema = model.model_json_schema(ref_template=_SCHEMAS + "{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return {model.__name__: schema, **parts}
