"""One call 调用 as a value: what is sent, and how the answer is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Generic, Literal, TypeAlias, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

import httpx

T = TypeVar("T")
Scalar: TypeAlias = str | int | bool | None
Upload: TypeAlias = tuple[str, bytes | IO[bytes]]
"""A file's name, whose ending tells its format, and its content; an open file must be seekable."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A request for a `T`; sent twice it is the same request, with the same `Idempotency-Key`."""

    method: str
    path: str
    query: Mapping[str, Scalar] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    json: object = None
    files: Mapping[str, Upload] | None = None
    form: Mapping[str, str | None] | None = None
    reads: Literal["json", "bytes", "nothing"] = "json"

    @property
    def is_repeatable(self) -> bool:
        """Whether nothing is done twice where the answer was lost and the call is made again."""
        return self.method in ("GET", "DELETE") or "Idempotency-Key" in self.headers

    def as_request(self, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """What is None is left out."""
        return http.build_request(
            self.method,
            self.path,
            params={name: value for name, value in self.query.items() if value is not None},
            headers={name: value for name, value in self.headers.items() if value is not None},
            json=self.json,
            files=self.files,
            data=_given(self.form),
        )

    def answer_of(self, reply: httpx.Response) -> T:
        """The body as `reads` says."""
        if self.reads == "nothing":
            return cast("T", None)
        return cast("T", reply.content if self.reads == "bytes" else reply.json())


def _given(form: Mapping[str, str | None] | None) -> dict[str, Any] | None:
    if form is None:
        return None
    return {name: value for name, value in form.items() if value is not None}


def quoted(part: str) -> str:
    """As one part of a path."""
    return quote(part, safe="")


def new_key() -> str:
    """An `Idempotency-Key` that nobody else has."""
    return uuid4().hex
