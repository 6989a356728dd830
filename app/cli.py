"""The hedui commands, each a few lines that call a use case."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import httpx
import orjson
import typer
from pydantic import ValidationError
from rich.console import Console

from app import demo as demonstration
from app.cli_addresses import addresses
from app.cli_audit_trail import audit
from app.cli_audits import audit_sample
from app.cli_backup import backup, restore
from app.cli_batch import batch
from app.cli_clients import clients
from app.cli_config import config
from app.cli_dci import dci
from app.cli_demo import demo
from app.cli_doctor import doctor
from app.cli_erasure import erasure
from app.cli_error_rate import error_rate
from app.cli_events import events
from app.cli_explain import explain
from app.cli_keys import keys
from app.cli_labels import export_labels
from app.cli_link import link
from app.cli_looks import access_report, unusual
from app.cli_matching import matching
from app.cli_programmes import programmes
from app.cli_recipients import recipients, reverify
from app.cli_roster_pass import roster_pass
from app.cli_simulate import simulate
from app.cli_staff import staff
from app.cli_worker import worker
from app.domain.errors import HeduiError, InvalidRequest
from app.logs import configure
from app.main import create_app
from app.present import print_verification
from app.serving import serve as run_service
from app.settings import Settings
from app.store.migrate import upgrade
from app.wiring import stages

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="hedui 核对"
)
cli.add_typer(clients, name="clients")
cli.add_typer(audit, name="audit")
audit.command("access-report")(access_report)
audit.command("unusual")(unusual)
cli.add_typer(addresses, name="addresses")
cli.add_typer(matching, name="matching")
cli.add_typer(audit_sample, name="audit-sample")
cli.add_typer(programmes, name="programmes")
cli.add_typer(error_rate, name="error-rate")
cli.add_typer(recipients, name="recipients")
cli.add_typer(events, name="events")
cli.add_typer(keys, name="keys")
cli.add_typer(erasure, name="erasure")
cli.add_typer(config, name="config")
cli.add_typer(dci, name="dci")
cli.add_typer(roster_pass, name="roster-pass")
cli.add_typer(staff, name="staff")
cli.add_typer(demo, name="demo")
cli.command()(link)
cli.command()(worker)
cli.command()(batch)
cli.command()(reverify)
cli.command()(doctor)
cli.command()(backup)
cli.command()(restore)
matching.command()(explain)
programmes.command()(simulate)
matching.command("export-labels")(export_labels)
console = Console(stderr=True)


def main() -> None:
    """Run a command; an error of ours is one line, not a traceback."""
    configure()
    try:
        cli()
    except InvalidRequest as wrong:
        for fault in wrong.errors:
            console.print(f"[red]hedui:[/red] {fault.pointer}: {fault.detail}")
        sys.exit(2)
    except HeduiError as error:
        console.print(f"[red]hedui:[/red] {error}")
        sys.exit(2)
    except ValidationError as wrong:
        if wrong.title != Settings.__name__:
            raise
        for one in wrong.errors(include_url=False, include_input=False):
            name = f"HEDUI_{one['loc'][0]}".upper()
            console.print(f"[red]hedui:[/red] {name}: {one['msg']}")
        sys.exit(2)


@cli.command()
def serve() -> None:
    """The service, with its embedded defaults where nothing is configured."""
    asyncio.run(run_service(Settings()))


@cli.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.migration_database)


@cli.command()
def sandbox(
    seed: int = 1,
    households: int = 60,
    folder: Annotated[
        Path, typer.Option(help="Where sources.yaml and the applications go.")
    ] = Path("data/sandbox"),
    data_faults: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the records that are keyed wrongly.")
    ] = 0.02,
    url: Annotated[
        str, typer.Option(help="Where the service will be: the insurers call it back.")
    ] = "http://127.0.0.1:8000",
) -> None:
    """The ten made-up sources alone, for a service that is started on them."""
    plan = demonstration.SandboxPlan(
        seed=seed, households=households, data_faults=data_faults, folder=folder, url=url
    )
    asyncio.run(demonstration.run_sources(plan))


@cli.command()
def verify(
    household: Path,
    url: Annotated[str, typer.Option(envvar="HEDUI_URL")] = "http://127.0.0.1:8000",
    client_id: Annotated[str, typer.Option(envvar="HEDUI_CLIENT_ID")] = "",
    client_secret: Annotated[str, typer.Option(envvar="HEDUI_CLIENT_SECRET")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The answer as it came.")] = False,
    wait: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 120.0,
) -> None:
    """One household through a running service; waits and prints the profile."""
    try:
        body = household.read_bytes()
    except OSError as error:
        console.print(f"[red]hedui:[/red] {household}: {error.strerror}")
        raise typer.Exit(2) from None
    remote = demonstration.Remote(url, client_id, client_secret)
    try:
        document = asyncio.run(remote.verify(body, wait))
    except httpx.HTTPError as error:
        console.print(f"[red]hedui:[/red] {url}: {type(error).__name__}")
        raise typer.Exit(1) from None
    except demonstration.Refused as refusal:
        console.print_json(json.dumps(refusal.problem, ensure_ascii=False))
        raise typer.Exit(1) from None
    if as_json:
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        print_verification(document, Console())


@cli.command()
def replay(verification_id: str) -> None:
    """Compute a verification again from its stored evidence and compare."""

    async def work() -> bool:
        async with stages(Settings()) as built:
            same, stored, again = await built.verifier.replay(verification_id)
            console.print(f"stored {stored.digest} (version {stored.version})")
            console.print(f"again  {again.digest}")
            return same

    if not asyncio.run(work()):
        console.print("[red]the result is another one[/red]")
        raise typer.Exit(1)
    console.print("the same")


@cli.command()
def openapi() -> None:
    """The interface's OpenAPI document on standard output."""
    document = create_app(Settings()).openapi()
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write(text + "\n")
