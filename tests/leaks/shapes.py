"""Requests made from the OpenAPI: each field of each route holds a canary, in each wrong shape."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

import orjson

from tests.leaks.canaries import AMOUNT, NUMBER, TEXT

SHAPES: Final[tuple[Any, ...]] = (
    TEXT,
    NUMBER,
    AMOUNT,
    int(NUMBER[:17]),
    [TEXT],
    {TEXT: NUMBER},
    TEXT * 400,
    f"{TEXT}\x00{NUMBER}",
)
_DEEPEST: Final = 6
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, and which field of it holds the canary."""

    route: str
    where: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    content: bytes | None = None
    media: str = ""


def asked_of(document: Any, there: Mapping[str, str]) -> Iterator[list[Asking]]:
    """By route: first the request as it should be, then each with a canary."""
    for path, operations in document["paths"].items():
        for method in (one for one in _METHODS if one in operations):
            yield list(_of_route(document, (method, path), there))


def _of_route(document: Any, route: tuple[str, str], there: Mapping[str, str]) -> Iterator[Asking]:
    method, path = route
    operation = document["paths"][path][method]
    given = {
        one["name"]: there.get(one["name"], "1")
        for one in operation.get("parameters", ())
        if one["in"] == "path"
    }
    bodies = operation.get("requestBody", {}).get("content", {})
    media, body = next(
        ((media, _body(document, content)) for media, content in bodies.items()), ("", None)
    )
    right = Asking(f"{method} {path}", "", method.upper(), path.format(**given))
    if body is not None:
        right = replace(right, content=_encoded(media, body), media=_media(media))
    yield right
    yield from _parameters(operation, right, (path, given))
    for media, content in bodies.items():
        yield from _bodies(right, media, _body(document, content))


def _parameters(
    operation: Any, right: Asking, place: tuple[str, Mapping[str, str]]
) -> Iterator[Asking]:
    path, given = place
    for one in operation.get("parameters", ()):
        name, where = one["name"], f"{one['in']} {one['name']}"
        for shape in (TEXT, NUMBER, f"{TEXT}\x01{NUMBER}", f"2026-11-24{TEXT}"):
            if one["in"] == "path":
                changed = path.format(**{**given, name: quote(shape, safe="")})
                yield replace(right, where=where, path=changed)
            elif one["in"] == "query":
                yield replace(right, where=where, query={name: shape})
            elif one["in"] == "header":
                value = shape.replace("\x01", "\t").encode()
                yield replace(right, where=where, headers={name: value})
    yield replace(right, where="no parameter of it", query={TEXT: NUMBER})
    for name in ("Authorization", "Cookie", "traceparent", "X-Request-Id", "Content-Type", TEXT):
        named = "X-Canary" if name == TEXT else name
        scheme = "Bearer " if name == "Authorization" else ""
        yield replace(right, where=f"header {named}", headers={named: f"{scheme}{TEXT}".encode()})


def _bodies(right: Asking, media: str, body: Any) -> Iterator[Asking]:
    kind = _media(media)
    for steps in _leaves(body):
        for shape in SHAPES:
            changed = _with(body, steps, shape)
            where = f"body {'/'.join(map(str, steps))}"
            yield replace(right, where=where, content=_encoded(media, changed), media=kind)
    if isinstance(body, dict):
        extra = {**body, TEXT: NUMBER, "id_number": NUMBER}
        yield replace(right, where="body's own", content=_encoded(media, extra), media=kind)
    whole = _encoded(media, body)
    for wrong in (
        f'{{"name": "{TEXT}", "id_number": "{NUMBER}'.encode(),
        f'{{"name": {TEXT}}}'.encode(),
        whole[:-1] + TEXT.encode(),
        TEXT.encode("gb18030"),
        b"\xff\x00" + TEXT.encode(),
    ):
        yield replace(right, where="body, broken", content=wrong, media=kind)


_BOUNDARY: Final = "hedui-0123456789"


def _media(media: str) -> str:
    return f"{media}; boundary={_BOUNDARY}" if media.startswith("multipart") else media


def _encoded(media: str, body: Any) -> bytes:
    if media == "application/json":
        return orjson.dumps(body)
    if not isinstance(body, dict):
        return _text(body).encode()
    if media.startswith("multipart"):
        return b"".join(_part(name, value) for name, value in body.items()) + _END
    pairs = (f"{quote(name)}={quote(_text(value))}" for name, value in body.items())
    return "&".join(pairs).encode()


_END: Final = f"--{_BOUNDARY}--\r\n".encode()


def _part(name: str, value: Any) -> bytes:
    """The roster is a file, named by the canary, too."""
    file = f'; filename="{TEXT}.csv"' if name == "roster" else ""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return f"{head}{_text(value)}\r\n".encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _with(body: Any, steps: tuple[Any, ...], value: Any) -> Any:
    if not steps:
        return value
    changed = copy.copy(body)
    changed[steps[0]] = _with(changed[steps[0]], steps[1:], value)
    return changed


def _leaves(body: Any) -> Iterator[tuple[Any, ...]]:
    if isinstance(body, dict) and body:
        for name, part in body.items():
            yield from ((name, *rest) for rest in _leaves(part))
    elif isinstance(body, list) and body:
        yield from ((0, *rest) for rest in _leaves(body[0]))
    else:
        yield ()


def _body(document: Any, content: Any) -> Any:
    """Every property that there is, by the examples where there are any."""
    made = _made(document, content["schema"], 0)
    example = content.get("example")
    if example is None and content.get("examples"):
        example = next(iter(content["examples"].values()))["value"]
    return _over(made, example) if isinstance(made, dict) and isinstance(example, dict) else made


def _over(made: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {**made, **example}


def _made(document: Any, schema: Any, depth: int) -> Any:
    schema = _followed(document, schema)
    if depth > _DEEPEST:
        return None
    if "properties" in schema:
        made = {name: _made(document, one, depth + 1) for name, one in schema["properties"].items()}
        return {**made, **_example(schema)} if isinstance(_example(schema), dict) else made
    for named in ("const", "default"):
        if schema.get(named) is not None:
            return schema[named]
    if schema.get("enum") or schema.get("examples"):
        return (schema.get("examples") or schema["enum"])[0]
    if schema.get("type") == "array":
        return [_made(document, schema.get("items", {}), depth + 1)]
    return {"integer": 1, "number": 1, "boolean": True, "object": {}}.get(
        str(schema.get("type")), "1"
    )


def _example(schema: Any) -> Any:
    return next(iter(schema.get("examples", ())), schema.get("example", {}))


def _followed(document: Any, schema: Any) -> Any:
    """The schema itself: references followed, the first that is not null of several."""
    while "$ref" in schema or "anyOf" in schema or "oneOf" in schema or "allOf" in schema:
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            continue
        several = schema.get("anyOf") or schema.get("oneOf") or schema["allOf"]
        schema = next((one for one in several if one.get("type") != "null"), {})
    return schema
