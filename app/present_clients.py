"""How API clients and their keys are shown on a terminal and as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from app.store.clients import Client, ClientKey


def table_of_clients(found: Sequence[Client]) -> Table:
    table = Table("client", "name", "region", "scopes", "programmes", "purposes", "access")
    for one in found:
        limits = (" ".join(one.programmes) or "all", " ".join(one.purposes) or "all")
        access = "ended" if one.revoked_at is not None else "open"
        table.add_row(one.client_id, one.name, one.region, " ".join(one.scopes), *limits, access)
    return table


def told_client(one: Client) -> dict[str, Any]:
    return {
        "client_id": one.client_id,
        "name": one.name,
        "region": one.region,
        "scopes": one.scopes,
        "programmes": one.programmes,
        "purposes": one.purposes,
        "rates": one.rates,
        "created_at": one.created_at.isoformat(),
        "revoked_at": None if one.revoked_at is None else one.revoked_at.isoformat(),
    }


def told_key(key: ClientKey) -> dict[str, Any]:
    shown = json.loads(key.value) if key.kind == "jwk" else None
    return {
        "id": key.id,
        "kind": key.kind,
        "jwk": shown,
        "thumbprint": key.value if key.kind == "certificate" else None,
        "created_at": key.created_at.isoformat(),
        "until": None if key.until is None else key.until.isoformat(),
        "revoked_at": None if key.revoked_at is None else key.revoked_at.isoformat(),
    }
