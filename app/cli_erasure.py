"""`hedui erasure`: what retention would erase and erases, requests of persons, files cleaned."""

import sys
from dataclasses import asdict
from typing import Annotated, Any, Final, get_args

import orjson
import typer
from rich.console import Console
from rich.table import Table

from app.access.tokens import Caller
from app.cli_stages import with_stages
from app.erasure.erasing import OnDisk
from app.erasure.requests import Basis, NewRequest, Requests
from app.settings import Settings
from app.store.erasure_requests import ErasureRequests
from app.store.remains import RIGHTS
from app.wiring import Stages, new_id

erasure = typer.Typer(no_args_is_help=True, help="Retention and erasure. 保存期限与删除")
console = Console(stderr=True)
_BASES: Final = get_args(Basis)
Region = Annotated[str, typer.Option(help="GB/T 2260 code: of its subtree alone.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
By = Annotated[
    str,
    typer.Option(help="Who does it, as it will stand in the audit trail: an account."),
]


@erasure.command()
def plan(region: Region = "", *, as_json: AsJson = False) -> None:
    """What is over by the rules, and what of it is held; changes nothing."""

    async def work(built: Stages) -> tuple[list[dict[str, Any]], bool, OnDisk]:
        erasing = built.erasing
        rows = [asdict(one) for one in await erasing.plan(region)]
        return rows, erasing.rules.example, await erasing.on_disk()

    rows, example, disk = with_stages(Settings(), work)
    if as_json:
        _write({"rules": rows, "example": example, "on_disk": {**asdict(disk)}})
        return
    table = Table("rule", "ended before", "due", "held")
    for row in rows:
        before = row["before"].date().isoformat()
        table.add_row(str(row["ending"]), before, str(row["due"]), str(row["held"]))
    Console().print(table)
    if example:
        console.print("these terms are examples: set HEDUI_RETENTION to your own")
    console.print(f"files: {_of_disk(disk)}")


@erasure.command()
def run(region: Region = "") -> None:
    """Erase all that is over by the rules, and clean the files of it."""

    async def work(built: Stages) -> tuple[int, OnDisk]:
        gone = await built.erasing.run(region)
        return gone, await built.erasing.on_disk()

    gone, disk = with_stages(Settings(), work)
    console.print(f"{gone} subjects erased; files: {_of_disk(disk)}")
    _exit_unless_clean(disk)


@erasure.command()
def clean() -> None:
    """Clean the database's files of what was erased; exit status 1 where something is left."""

    async def work(built: Stages) -> OnDisk:
        await built.erasing.clean()
        return await built.erasing.on_disk()

    disk = with_stages(Settings(), work)
    console.print(f"files: {_of_disk(disk)}")
    _exit_unless_clean(disk)


@erasure.command()
def request(
    case: Annotated[str, typer.Option(help="The case's number.")],
    basis: Annotated[str, typer.Option(help=", ".join(_BASES))],
    document: Annotated[str, typer.Option(help="Number of the written request.")],
    by: By,
    region: Region = "",
) -> None:
    """Ask for a case's erasure (PIPL 47); another person approves it."""
    found = next((one for one in _BASES if one == basis), None)
    if found is None:
        console.print(f"[red]hedui:[/red] --basis is one of {', '.join(_BASES)}")
        raise typer.Exit(2)
    asked = NewRequest(case, found, document)

    async def work(built: Stages) -> dict[str, Any]:
        return asdict(await _requests(built).ask(_operator(by, region), asked))

    _write(with_stages(Settings(), work))


@erasure.command()
def approve(erasure_id: str, by: By, region: Region = "") -> None:
    """Carry a request out, by another person than who asked."""

    async def work(built: Stages) -> tuple[dict[str, Any], OnDisk]:
        handled = await _requests(built).carry_out(_operator(by, region), erasure_id)
        shown = {**asdict(handled.request), "erased": [list(one) for one in handled.erased]}
        return shown, await built.erasing.on_disk()

    shown, disk = with_stages(Settings(), work)
    _write(shown)
    _exit_unless_clean(disk)


def _requests(built: Stages) -> Requests:
    return Requests(erasing=built.erasing, stored=ErasureRequests(), new_id=new_id)


def _operator(by: str, region: str) -> Caller:
    """Whoever may run commands on the machine names who he or she is."""
    return Caller(f"cli {by}"[:40], region, ("erase",), kind="staff")


def _of_disk(disk: OnDisk) -> str:
    if disk.erased_last_at is None:
        return "nothing was ever erased"
    if disk.is_clean:
        return f"clean of all that was erased until {disk.erased_last_at.isoformat()}"
    words = f"NOT clean yet ({disk.state}): run hedui erasure clean"
    if disk.state in ("not_owner", "log_kept"):
        words += "; the account needs " + "; ".join(one.format(role="it") for one in RIGHTS)
    return words


def _exit_unless_clean(disk: OnDisk) -> None:
    if not disk.is_clean:
        raise typer.Exit(1)


def _write(document: Any) -> None:
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str).decode()
    sys.stdout.write(text + "\n")
