"""A tool that asks as OpenRefine does: its server posts forms, its page fetches across origins."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import httpx

BATCH: Final = 10
PAGE: Final = {"Origin": "http://127.0.0.1:3333", "Accept": "application/json, text/javascript"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class OpenRefine:
    """A project's column that is reconciled; it knows the service's address and nothing else."""

    http: httpx.AsyncClient
    service: str

    async def register(self) -> dict[str, Any]:
        """Adds a standard service: the page fetches the manifest and may read it."""
        reply = await self.http.get(self.service, headers=PAGE)
        assert reply.status_code == httpx.codes.OK, reply.text
        assert reply.headers["access-control-allow-origin"] == PAGE["Origin"]
        manifest: dict[str, Any] = reply.json()
        return manifest

    async def fetch(self, at: Mapping[str, str], **params: str) -> dict[str, Any]:
        """What the page fetches from a place that the manifest names."""
        url = at["service_url"] + at["service_path"]
        reply = await self.http.get(url, params=params, headers=PAGE)
        assert reply.status_code == httpx.codes.OK, reply.text
        assert reply.headers["access-control-allow-origin"] == PAGE["Origin"]
        document: dict[str, Any] = reply.json()
        return document

    async def reconcile(
        self, rows: Sequence[Mapping[str, str]], kind: str, column: str, details: Sequence[str]
    ) -> list[list[dict[str, Any]]]:
        """Candidates of each row; `details` are columns with the properties' names."""
        found = []
        for some in _batches(rows):
            queries = {f"q{n}": _query(row, kind, column, details) for n, row in enumerate(some)}
            answer = await self._posted("queries", queries)
            assert list(answer) == list(queries)
            found += [answer[key]["result"] for key in queries]
        return found

    async def extend(self, ids: Sequence[str], properties: Sequence[str]) -> dict[str, Any]:
        """Columns from reconciled values."""
        return await self._posted(
            "extend", {"ids": list(ids), "properties": [{"id": one} for one in properties]}
        )

    async def _posted(self, name: str, document: Any) -> dict[str, Any]:
        body = urlencode({name: json.dumps(document, ensure_ascii=False)})
        reply = await self.http.post(self.service, content=body, headers=_FORM)
        assert reply.status_code == httpx.codes.OK, reply.text
        answer: dict[str, Any] = reply.json()
        return answer


def _batches(rows: Sequence[Mapping[str, str]]) -> Iterator[Sequence[Mapping[str, str]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _query(
    row: Mapping[str, str], kind: str, column: str, details: Sequence[str]
) -> dict[str, Any]:
    """An empty cell is left out."""
    given = [{"pid": one, "v": row[one]} for one in details if row.get(one)]
    return {"query": row[column], "type": kind, "type_strict": "should", "properties": given}


def chosen(candidates: Sequence[Mapping[str, Any]]) -> str | None:
    """What OpenRefine takes by itself: the first one, where it is a match."""
    return candidates[0]["id"] if candidates and candidates[0]["match"] else None
