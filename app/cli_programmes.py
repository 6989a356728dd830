"""`hedui programmes`: list the relief programmes, check a folder of files, explain a standard."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from app.domain.errors import InvalidStandard, NoStandardInForce, UnknownProgramme
from app.present_standard import print_explanation
from app.programmes.coverage import Coverage, coverage, unknown_regions, warnings
from app.programmes.explain import as_document, explain
from app.programmes.faults import Fault
from app.programmes.folder import Files, read_files
from app.programmes.schema import json_schema
from app.programmes.standard import COUNTING, Standards
from app.programmes.words import AREAS, LABELS, LEVELS, Language, said

programmes = typer.Typer(
    no_args_is_help=True, help="Relief programmes and their standards. 救助标准"
)
_REGION: Final = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")
_A_DAY: Final = ["%Y-%m-%d"]

Folder = Annotated[
    Path | None,
    typer.Option(envvar="HEDUI_PROGRAMMES", help="Files that replace or add to the shipped ones."),
]
AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=_A_DAY, help="The day; else today.")
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
InLanguage = Annotated[Language, typer.Option("--language", help="Of the headings and names.")]


@programmes.command("list")
def list_programmes(
    *, folder: Folder = None, language: InLanguage = Language.EN, as_json: AsJson = False
) -> None:
    """Every programme with its key, name, clause and area."""
    standards = _load(folder)
    files = [standards.file(key) for key in standards.programmes]
    if as_json:
        rows = [
            {
                "programme": file.programme,
                "name": dict(file.name),
                "clause": file.clause,
                "area": file.area or "by_township",
                "until": None if file.until is None else file.until.isoformat(),
            }
            for file in files
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    columns = ("programme", "name", "clause", "area", "until")
    table = Table(*(said(LABELS, column, language) for column in columns))
    for file in files:
        name = file.name.get(language.value, file.name["zh"])
        area = said(AREAS, file.area or "by_township", language)
        table.add_row(file.programme, name, file.clause or "—", area, str(file.until or ""))
    Console().print(table)


@programmes.command("schema")
def print_schema() -> None:
    """The JSON Schema of the files, for editors."""
    typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=1))


@programmes.command("check")
def check(
    folder: Annotated[Path, typer.Argument(help="A county's folder of programme files.")],
    *,
    as_of: AsOf = None,
) -> None:
    """Every fault of the files as the service would load them; exit status 1 where there is one."""
    try:
        files = read_files(folder, COUNTING)
    except InvalidStandard as error:
        raise _refused(error) from None
    faults = (*files.faults, *unknown_regions(files))
    if faults:
        _print_faults(files, faults)
        many = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        typer.echo(f"{many} in {len({fault.file for fault in faults})} of {len(files.paths)} files")
        raise typer.Exit(1)
    day = _day(as_of)
    standards = Standards.of(files)
    _print_faults(files, warnings(standards, files, day), "warning: ")
    found = coverage(standards, day)
    Console().print(_coverage_table(found, day))
    for one in found:
        for gap in one.gaps:
            typer.echo(f"{one.file.programme}: {gap.region} {gap.area}: {gap.why}")
    typer.echo(f"{len(found)} programmes")


@programmes.command("explain")
def explain_standard(
    programme: Annotated[str, typer.Argument(help="Its key, as `hedui programmes list` has it.")],
    region: Annotated[str, typer.Option(help="Code of a county, township or village.")],
    *,
    as_of: AsOf = None,
    folder: Folder = None,
    language: InLanguage = Language.EN,
    as_json: AsJson = False,
) -> None:
    """The standard in force and how it comes about: every value, its date, region and reference."""
    if not _REGION.fullmatch(region):
        raise typer.BadParameter("must be 2, 4, 6, 9 or 12 digits", param_hint="--region")
    try:
        explained = explain(_load(folder), programme, region, _day(as_of))
    except (NoStandardInForce, UnknownProgramme) as error:
        raise _refused(error) from None
    if as_json:
        typer.echo(json.dumps(as_document(explained), ensure_ascii=False, indent=1))
    else:
        print_explanation(explained, language, Console())


def _day(as_of: datetime | None) -> date:
    return datetime.now(UTC).astimezone().date() if as_of is None else as_of.date()


def _load(folder: Path | None) -> Standards:
    try:
        return Standards.load(folder)
    except InvalidStandard as error:
        raise _refused(error) from None


def _refused(error: Exception) -> typer.Exit:
    typer.echo(f"hedui: {error}", err=True)
    return typer.Exit(2)


def _print_faults(files: Files, faults: Iterable[Fault], kind: str = "") -> None:
    """One line a fault, as editors and compilers have them."""
    for fault in faults:
        place = "" if fault.place is None else f"{fault.place.line}:{fault.place.column}:"
        typer.echo(f"{files.paths[fault.file]}:{place} {kind}{fault.key}: {fault.words}")


def _coverage_table(found: Iterable[Coverage], day: date) -> Table:
    table = Table(title=f"Values in force on {day}, by level of region", title_justify="left")
    levels = {int(key): words for key, (words, _) in LEVELS.items() if key.isdecimal()}
    for column in ("programme", "area", *levels.values(), "values"):
        table.add_column(column)
    for one in found:
        area = one.file.area or "by township"
        counts = [_share(one, length) for length in levels]
        table.add_row(one.file.programme, area, *counts, _state(one))
    return table


def _share(one: Coverage, length: int) -> str:
    """The regions of the level that have every value, of those that are named."""
    named = one.named.get(length, 0)
    without = {gap.region for gap in one.gaps if len(gap.region) == length}
    return f"{named - len(without)}/{named}" if named else ""


def _state(one: Coverage) -> str:
    if one.ended is not None:
        return f"last day {one.ended}"
    return "[red]some are missing[/red]" if one.gaps else "[green]all[/green]"
