"""The REST interface: a page a tag, with its operations and the schemas that only it uses."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from docs.generator.markdown import anchor, code, heading, safe, table
from docs.generator.shapes import Shapes, references
from docs.generator.words import Words

DOCUMENT: Final = Path(__file__).parents[2] / "openapi" / "hedui.json"
SHARED: Final = "shared.md"
INDEX: Final = "index.md"
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_COMMON: Final = frozenset(
    {
        ("400", "The request cannot be read as HTTP, or came by a proxy that is not trusted"),
        ("413", "The body is larger than 8 MiB"),
        ("414", "Path and query are longer than 8 KiB"),
        ("422", "The request is not valid; `errors` says where and what"),
        ("429", "More calls than the caller may make in this window of time"),
        ("431", "More than 64 header fields, or more than 32 KiB of them"),
        ("503", "The database cannot be used just now"),
        ("default", "Any other error"),
    }
)
"""Answers that any request can have, told once; a test holds that the document has all of them."""
Operation = tuple[str, str, Mapping[str, Any]]
"""Method, path, and what the document says."""


def document() -> dict[str, Any]:
    """The interface as it is committed; a test compares it with the code."""
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return loaded


def pages(words: Words) -> dict[str, str]:
    """Markdown by file name: the list of all operations, a page a tag, and shared schemas."""
    whole = document()
    tags = _by_tag(whole)
    owners = _owners(whole, tags)
    made = {INDEX: _index(words, whole, tags)}
    for tag, operations in tags.items():
        page = page_of(tag)
        shapes = Shapes(words, owners, page)
        lines = heading(1, words(tag))
        for operation in operations:
            lines += _operation(words, shapes, operation)
        made[page] = _text(lines + _schemas(words, shapes, whole, owners, page))
    shapes = Shapes(words, owners, SHARED)
    title = heading(1, words.own("Schemas of several parts", "多处共用的结构"))
    made[SHARED] = _text(title + _schemas(words, shapes, whole, owners, SHARED))
    return made


def page_of(tag: str) -> str:
    return f"{anchor(tag)}.md"


def _by_tag(whole: Mapping[str, Any]) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for path, item in whole["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = item[method].get("tags", ["other"])[0]
                found.setdefault(tag, []).append((method.upper(), path, item[method]))
    return dict(sorted(found.items()))


def _owners(whole: Mapping[str, Any], tags: Mapping[str, list[Operation]]) -> dict[str, str]:
    """By schema: the page of the one tag that uses it, else the page of what is shared."""
    schemas = whole["components"]["schemas"]
    users: dict[str, set[str]] = {name: set() for name in schemas}
    for tag, operations in tags.items():
        todo = [name for _, _, one in operations for name in references(one)]
        while todo:
            name = todo.pop()
            if page_of(tag) not in users[name]:
                users[name].add(page_of(tag))
                todo += references(schemas[name])
    return {name: min(used) if len(used) == 1 else SHARED for name, used in users.items()}


def _index(words: Words, whole: Mapping[str, Any], tags: Mapping[str, list[Operation]]) -> str:
    own, version = words.own, whole["info"]["version"]
    lines = heading(1, own("REST interface", "REST 接口"))
    lines += [
        own(
            f"Made from `openapi/hedui.json`, version {version}. A running service shows the same "
            "at `/docs`. Errors are [problem documents](../problems.md).",
            f"由 `openapi/hedui.json`（{version} 版）生成，服务运行时在 `/docs` 也可查看。错误见"
            "[问题文档](../problems.md)。",
        ),
        "",
    ]
    lines += _signing(words, whole)
    lines += heading(2, own("Answers of every request", "所有请求的应答"), "answers")
    lines += table(
        [own("answer", "应答"), own("meaning", "含义")],
        [(code(status), safe(words(text))) for status, text in sorted(_COMMON)],
    )
    for tag, operations in tags.items():
        lines += heading(2, words(tag), f"tag-{anchor(tag)}")
        rows = [
            (
                code(f"{method} {path}"),
                f"[{safe(words(one['summary']))}]({page_of(tag)}#{_id(one)})",
            )
            for method, path, one in operations
        ]
        lines += table([own("request", "请求"), own("what it does", "作用")], rows)
    return _text(lines)


def _signing(words: Words, whole: Mapping[str, Any]) -> list[str]:
    own = words.own
    schemes = whole["components"]["securitySchemes"]
    lines = heading(2, own("Who is calling", "调用者"), "who-is-calling")
    for name, one in schemes.items():
        lines += [f"- **{code(name)}**: {safe(words(one['description']))}"]
    scopes = schemes["client"]["flows"]["clientCredentials"]["scopes"]
    rows = [(code(name), safe(words(text))) for name, text in sorted(scopes.items())]
    return [*lines, "", *table([own("scope", "权限范围"), own("meaning", "含义")], rows)]


def _id(operation: Mapping[str, Any]) -> str:
    return anchor(operation["operationId"])


def _operation(words: Words, shapes: Shapes, operation: Operation) -> list[str]:
    method, path, one = operation
    lines = heading(2, words(one["summary"]), _id(one))
    lines += [code(f"{method} {path}"), ""]
    if one.get("description"):
        lines += [safe(words(one["description"])), ""]
    lines += [_callers(words, one), ""]
    lines += _parameters(words, shapes, one)
    lines += _body(words, shapes, one)
    return lines + _answers(words, shapes, one)


def _callers(words: Words, one: Mapping[str, Any]) -> str:
    kinds = []
    for way in one.get("security", ()):
        for name, scopes in way.items():
            kinds.append(" ".join([code(name), *(code(scope) for scope in scopes)]))
    called = " · ".join(kinds) or words.own("anybody", "任何人")
    return f"{words.own('Called by', '调用者')}: {called}"


def _parameters(words: Words, shapes: Shapes, one: Mapping[str, Any]) -> list[str]:
    own = words.own
    rows = [
        (
            code(each["name"]),
            each["in"],
            shapes.type_of(each.get("schema", {})),
            own("yes", "是") if each.get("required") else own("no", "否"),
            safe(words(each.get("description", ""))),
        )
        for each in one.get("parameters", ())
    ]
    head = [own("parameter", "参数"), own("in", "位置"), own("type", "类型")]
    return table([*head, own("needed", "必填"), own("meaning", "含义")], rows)


def _body(words: Words, shapes: Shapes, one: Mapping[str, Any]) -> list[str]:
    content = one.get("requestBody", {}).get("content", {})
    if not content:
        return []
    lines = [f"**{words.own('Body', '请求正文')}**", ""]
    for kind, each in content.items():
        lines.append(f"- `{kind}`: {shapes.type_of(each.get('schema', {}))}")
    return [*lines, ""]


def _answers(words: Words, shapes: Shapes, one: Mapping[str, Any]) -> list[str]:
    own = words.own
    rows = []
    for status, each in one["responses"].items():
        if (status, each["description"]) in _COMMON:
            continue
        kinds = [
            f"`{kind}` {shapes.type_of(body.get('schema', {}))}".strip()
            for kind, body in each.get("content", {}).items()
        ]
        rows.append((code(status), safe(words(each["description"])), "; ".join(kinds)))
    head = [own("answer", "应答"), own("meaning", "含义"), own("body", "正文")]
    return table(head, rows)


def _schemas(
    words: Words, shapes: Shapes, whole: Mapping[str, Any], owners: Mapping[str, str], page: str
) -> list[str]:
    names = sorted(name for name, owner in owners.items() if owner == page)
    if not names:
        return []
    lines = heading(2, words.own("Schemas", "结构"), "schemas")
    for name in names:
        lines += shapes.section(name, whole["components"]["schemas"][name])
    return lines


def _text(lines: list[str]) -> str:
    return "\n".join(lines)


def notices(words: Words) -> Iterator[str]:
    """Lines on what the service posts to case systems, by the callbacks of the document."""
    whole = document()
    owners = _owners(whole, _by_tag(whole))
    shapes = Shapes(words, {name: f"api/{page}" for name, page in owners.items()}, "notices.md")
    for item in whole["paths"].values():
        for operation in item.values():
            for name, callback in operation.get("callbacks", {}).items():
                for where, posted in callback.items():
                    one = posted["post"]
                    yield from heading(2, words(one["summary"]), anchor(f"{name}-{where}"))
                    yield from [code(f"POST {where}"), ""]
                    if one.get("description"):
                        yield from [safe(words(one["description"])), ""]
                    yield from _parameters(words, shapes, one)
                    yield from _body(words, shapes, one)
                    yield from _answers(words, shapes, one)
