"""hedui config check: whether the service would start, in production, with these settings."""

import sys
from dataclasses import asdict
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app.domain.errors import ConfigurationError
from app.jobs.checkup import Finding, State
from app.safe_start import unsafe_settings
from app.settings import Settings, read_sources_file

config = typer.Typer(no_args_is_help=True, help="The configuration.")


@config.callback()
def _of_settings() -> None:
    """Settings are HEDUI_… variables; `hedui doctor` looks at what they lead to."""


@config.command("check")
def check(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """What production refuses, whether HEDUI_PRODUCTION is set or not; nothing is started.

    Exit status 1 where there is something. Values are never shown.
    """
    found = _found()
    if as_json:
        body = orjson.dumps([asdict(one) for one in found], option=orjson.OPT_INDENT_2)
        sys.stdout.write(body.decode() + "\n")
    elif found:
        table = Table("setting", "found", "remedy")
        for one in found:
            table.add_row(one.name, one.detail, one.remedy)
        Console().print(table)
    else:
        Console().print("[green]safe to start in production[/green]")
    if found:
        raise typer.Exit(1)


def _found() -> list[Finding]:
    try:
        settings = Settings()
    except ValidationError as error:
        names = [f"HEDUI_{one['loc'][0]}".upper() for one in error.errors(include_input=False)]
        return [Finding(name, State.FAILED, "no value that it can have") for name in names]
    try:
        document = read_sources_file(settings.sources)
    except ConfigurationError as error:
        return [Finding("sources file", State.FAILED, str(error), "correct it")]
    return unsafe_settings(settings, document)
