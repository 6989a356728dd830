"""The demo: a made-up county behind the ten wire formats, alone or with the service on it."""

import asyncio
import json
import shlex
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import yaml
from rich.console import Console
from yarl import URL

from app.access.clients import new_secret, secret_hash
from app.present import print_verification
from app.serving import served
from app.settings import Settings
from app.store.clients import Client
from app.wiring import new_id
from app.wiring_types import Parts
from connectors.sandbox.county import County, generate
from connectors.sandbox.county.applications import write_applications
from connectors.sandbox.sandbox import Sandbox, run_sandbox

_REGION = "220102"
_HOST = "127.0.0.1"
_EXCHANGE_RATES = {"USD": "7.10", "KRW": "0.0052", "HKD": "0.91", "EUR": "7.70", "JPY": "0.047"}
_WAIT = 60.0


class Refused(Exception):  # noqa: N818 - the service's own word
    """The service answered with a problem."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("title", "refused")))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Plan:
    """How the demo is to run."""

    seed: int
    households: int
    port: int
    once: bool
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Remote:
    """A running service, spoken to as a case system does."""

    url: str
    client_id: str
    client_secret: str

    async def verify(self, body: bytes, wait: float) -> dict[str, Any]:
        """Post a household and wait until it is final (or in review), at most `wait` seconds."""
        async with httpx.AsyncClient(base_url=self.url, timeout=90, trust_env=False) as http:
            token = await self._token(http)
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            first = {**headers, "Idempotency-Key": new_id("ik"), "Prefer": f"wait={wait:g}"}
            reply = await http.post("/v1/verifications", content=body, headers=first)
            if reply.status_code not in (201, 202):
                raise Refused(reply.json())
            document: dict[str, Any] = reply.json()
            return document

    async def _token(self, http: httpx.AsyncClient) -> str:
        reply = await http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.client_secret),
        )
        if reply.status_code != httpx.codes.OK:
            raise Refused(reply.json())
        return str(reply.json()["access_token"])


@dataclass(frozen=True, slots=True)
class SandboxPlan:
    """The ten sources alone: which county, in which folder, for a service at which address."""

    seed: int
    households: int
    data_faults: float
    folder: Path
    url: str


async def run_sources(plan: SandboxPlan) -> None:
    """The ten sources without the service, until interrupted; the folder holds what it needs."""
    console, folder = Console(), plan.folder.resolve()
    with console.status("making up a county …"):
        today = datetime.now(UTC).date()
        county = await asyncio.to_thread(
            generate, plan.seed, plan.households, today, fault_rate=plan.data_faults
        )
    applications = folder / "applications"
    await asyncio.to_thread(write_applications, county, applications)
    async with run_sandbox(county.registers, folder=folder / "sandbox", seed=plan.seed) as sandbox:
        sources = write_sources(sandbox, folder, plan.url)
        console.rule("the ten sources")
        _addresses(sandbox, applications, console)
        _how_to_serve(plan.url, sources, console)
        await _until_interrupted(console)


async def run(plan: Plan) -> None:
    """Everything up, the first household verified and printed; then on until interrupted."""
    console = Console()
    folder = plan.folder or Path(tempfile.mkdtemp(prefix="hedui-demo-"))
    try:
        await _run(plan, folder, console)
    finally:
        if plan.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _run(plan: Plan, folder: Path, console: Console) -> None:
    with console.status("making up a county …"):
        today = datetime.now(UTC).date()
        county = await asyncio.to_thread(generate, plan.seed, plan.households, today)
    applications = folder / "applications"
    await asyncio.to_thread(write_applications, county, applications)
    with console.status("opening the ten sources and the service …"):
        async with sandbox_and_service(county, folder, plan.port) as running:
            await _first_household(running, county, console)
            _where_to_look(running, applications, console)
            if not plan.once:
                await _until_interrupted(console)


@dataclass(frozen=True, slots=True)
class Running:
    """What is up."""

    sandbox: Sandbox
    url: str
    remote: Remote
    parts: Parts


@asynccontextmanager
async def sandbox_and_service(county: County, folder: Path, port: int) -> AsyncIterator[Running]:
    """The sandbox and a service on it, with one client of the whole county."""
    url = f"http://{_HOST}:{port or free_port()}"
    async with run_sandbox(county.registers, folder=folder / "sandbox") as sandbox:
        settings = write_settings(sandbox, folder, url)
        async with served(settings) as parts:
            remote = await add_client(parts, url)
            yield Running(sandbox, url, remote, parts)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def write_settings(sandbox: Sandbox, folder: Path, url: str) -> Settings:
    """The settings of a service at this address on these sources."""
    path = write_sources(sandbox, folder, url)
    port = int(url.rsplit(":", maxsplit=1)[1])
    return Settings(
        data_dir=folder / "data", sources=path, port=port, public_url=url, worker="demo"
    )


def write_sources(sandbox: Sandbox, folder: Path, url: str) -> Path:
    """`sources.yaml` as a county would write it, for a service that is reached at `url`."""
    sources = sandbox.sources_configuration(f"{url}/v1/callbacks/insurance")
    document = {"sources": sources, "exchange_rates": _EXCHANGE_RATES}
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
        region=_REGION,
        scopes=("verify", "batch", "read", "review"),
        secret_hash=secret_hash(secret),
        created_at=parts.now(),
    )
    await parts.shelf.database.write(lambda tx: parts.clients.add(tx, new))
    return Remote(url, client_id, secret)


async def _first_household(running: Running, county: County, console: Console) -> None:
    body = json.dumps(county.households[0].application, ensure_ascii=False).encode()
    with console.status("asking the ten sources about the first household …"):
        document = await running.remote.verify(body, _WAIT)
    print_verification(document, console)


def _where_to_look(running: Running, applications: Path, console: Console) -> None:
    console.rule("where to look")
    console.print(f"service        {running.url}   (interface: {running.url}/docs)")
    _addresses(running.sandbox, applications, console)
    console.print("another household:", style="bold")
    console.print(
        f"  HEDUI_URL={running.url} HEDUI_CLIENT_ID={running.remote.client_id} "
        f"HEDUI_CLIENT_SECRET={running.remote.client_secret} \\\n"
        f"  .venv/bin/hedui verify {next(iter(sorted(applications.glob('*.json'))))}",
        highlight=False,
        soft_wrap=True,
    )


def _addresses(sandbox: Sandbox, applications: Path, console: Console) -> None:
    for name, part in sandbox.sources_configuration().items():
        console.print(f"source         {name:<22} {part['url']}", highlight=False, soft_wrap=True)
    console.print(f"sandbox        {sandbox.control_url}   (faults, latencies, log)")
    console.print(f"applications   {applications}", highlight=False, soft_wrap=True)


def _how_to_serve(url: str, sources: Path, console: Console) -> None:
    at = URL(url)
    where = f"HEDUI_PUBLIC_URL={url} HEDUI_HOST={at.host} HEDUI_PORT={at.port}"
    console.print("a service on them, in another terminal (the client's secret is shown once):")
    for line in (
        f"export HEDUI_SOURCES={shlex.quote(str(sources))} {where}",
        f".venv/bin/hedui clients add county --region {_REGION} --scope verify,batch,read,review",
        ".venv/bin/hedui serve",
    ):
        console.print(f"  {line}", highlight=False, soft_wrap=True)


async def _until_interrupted(console: Console) -> None:
    console.print("running; Ctrl-C ends it")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
