"""The demo from its start to its end, and what it prints; the sources alone as well."""

import asyncio
import json
import shlex
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from yarl import URL

from app.demo.applying import assign, kept_back
from app.demo.clock import PastClock
from app.demo.keyed import keyed_wrongly
from app.demo.life import as_it_was
from app.demo.scene import Case, Scene, opened
from app.demo.service import REGION, Running, sandbox_and_service, write_sources
from app.demo.sign_ins import print_sign_ins, write_sign_ins
from app.demo.steps import FEWEST, beginning, walk
from app.logs import quiet
from app.present import print_verification
from app.serving import workers
from connectors.sandbox.county import County, generate
from connectors.sandbox.county.applications import write_applications
from connectors.sandbox.sandbox import Sandbox, run_sandbox

_WAIT = 60.0
_FAULTS = 0.06
"""Share of records that are keyed wrongly: enough for people to have something to judge."""
_FEW_FAULTS = 0.02
_AROUND = 5000
"""People of the county who do not apply: enough for namesakes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the demo is to run."""

    seed: int
    households: int
    port: int
    once: bool
    folder: Path | None
    weeks: bool = True
    """With an office that has been at work for weeks; else with nothing in it."""


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
    if plan.weeks and plan.households < FEWEST:
        console.print(f"an office's weeks take {FEWEST} households: the service begins empty")
        plan = replace(plan, weeks=False)
    with console.status("making up a county …"):
        today = datetime.now(UTC).date()
        county = await asyncio.to_thread(made_up, plan, today)
    applications = folder / "applications"
    await asyncio.to_thread(write_applications, county, applications)
    with console.status("opening the ten sources and the service …") as told:
        async with at_work(plan, county, folder, told.update) as scene:
            told.stop()
            first = await _first_household(scene.running, county, console)
            if scene.people:
                await assign(scene, first)
            _where_to_look(scene.running, applications, console)
            print_sign_ins(scene, folder, console)
            if not plan.once:
                async with workers(scene.running.settings):
                    await _until_interrupted(console)


def made_up(plan: Plan, today: date) -> County:
    """The county of the plan; the same plan and day make the same one."""
    faults = _FAULTS if plan.weeks else _FEW_FAULTS
    return generate(plan.seed, plan.households, today, _AROUND, faults)


@asynccontextmanager
async def at_work(
    plan: Plan, county: County, folder: Path, told: Callable[[str], None]
) -> AsyncIterator[Scene]:
    """The county's office in the middle of its work, by the clock of everybody.

    `told` hears what is going on.
    """
    clock, in_question = PastClock(), list[int]()
    if plan.weeks:
        clock.begin(beginning(county))
        as_it_was(county, beginning(county).date())
        in_question += keyed_wrongly(county, kept_back(county))
    async with (
        sandbox_and_service(county, folder, plan.port, clock) as running,
        opened(running, county, clock, in_question) as scene,
    ):
        if plan.weeks:
            with quiet():
                await walk(scene, told)
            write_sign_ins(scene, folder)
        yield scene


async def _first_household(running: Running, county: County, console: Console) -> Case:
    application = county.households[0].application
    body = json.dumps(application, ensure_ascii=False).encode()
    with console.status("asking the ten sources about the first household …"):
        document = await running.remote.verify(body, _WAIT)
    print_verification(document, console)
    return Case(application, document)


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
        f".venv/bin/hedui clients add county --region {REGION} --scope verify,batch,read,review",
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
