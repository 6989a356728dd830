"""The interface documents as tests read them: parts by path, what a schema says of a value."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from pydantic import BaseModel
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER: Final = Path(__file__).parents[2] / "openapi"
SERVICE: Final = "hedui.json"
_BASE: Final = "urn:document"


@cache
def document(name: str) -> Any:
    """A file below `openapi/`, JSON or YAML."""
    text = (FOLDER / name).read_text("utf-8")
    return json.loads(text) if name.endswith(".json") else yaml.safe_load(text)


def source(name: str) -> Any:
    return document(f"sources/{name}.yaml")


def found(whole: Any, *steps: str) -> Any:
    """The part at a path, references followed."""
    part = whole
    for step in steps:
        part = part[step]
        if "$ref" in part:
            part = found(whole, *part["$ref"].removeprefix("#/").split("/"))
    return part


def references(part: Any) -> Iterator[str]:
    """Every reference within a document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def faults(whole: Any, schema: Any, value: Any) -> list[str]:
    """Where the value is not as the schema of this document says; empty where it is."""
    registry: Registry[Any] = Registry().with_resource(
        _BASE, Resource.from_contents(whole, default_specification=DRAFT202012)
    )
    validator = OAS31Validator(
        _absolute(schema), registry=registry, format_checker=oas31_format_checker
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def faults_of(whole: Any, name: str, value: Any) -> list[str]:
    """The same, for a schema under its name."""
    return faults(whole, {"$ref": f"#/components/schemas/{name}"}, value)


def assert_documented(model: type[BaseModel], answer: Any) -> None:
    """Nothing is missing, of another type, or there without being documented."""
    wrong = faults_of(document(SERVICE), model.__name__, answer)
    assert wrong == [], wrong
    shown = model.model_validate(answer).model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert shown == answer, sorted(set(answer) ^ set(shown))


def _absolute(schema: Any) -> Any:
    """References into the document, wherever the schema stands."""
    if isinstance(schema, dict):
        return {
            key: f"{_BASE}{value}" if key == "$ref" else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema
