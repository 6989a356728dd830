"""The committed document is the code's own, is valid, and says of every route what can go wrong."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.access.tokens import SCOPES
from app.main import create_app
from app.settings import Settings
from tests.openapi.documents import SERVICE, document, found, references

PUBLIC = {
    "/.well-known/jwks.json",
    "/.well-known/locations.json",
    "/health",
    "/oauth2/client/token",
    "/registry/on-search",
    "/healthz",
    "/readyz",
    "/oauth/token",
    "/v1/assistance/keys",
    "/v1/callbacks/{source}",
    "/v1/notices/keys",
    "/v1/reports/keys",
    "/v1/reports/{number}",
}
BY_SECRET = "/v1/reconcile/by/{key}"
"""Below it, the address's own secret says who calls; a wrong one leads nowhere."""
SIGNING_IN = {
    ("/v1/session", "post"),
    ("/v1/session/enrolment", "post"),
    ("/v1/session/oidc", "get"),
    ("/v1/session/oidc/return", "get"),
}
"""What nobody can be signed in for yet."""
METHODS = {"get", "post", "put", "patch", "delete"}
PROBLEM = "#/components/schemas/Problem"


def operations() -> list[tuple[str, str, Any]]:
    paths = document(SERVICE)["paths"]
    return [
        (path, method, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_the_committed_document_is_that_of_the_code(tmp_path: Path) -> None:
    made = create_app(Settings(data_dir=tmp_path)).openapi()
    assert made == document(SERVICE), "make openapi"


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(document(SERVICE)).validate()


def test_every_reference_leads_somewhere() -> None:
    whole = document(SERVICE)
    for reference in set(references(whole)):
        assert found(whole, *reference.removeprefix("#/").split("/"))


@pytest.mark.parametrize(("path", "method", "operation"), operations())
def test_errors_are_problems_and_guarded_routes_say_so(
    path: str, method: str, operation: Any
) -> None:
    errors = {
        status: answer
        for status, answer in operation["responses"].items()
        if not status.startswith(("2", "3"))
    }
    for status, answer in errors.items():
        schema = answer["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": PROBLEM}, status
    is_public = path in PUBLIC or (path, method) in SIGNING_IN or path.startswith(BY_SECRET)
    if not is_public:
        assert {"401", "403", "503", "default"} <= set(errors)
    assert ("security" not in operation) == is_public
    if "requestBody" in operation:
        assert "413" in errors
    if "{verification_id}" in path:
        assert "404" in errors


def test_scopes_are_those_of_tokens() -> None:
    flows = document(SERVICE)["components"]["securitySchemes"]["client"]["flows"]
    assert set(flows["clientCredentials"]["scopes"]) == set(SCOPES)
