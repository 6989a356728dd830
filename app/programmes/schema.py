"""The JSON Schema of programme files, for editors and for tools that write such files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from app.programmes.file_models import LocalIn, ProgrammeIn

SCHEMA_FILE: Final = Path(__file__).parent / "standard.schema.json"
_REFERENCE: Final = "#/$defs/{model}"


class _Generate(GenerateJsonSchema):
    """Leaves out that an optional key may be null: a key that is not needed is not written."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        described = super().dict_schema(schema)
        if "patternProperties" in described:
            described["additionalProperties"] = False
        return described


def json_schema() -> Mapping[str, Any]:
    """The schema (draft 2020-12): a file that names a programme is one, any other is `local.yaml`.

    It says what one file may hold; what files must agree on among themselves only the check tells.
    """
    _, definitions = models_json_schema(
        [(ProgrammeIn, "validation"), (LocalIn, "validation")], schema_generator=_Generate
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Programme standard 救助标准",
        "description": "A relief programme's dated standard, or what programmes share.",
        "type": "object",
        "if": {"required": ["programme"]},
        "then": {"$ref": "#/$defs/ProgrammeIn"},
        "else": {"$ref": "#/$defs/LocalIn"},
        "$defs": _without_titles(definitions["$defs"]),
    }


def _without_titles(part: Any) -> Any:
    """Titles that only repeat a key's name would hide the description in an editor."""
    if isinstance(part, dict):
        kept = {key: one for key, one in part.items() if key != "title" or not isinstance(one, str)}
        return {key: _without_titles(one) for key, one in kept.items()}
    return [_without_titles(one) for one in part] if isinstance(part, list) else part
