"""What commands say: a refusal on standard error, a document on standard output."""

import sys
from typing import Any, NoReturn

import orjson
import typer
from rich.console import Console

console = Console(stderr=True)


def refuse(why: str) -> NoReturn:
    """One line that says why nothing was done; exit status 2."""
    console.print(f"[red]hedui:[/red] {why}")
    raise typer.Exit(2)


def write_json(document: Any) -> None:
    """Indented, for people and programs."""
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
