"""The standard's own schemas, offline."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft7Validator  # type: ignore[import-untyped] # ships no types
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

STANDARD: Final = Path(__file__).parent / "standard"


@cache
def _registry() -> Any:
    texts = [json.loads(one.read_text("utf-8")) for one in (STANDARD / "schemas").glob("*.json")]
    return Registry().with_resources(  # a reference to Swagger's schema has no fragment's sign
        [(one["$id"].rstrip("#"), Resource(one, DRAFT7)) for one in texts]
    )


def check(name: str, document: Any) -> None:
    """Raises where the document is not of the standard's schema of that name."""
    schema = json.loads((STANDARD / "schemas" / f"{name}.json").read_text("utf-8"))
    Draft7Validator(schema, registry=_registry()).validate(document)
