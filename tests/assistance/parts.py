"""Two verification centres, each a service of its own with its own database and sources.

A (220102) has the household; B answers for 2299, where one of its members is registered.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.access.assertions import read_jwks
from app.store.assistance import StoredAssistance
from app.store.tables_assistance import assistance
from connectors.transport.signatures import MessageSigner
from tests.client_parts import Known, a_key, register
from tests.service_parts import (
    Clock,
    Running,
    ScriptedSource,
    a_body,
    all_ten,
    running,
)
from tests.serving import served

ELSEWHERE = "229901"


def a_household(ref: str = "m2", region: str = ELSEWHERE, **changes: Any) -> dict[str, Any]:
    """The body of a request in which one person is registered in B's region."""
    body = a_body(**changes)
    household = body["household"]
    for person in (*household["members"], *household["supporters"]):
        if person["ref"] == ref:
            person["registered_region"] = region
    return body


@dataclass
class Two:
    """Both centres, where B is reached, and as whom A is known there."""

    a: Running
    b: Running
    url: str
    known: Known

    async def verified(self) -> dict[str, Any]:
        """A's household as it stands once everything is in, however long B took on this machine."""
        document: dict[str, Any] = (await self.a.post(a_household(), wait=60)).json()
        while document["status"] == "partial":
            self.a.clock.forward(minutes=1)
            await self.a.parts.verifier.collect_due()
            document = await self.a.shown(document["id"])
        return document

    async def kept(self) -> list[StoredAssistance]:
        """The questions that B has kept, in their order."""
        desk = self.b.parts.assistance.desk

        def work(tx: Any) -> list[StoredAssistance]:
            rows = tx.execute(assistance.select().order_by(assistance.c.id)).all()
            found = [desk.stored.get(tx, row.id, row.client_id) for row in rows]
            return [one for one in found if one is not None]

        return await self.b.parts.shelf.database.read(work)


@asynccontextmanager
async def centre_b(
    folder: Path, sources: Sequence[ScriptedSource], clock: Clock, **more: Any
) -> AsyncIterator[tuple[Running, str]]:
    """B, and where it is reached; `more`: parts of its sources file, `database_url`, `tls`."""
    database_url, tls = more.pop("database_url", ""), more.pop("tls", None)
    document = {"assistance": {"answers_for": ["2299"]}, **more}
    path = written(folder / "b.yaml", document)
    async with (
        running(folder / "b", sources, clock=clock, sources=path, database_url=database_url) as b,
        served(b.app, tls) as url,
    ):
        yield b, url


@asynccontextmanager
async def two_centres(
    folder: Path,
    there: Sequence[ScriptedSource],
    here: Sequence[ScriptedSource] = (),
    **more: Any,
) -> AsyncIterator[Two]:
    """Both, A's key registered with B. `more`: what B's sources file says, `database_url`; `asked`:
    more of how A names B.
    """
    clock, named = Clock(), more.pop("asked", {})
    async with centre_b(folder, there, clock, **more) as (b, url):
        known = await register(b, secret=True, region="22", scopes=("assist",))
        entry = entry_of(url, known, b.parts.assistance.signer.jwks())
        path = written(folder / "a.yaml", {"centres": [{**entry, **named}]})
        async with running(folder / "a", all_ten(*here), clock=clock, sources=path) as a:
            await learn_key(b, known, a.parts.assistance.signer.jwks())
            yield Two(a, b, url, known)


def entry_of(url: str, known: Known, keys: Mapping[str, Any]) -> dict[str, Any]:
    """How A names B."""
    return {
        "region": "2299",
        "url": url,
        "client_id": known.id,
        "client_secret": known.secret,
        "keys": json.dumps(keys),
        "limits": {"tries": 1, "max_bytes": 200_000, "timeout": 60},
    }


async def learn_key(b: Running, known: Known, jwks: Mapping[str, Any]) -> None:
    """B takes A's public key for the client."""

    def work(tx: Any) -> None:
        for kid, value in read_jwks(json.dumps(jwks)):
            b.parts.clients.add_key(tx, a_key(known.id, "jwk", kid, value, b.clock()))

    await b.parts.shelf.database.write(work)


def signer(seed: int = 1) -> MessageSigner:
    """Of a centre that is not there."""
    return MessageSigner(bytes([seed]) * 32)


def written(path: Path, document: Mapping[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(dict(document), allow_unicode=True), "utf-8")
    return path


def state_of(document: Mapping[str, Any], source: str, ref: str) -> Mapping[str, Any]:
    """Where the source stands with the person, as the profile tells it."""
    rows = [one for one in document["sources"] if (one["source"], one["person"]) == (source, ref)]
    row: Mapping[str, Any] = rows[0]
    return row
