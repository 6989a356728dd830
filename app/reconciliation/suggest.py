"""What a tool is suggested while somebody types 输入提示: types, properties, reference data."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.reconciliation.entities import (
    ASKED,
    TOLD_OF_CASES,
    EntityType,
    Property,
    told_of,
    type_document,
)

_MOST: Final = 50


def types(prefix: str) -> list[dict[str, Any]]:
    """Those of whose id or name the prefix is a part."""
    return [one for one in map(type_document, EntityType) if _fits(prefix, one.values())]


def properties(prefix: str) -> list[dict[str, Any]]:
    """What a query may say, and what may be asked for."""
    known = {one.id: one for one in (*ASKED, *TOLD_OF_CASES)}
    return [_property(one) for one in known.values() if _fits(prefix, (one.id, one.name))]


def proposed(kind: str, limit: int) -> dict[str, Any]:
    """What may be asked for of a type, in the shape of the data extension's proposals."""
    some = [_property(one) for one in told_of(kind)[:limit]]
    return {"properties": some, "limit": limit} | ({"type": kind} if kind else {})


def programmes(prefix: str, names: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """Programmes alone: whoever is typed here would stand in an address, so nobody is looked up."""
    kind = type_document(EntityType.PROGRAMME)
    return [
        {"id": key, "name": own.get("zh", key), "notable": [kind]}
        for key, own in names.items()
        if prefix and _fits(prefix, (key, *own.values()))
    ][:_MOST]


def _property(one: Property) -> dict[str, Any]:
    document = {"id": one.id, "name": one.name}
    return document | ({"description": one.description} if one.description else {})


def _fits(prefix: str, words: Iterable[str]) -> bool:
    wanted = prefix.strip().lower()
    return any(wanted in word.lower() for word in words)
