"""hedui roster-pass: addresses by which OpenRefine reconciles one roster 名册比对通行证."""

from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app.access.clients import Standing
from app.api.roster_passes import shown
from app.api.schemas.reconciliation import RosterPassIn
from app.cli_saying import refuse, write_json
from app.cli_stages import with_stages
from app.reconciliation.passes import MOST_HOURS, MOST_ROWS, Passes, Terms, address_of
from app.settings import Settings
from app.store.clients import Clients
from app.store.roster_passes import RosterPass
from app.wiring import Stages
from app.wiring_desks import passes_of

roster_pass = typer.Typer(
    no_args_is_help=True, help="Addresses by which a tool reconciles one roster. 名册比对通行证"
)
_OPERATOR: Final = "hedui roster-pass"
Region = Annotated[str, typer.Option(help="Of this region's subtree.")]


@roster_pass.command("add")
def add_pass(
    client_id: Annotated[str, typer.Argument(help="As whom it reconciles; its scope: batch.")],
    reference: Annotated[str, typer.Option(help="The roster's own number; nothing of a person.")],
    rows: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="How many rows it has.")],
    hours: Annotated[int, typer.Option(min=1, max=MOST_HOURS, help="How long it holds.")] = 4,
    region: Annotated[
        str | None, typer.Option(help="A part of the client's own; all of it by default.")
    ] = None,
) -> None:
    """Make a pass; the address to paste into OpenRefine is printed once."""
    settings = Settings()
    try:
        asked = RosterPassIn(reference=reference, rows=rows, hours=hours, region=region)
    except ValidationError as wrong:
        places = sorted({str(one["loc"][0]) for one in wrong.errors(include_input=False)})
        refuse(f"--{places[0]} is not as it must be: see hedui roster-pass add --help")
    terms = Terms(**asked.model_dump())

    async def work(built: Stages) -> dict[str, Any]:
        made = await _passes(built).of_client(client_id, terms, by=_OPERATOR)
        told = shown(made.roster_pass).model_dump(mode="json")
        return {**told, "url": address_of(settings.public_url, made.secret)}

    write_json(with_stages(settings, work))


@roster_pass.command("list")
def list_passes(
    region: Region = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Passes of a month, clients' and staff's, without their addresses."""

    async def work(built: Stages) -> list[RosterPass]:
        return await _passes(built).all(region)

    found = with_stages(Settings(), work)
    if as_json:
        write_json([_told(one) for one in found])
        return
    table = Table("pass", "holder", "roster", "region", "asked", "until", "ended")
    for one in found:
        ended = "" if one.ended_at is None else f"{one.ended_at:%Y-%m-%d %H:%M}"
        asked, until = f"{one.asked} of {one.rows}", f"{one.until_at:%Y-%m-%d %H:%M}"
        table.add_row(one.id, one.holder, one.reference, one.region, asked, until, ended)
    Console().print(table)


@roster_pass.command("end")
def end_pass(pass_id: str) -> None:
    """End a pass, whosever it is: from this moment on its address leads nowhere."""

    async def work(built: Stages) -> None:
        await _passes(built).take_back(pass_id, by=_OPERATOR)

    with_stages(Settings(), work)


def _passes(built: Stages) -> Passes:
    return passes_of(built, Standing(built.shelf.database, Clients(), built.clock))


def _told(one: RosterPass) -> dict[str, Any]:
    return {"holder": one.holder, "kind": one.kind, **shown(one).model_dump(mode="json")}
