"""What the service says of itself to a tool (service manifest, Reconciliation Service API 0.2)."""

from typing import Any, Final

from app.reconciliation.entities import EntityType, type_document

PREVIEW_WIDTH: Final = 430
PREVIEW_HEIGHT: Final = 320
"""In pixels; all that is told of somebody with one programme stands in it, measured in Chromium."""


def manifest(root: str, base: str, *, authentication: dict[str, Any] | None) -> dict[str, Any]:
    """`root`: the service's public address; `base`: under what of it the endpoints stand.

    Entities are not suggested to a tool: OpenRefine would send what stands in the cell, a name, as
    a prefix in an address. The identifier space names no secret, for projects are handed on.
    """
    document: dict[str, Any] = {
        "versions": ["0.2"],
        "name": "hedui 名册比对",
        "identifierSpace": f"{root}/v1/reconcile/entities/",
        "schemaSpace": f"{root}/v1/reconcile/properties/",
        "defaultTypes": [type_document(one) for one in EntityType],
        "suggest": {
            "property": _suggest(base, "property"),
            "type": _suggest(base, "type"),
        },
        "preview": {
            "url": f"{base}/preview?id={{{{id}}}}",
            "width": PREVIEW_WIDTH,
            "height": PREVIEW_HEIGHT,
        },
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/properties"},
            "property_settings": [],
        },
    }
    return document if authentication is None else document | {"authentication": authentication}


def _suggest(base: str, kind: str) -> dict[str, str]:
    return {"service_url": base, "service_path": f"/suggest/{kind}"}


def of_clients(root: str) -> dict[str, Any]:
    """How a client that sends headers proves itself (a security scheme of Swagger 2.0)."""
    return {
        "type": "oauth2",
        "flow": "application",
        "tokenUrl": f"{root}/oauth/token",
        "scopes": {"batch": "have rosters verified"},
    }
