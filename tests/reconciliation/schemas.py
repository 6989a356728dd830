"""The standard's own schemas, offline."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft7Validator  # type: ignore[import-untyped] # ships no types
from referencing import Registry
from referencing.jsonschema import DRAFT7

STANDARD: Final = Path(__file__).parent / "standard"


@cache
def _registry() -> Any:
    registry: Registry[Any] = Registry()
    for file in (STANDARD / "schemas").glob("*.json"):
        text = json.loads(file.read_text("utf-8"))
        # A reference to Swagger's schema has no fragment's sign, its own name has one.
        registry = registry.with_resource(text["$id"].rstrip("#"), DRAFT7.create_resource(text))
    return registry


def check(name: str, document: Any) -> None:
    """Raises where the document is not of the standard's schema of that name."""
    schema = json.loads((STANDARD / "schemas" / f"{name}.json").read_text("utf-8"))
    Draft7Validator(schema, registry=_registry()).validate(document)
