"""What is up in the demo: the ten sources, the service on them, and a client of its own."""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from app.access.clients import new_secret, secret_hash
from app.serving import served_alone
from app.settings import Settings
from app.store.clients import Client
from app.wiring import Clock, new_id, system_clock
from app.wiring_types import Parts
from connectors.sandbox.county import County
from connectors.sandbox.sandbox import Sandbox, run_sandbox

REGION: Final = "220102"
_HOST: Final = "127.0.0.1"
_BANKS: Final = {
    "icbc": "工商银行",
    "abc": "农业银行",
    "psbc": "邮储银行",
    "jlrcu": "农村信用社",
}
_EXCHANGE_RATES: Final = {
    "USD": "7.10",
    "KRW": "0.0052",
    "HKD": "0.91",
    "EUR": "7.70",
    "JPY": "0.047",
}
_CHEAP_HASH: Final = 19456
"""KiB a hash: the passwords of the demo are printed anyway."""
_POLL: Final = 0.1
_SELDOM: Final = 0.5
"""Seconds between two looks for a reply: seldom, where weeks of work are made up."""
_RATES: Final = "verify=1000/10,write=2000/10,read=4000/10"
"""Weeks of work are made up within a minute."""


class Refused(Exception):  # noqa: N818 - the service's own word
    """The service answered with a problem."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("title", "refused")))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Remote:
    """A running service, spoken to as a case system does."""

    url: str
    client_id: str
    client_secret: str

    async def verify(self, body: bytes, wait: float) -> dict[str, Any]:
        """Post a household and wait until it is final (or in review), at most `wait` seconds."""
        async with httpx.AsyncClient(base_url=self.url, timeout=90, trust_env=False) as http:
            token = await self.token(http)
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            first = {**headers, "Idempotency-Key": new_id("ik"), "Prefer": f"wait={wait:g}"}
            reply = await http.post("/v1/verifications", content=body, headers=first)
            if reply.status_code not in (201, 202):
                raise Refused(reply.json())
            document: dict[str, Any] = reply.json()
            return document

    async def token(self, http: httpx.AsyncClient) -> str:
        """A new bearer token."""
        reply = await http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.client_secret),
        )
        if reply.status_code != httpx.codes.OK:
            raise Refused(reply.json())
        return str(reply.json()["access_token"])


@dataclass(frozen=True, slots=True)
class Running:
    """What is up."""

    sandbox: Sandbox
    url: str
    remote: Remote
    parts: Parts
    settings: Settings


@asynccontextmanager
async def sandbox_and_service(
    county: County, folder: Path, port: int, clock: Clock = system_clock
) -> AsyncIterator[Running]:
    """The sandbox and a service on it, with one client of the whole county.

    Workers of batches are not among it: those are processes with clocks of their own.
    """
    url = f"http://{_HOST}:{port or free_port()}"
    async with run_sandbox(county.registers, folder=folder / "sandbox") as sandbox:
        sandbox.faults.caller_clock = lambda: clock().timestamp()
        given = write_settings(sandbox, folder, url, _SELDOM)
        settings = given.model_copy(
            update={"plain_cookie": True, "password_memory": _CHEAP_HASH, "rates": _RATES}
        )
        async with served_alone(settings, clock) as parts:
            remote = await add_client(parts, url)
            yield Running(sandbox, url, remote, parts, settings)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def write_settings(
    sandbox: Sandbox, folder: Path, url: str, poll_seconds: float = _POLL
) -> Settings:
    """The settings of a service at this address on these sources."""
    path = write_sources(sandbox, folder, url, poll_seconds)
    port = int(url.rsplit(":", maxsplit=1)[1])
    return Settings(
        data_dir=folder / "data",
        sources=path,
        areas=_write_areas(folder),
        port=port,
        public_url=url,
        worker="demo",
    )


def _write_areas(folder: Path) -> Path:
    """Made-up names: the county is none that there is."""
    towns = {f"{REGION}{number:03d}": f"{number} 街道" for number in range(1, 11)}
    villages = {f"{REGION}{number}": f"{number - 99} 镇" for number in range(100, 110)}
    named = {REGION[:4]: "示范市", REGION: "示范区", **towns, **villages}
    path = folder / "areas.yaml"
    path.write_text(yaml.safe_dump({"areas": named}, allow_unicode=True), "utf-8")
    return path


def write_sources(sandbox: Sandbox, folder: Path, url: str, poll_seconds: float = _POLL) -> Path:
    """`sources.yaml` as a county would write it, for a service that is reached at `url`."""
    sources = sandbox.sources_configuration(f"{url}/v1/callbacks/insurance", poll_seconds)
    document = {
        "sources": sources,
        "exchange_rates": _EXCHANGE_RATES,
        "agreements": {"bank": {"institutions": dict(_BANKS)}},
    }
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
    path.chmod(0o600)
    return path


async def add_client(parts: Parts, url: str) -> Remote:
    """A client that may do everything in the demo's county."""
    client_id, secret = new_id("cl"), new_secret()
    new = Client(
        client_id=client_id,
        name="demo",
        region=REGION,
        scopes=("verify", "batch", "read", "review"),
        secret_hash=secret_hash(secret),
        created_at=parts.now(),
    )
    await parts.shelf.database.write(lambda tx: parts.clients.add(tx, new))
    return Remote(url, client_id, secret)
