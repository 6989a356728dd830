"""`hedui demo`: a made-up county with an office at work on it, and how to sign in there."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import demo as demonstration
from app.demo.sign_ins import code_of

demo = typer.Typer(invoke_without_command=True)
console = Console(stderr=True)


@demo.callback()
def run(
    context: typer.Context,
    seed: int = 1,
    households: int = 60,
    port: int = 8000,
    once: Annotated[bool, typer.Option(help="End after the first household.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Where to keep the demo's data.")] = None,
    weeks: Annotated[
        bool, typer.Option(help="Weeks of an office's work first; else the service is empty.")
    ] = True,
) -> None:
    """The sandbox, the service in the middle of its work, and a first household verified."""
    if context.invoked_subcommand is not None:
        return
    plan = demonstration.Plan(
        seed=seed, households=households, port=port, once=once, folder=folder, weeks=weeks
    )
    asyncio.run(demonstration.run(plan))


@demo.command()
def code(
    login: Annotated[str, typer.Argument(help="Of somebody in the demo.")],
    folder: Annotated[Path, typer.Option(help="The demo's folder, as it printed it.")],
) -> None:
    """The code that the person's authenticator app shows now."""
    try:
        typer.echo(code_of(folder, login))
    except (OSError, KeyError):
        console.print(f"[red]hedui:[/red] nobody of that login in a demo at {folder}")
        raise typer.Exit(2) from None
