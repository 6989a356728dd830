"""Reads a Bruno collection as far as ours uses it, and sends its requests as Bruno would.

Bru: blocks `name {` … `}` at the beginning of a line; dictionaries `key: value`, or text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

_BLOCK = re.compile(r"^([a-z:-]+) \{\n(.*?)^\}$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"\{\{([^{}]+)\}\}")
_FILE = re.compile(r"@file\(([^)]+)\) @contentType\(([^)]+)\)")
_METHODS = ("get", "post", "put", "patch", "delete")
KNOWN = {
    *_METHODS,
    *("meta", "auth", "auth:basic", "auth:bearer", "headers", "params:query", "docs", "vars"),
    *("body:json", "body:form-urlencoded", "body:multipart-form", "vars:post-response", "assert"),
}


@dataclass(frozen=True)
class Bru:
    """A file's blocks by name."""

    path: Path
    blocks: Mapping[str, str]

    def table(self, name: str) -> dict[str, str]:
        lines = self.blocks.get(name, "").strip().splitlines()
        return {
            key.strip(): value.strip() for key, _, value in (one.partition(": ") for one in lines)
        }

    @property
    def method(self) -> str:
        [method] = [name for name in _METHODS if name in self.blocks]
        return method


def read(path: Path) -> Bru:
    """The file, all of which must be understood."""
    text = path.read_text("utf-8")
    blocks = _BLOCK.findall(text)
    assert not _BLOCK.sub("", text).strip(), path
    assert {name for name, _ in blocks} <= KNOWN, path
    return Bru(path, dict(blocks))


def requests(folder: Path) -> Iterator[Bru]:
    """In the order in which Bruno runs them: by folder, then by number."""
    for inner in sorted(folder.iterdir()):
        if inner.is_dir() and inner.name != "environments":
            found = [read(path) for path in inner.glob("*.bru")]
            yield from sorted(found, key=lambda one: int(one.table("meta")["seq"]))


@dataclass
class Run:
    """A run through the collection, with what its answers left for later requests."""

    folder: Path
    secrets: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)

    def start(self, environment: str, **changes: str) -> None:
        file = read(self.folder / "environments" / f"{environment}.bru")
        self.values = {name: self.filled(it) for name, it in file.table("vars").items()} | changes

    def filled(self, text: str) -> str:
        return _NAME.sub(self._value, text)

    def _value(self, found: "re.Match[str]") -> str:
        name = found[1]
        if name == "$guid":
            return str(uuid4())
        if name.startswith("process.env."):
            return self.secrets[name.removeprefix("process.env.")]
        return self.values[name]

    async def send(self, http: httpx.AsyncClient, one: Bru) -> httpx.Response:
        reply = await http.send(http.build_request(**self._request(one)))
        wanted = one.table("assert")["res.status"]
        assert str(reply.status_code) in re.findall(r"\d{3}", wanted), (one.path.name, reply.text)
        for name, where in one.table("vars:post-response").items():
            self.values[name] = _found(reply.json(), where)
        return reply

    def _request(self, one: Bru) -> dict[str, Any]:
        told = one.table(one.method)
        url = httpx.URL(self.filled(told["url"]))
        assert dict(url.params) == {
            name: self.filled(it) for name, it in one.table("params:query").items()
        }
        headers = {name: self.filled(it) for name, it in one.table("headers").items()}
        return {
            "method": one.method.upper(),
            "url": url,
            "headers": headers | self._proof(one, told["auth"]),
            **self._body(one, told["body"]),
        }

    def _proof(self, one: Bru, kind: str) -> dict[str, str]:
        if kind == "none":
            return {}
        if kind == "basic":
            given = one.table("auth:basic")
            basic = httpx.BasicAuth(
                *(self.filled(given[name]) for name in ("username", "password"))
            )
            signed = next(basic.auth_flow(httpx.Request("POST", "http://none")))
            return {"Authorization": signed.headers["Authorization"]}
        assert kind == "inherit"
        token = read(self.folder / "collection.bru").table("auth:bearer")["token"]
        return {"Authorization": f"Bearer {self.filled(token)}"}

    def _body(self, one: Bru, kind: str) -> dict[str, Any]:
        match kind:
            case "json":
                return {"json": json.loads(self.filled(one.blocks["body:json"]))}
            case "formUrlEncoded":
                return {"data": one.table("body:form-urlencoded")}
            case "multipartForm":
                return {"files": dict(map(self._file, one.table("body:multipart-form").items()))}
            case _:
                assert kind == "none"
                return {}

    def _file(self, given: tuple[str, str]) -> tuple[str, tuple[str, bytes, str]]:
        told = _FILE.fullmatch(given[1])
        assert told, given
        return given[0], (told[1], (self.folder / told[1]).read_bytes(), told[2])


def _found(document: Any, where: str) -> str:
    """`res.body.a[0].b`."""
    first, *steps = re.findall(r"[a-z_]+|\d+", where.removeprefix("res."))
    assert first == "body", where
    for step in steps:
        document = document[int(step) if step.isdigit() else step]
    return str(document)
