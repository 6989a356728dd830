"""The published specifications as validators: of what is sent and of what comes back."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

FOLDER: Final = Path(__file__).parent / "standard"
SOCIAL: Final = "social_api"
IBR: Final = "ibr_api"


@cache
def specification(name: str) -> dict[str, Any]:
    text = (FOLDER / f"{name}_v1.0.0.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return found


@cache
def _registry(name: str) -> Any:
    resource = DRAFT4.create_resource(specification(name))
    return Registry().with_resource(f"urn:{name}", resource)


def faults(name: str, pointer: str, document: Any) -> list[str]:
    """What is wrong with a document by the schema at a JSON pointer; empty: nothing."""
    schema = {"$ref": f"urn:{name}#{pointer}"}
    validator = OAS30Validator(
        schema, registry=_registry(name), format_checker=oas30_format_checker
    )
    return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(document)]


def _pointer(path: str, *parts: str) -> str:
    escaped = path.replace("~", "~0").replace("/", "~1")
    return "/".join(["", "paths", escaped, "post", *parts])


_JSON: Final = ("content", "application~1json", "schema")


def of_request(name: str, path: str, document: Any) -> list[str]:
    return faults(name, _pointer(path, "requestBody", *_JSON), document)


def of_reply(name: str, path: str, status: int, document: Any) -> list[str]:
    """By the status's own response, else by the default one."""
    responses: Mapping[str, Any] = specification(name)["paths"][path]["post"]["responses"]
    key = str(status) if str(status) in responses else "default"
    found = responses[key]
    if "$ref" in found:
        pointer = found["$ref"].removeprefix("#")
        if pointer.startswith("/components/schemas"):
            # The IBR's answers point at a schema where a response belongs: it is the message's.
            return [] if "message" not in document else faults(name, pointer, document["message"])
        return faults(name, f"{pointer}/content/application~1json/schema", document)
    return faults(name, _pointer(path, "responses", key, *_JSON), document)
