"""What a JSON schema of the interface says, in words: types, bounds, and tables of its fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from docs.generator.markdown import anchor, code, heading, safe, table
from docs.generator.vocabulary import meaning
from docs.generator.words import Words

Schema = Mapping[str, Any]
Pages = Mapping[str, str]
"""By the name of a schema, the page that shows it."""


def references(part: Any) -> Iterator[str]:
    """Names of the schemas that a part of the document refers to."""
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].rpartition("/")[2]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def title_of(name: str) -> str:
    """A schema's name without the module that tells two of one name apart."""
    return name.rpartition("__")[2]


def place_of(name: str, pages: Pages, here: str) -> str:
    page = pages[name]
    return f"{'' if page == here else page}#{anchor('schema-' + name)}"


class Shapes:
    """Schemas as they are told on one page, in one language."""

    def __init__(self, words: Words, pages: Pages, here: str) -> None:
        self._words, self._pages, self._here = words, pages, here

    def type_of(self, schema: Schema) -> str:
        """In words and links: what a value may be."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f"[{title_of(name)}]({place_of(name, self._pages, self._here)})"
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                each = dict.fromkeys(self.type_of(one) for one in schema[key])
                return self._words.own(" or ", " 或 ").join(each)
        if "const" in schema:
            return code(schema["const"])
        if "enum" in schema:
            return ", ".join(code(one) for one in schema["enum"])
        return self._plain(schema)

    def _plain(self, schema: Schema) -> str:
        own = self._words.own
        kind = schema.get("type")
        if kind == "array":
            return own("list of ", "列表：") + self.type_of(schema.get("items", {}))
        if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
            return own("object of ", "对象，值为 ") + self.type_of(schema["additionalProperties"])
        names = {
            "string": own("text", "文本"),
            "integer": own("whole number", "整数"),
            "number": own("number", "数"),
            "boolean": own("true or false", "布尔"),
            "object": own("object", "对象"),
            "null": "null",
        }
        name = names.get(str(kind), own("anything", "任意"))
        return " ".join([name, *self._bounds(schema)])

    def _bounds(self, schema: Schema) -> Iterator[str]:
        if "format" in schema:
            yield f"({schema['format']})"
        signs = (
            ("minimum", "≥"),
            ("exclusiveMinimum", ">"),
            ("maximum", "≤"),
            ("exclusiveMaximum", "<"),
            ("minLength", "length ≥"),
            ("maxLength", "length ≤"),
        )
        for key, sign in signs:
            if key in schema:
                yield f"{sign.replace('length', self._words.own('length', '长度'))} {schema[key]}"
        if "pattern" in schema:
            yield code(schema["pattern"])

    def section(self, name: str, schema: Schema) -> list[str]:
        """A schema's heading, what it is, and its fields or values."""
        lines = heading(3, title_of(name), anchor("schema-" + name))
        if schema.get("description"):
            lines += [safe(self._words(schema["description"])), ""]
        if "enum" in schema:
            return lines + self._values(name, schema)
        if "properties" in schema:
            return lines + self._fields(schema)
        return [*lines, self.type_of(schema), ""]

    def _values(self, name: str, schema: Schema) -> list[str]:
        head = [self._words.own("value", "值"), self._words.own("meaning", "含义")]
        rows = [(code(one), meaning(self._words, name, one)) for one in schema["enum"]]
        return table(head, rows)

    def _fields(self, schema: Schema) -> list[str]:
        own = self._words.own
        needed = set(schema.get("required", ()))
        rows = []
        for name, field in schema["properties"].items():
            shown = self._words(field["description"]) if field.get("description") else ""
            always = own("yes", "是") if name in needed else own("no", "否")
            rows.append((code(name), self.type_of(field), always, safe(shown)))
        head = [
            own("field", "字段"),
            own("type", "类型"),
            own("always", "必有"),
            own("meaning", "含义"),
        ]
        return table(head, rows)
