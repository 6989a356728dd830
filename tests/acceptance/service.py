"""The whole service on made-up sources: one process, real HTTP, SFTP and SQL."""

import time
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import yaml

from app.demo import add_client, free_port, write_settings
from app.serving import served
from connectors.sandbox.register import Register
from connectors.sandbox.sandbox import PaceOptions, Sandbox, run_sandbox

Document = dict[str, Any]
DONE: Final = frozenset({"final", "in_review", "cancelled"})
LONGEST_WAIT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, spoken to as a case system does."""

    sandbox: Sandbox
    http: httpx.AsyncClient

    async def verify(self, body: Mapping[str, Any], *, wait: float = LONGEST_WAIT) -> Document:
        """Post a household; the verification as it stands when it is done or the wait is over."""
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(body["case_reference"]),
            "Prefer": f"wait={wait:g}",
        }
        reply = await self.http.post(
            "/v1/verifications", content=orjson.dumps(signed_today(body)), headers=headers
        )
        assert reply.status_code in (201, 202), reply.text
        document: Document = reply.json()
        return document

    async def evidence(self, verification_id: str) -> list[Document]:
        """Every record that came back, all pages."""
        rows: list[Document] = []
        page: str | None = f"/v1/verifications/{verification_id}/evidence"
        while page is not None:
            reply = await self.http.get(page)
            assert reply.status_code == httpx.codes.OK, reply.text
            rows += reply.json()["evidence"]
            page = reply.json()["next"]
        return rows


class Signing(httpx.Auth):
    """A client's token on every call, fetched anew before it ends: long runs outlive one."""

    requires_response_body = True

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self._url = f"{url}/oauth/token"
        self._credentials = httpx.BasicAuth(client_id, client_secret)
        self._token, self._until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if time.monotonic() > self._until:
            asking = httpx.Request("POST", self._url, data={"grant_type": "client_credentials"})
            reply = yield next(self._credentials.auth_flow(asking))
            self._token = reply.json()["access_token"]
            self._until = time.monotonic() + reply.json()["expires_in"] / 2
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


@asynccontextmanager
async def running(
    registers: Mapping[str, Register],
    folder: Path,
    *,
    limits: Mapping[str, Mapping[str, float]] | None = None,
    pace: PaceOptions | None = None,
) -> AsyncIterator[Service]:
    """The ten sources over these registers, and a service on them, until the block is left."""
    url = f"http://127.0.0.1:{free_port()}"
    async with run_sandbox(registers, folder=folder / "sandbox", **(pace or {})) as sandbox:
        settings = write_settings(sandbox, folder, url).model_copy(update={"batch_workers": 0})
        if settings.sources is not None:
            _change(settings.sources, limits)
        async with served(settings) as parts:
            remote = await add_client(parts, url)
            signing = Signing(url, remote.client_id, remote.client_secret)
            async with httpx.AsyncClient(
                base_url=url, timeout=90, trust_env=False, auth=signing
            ) as http:
                yield Service(sandbox, http)


def _change(path: Path, limits: Mapping[str, Mapping[str, float]] | None) -> None:
    """Other limits; and an insurers' answer is fetched soon where it is not brought."""
    document = yaml.safe_load(path.read_text("utf-8"))
    document["sources"]["insurance"]["poll_seconds"] = 0.3
    if limits:
        document["limits"] = {name: dict(its) for name, its in limits.items()}
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")


def signed_today(body: Mapping[str, Any]) -> Document:
    """The application with a consent that holds now: cases are older than the day they are run."""
    today = datetime.now(UTC).date()
    consent = dict(body["consent"])
    consent["signed_on"] = (today - timedelta(days=4)).isoformat()
    consent["valid_until"] = (today + timedelta(days=360)).isoformat()
    return {**body, "consent": consent}
