"""`hedui recipients` and `hedui reverify`: on the service's own database, beside it or without."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console

from app.access.tokens import Caller
from app.api.recipients import reverified, shown
from app.batch.csv_text import csv_lines
from app.batch.roster.bounds import Unusable
from app.domain.errors import HeduiError
from app.domain.recipient import WhyDue
from app.recipients.intake import Tally
from app.recipients.relief import Relief
from app.recipients.reverify import Order
from app.settings import Settings
from app.store.recipient_lists import Wanted
from app.store.recipients import StoredRecipient
from app.wiring_batches import batching_of, relief_of
from app.wiring_stages import stages

T = TypeVar("T")
recipients = typer.Typer(
    no_args_is_help=True, help="Households that receive relief, and who of them is due. 在保家庭"
)
console = Console(stderr=True)
_ACTOR: Final = "hedui recipients"
_PAGE: Final = 500
_COLUMNS: Final = (
    "id",
    "region",
    "case_reference",
    "class",
    "cadence",
    "state",
    "due_on",
    "why_due",
    "last_verified_on",
    "consent_until",
)
_REGIONS: Final = (2, 4, 6, 9, 12)
Region = Annotated[str, typer.Option(help="GB/T 2260 code: it and all below it.")]
RecipientId = Annotated[str, typer.Argument(help="The recipient's id: rc_…")]
ClassOption = Annotated[str | None, typer.Option("--class", help="Of this class alone.")]


class Reason(StrEnum):
    """Why a household is to be verified at once."""

    REPORTED = "reported"
    DOUBTFUL = "doubtful"
    MEMBER_CHANGED = "member_changed"
    AT_ONCE = "at_once"


@recipients.command("import")
def take_in(
    roster: Annotated[Path, typer.Argument(help="CSV, xlsx or JSON lines, with a class column.")],
    region: Region,
    programmes: Annotated[str, typer.Option(help="By commas: where a row names none.")] = "",
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="End those of the region who are not on it.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --replace: tell how many, end nobody.")
    ] = False,
) -> None:
    """Take in a roster; the same again changes nothing. Exit status 1 where rows were rejected."""
    who = _operator(region)
    keys = tuple(dict.fromkeys(filter(None, programmes.split(","))))

    async def work(relief: Relief) -> tuple[Tally, int | None]:
        with roster.open("rb") as file:
            tally = await relief.take_in_file(file, who, keys)
        absent = None
        if replace and not tally.errors:
            absent = await relief.intake.end_absent(region, tally, who, dry_run=dry_run)
        return tally, absent

    try:
        tally, absent = _done(work)
    except OSError as error:
        raise _refused(f"{roster}: {error.strerror}") from None
    except Unusable as unusable:
        raise _refused(f"{roster}: {unusable.failure.value}") from None
    _tell(tally, absent, replace=replace)
    if tally.errors:
        raise typer.Exit(1)


def _tell(tally: Tally, absent: int | None, *, replace: bool) -> None:
    for error in tally.errors:
        console.print(
            f"row {error.row}: {error.column}: {error.code}: {error.detail}", highlight=False
        )
    counts = f"{tally.added} added, {tally.updated} updated, {tally.unchanged} unchanged"
    if absent is not None:
        counts += f", {absent} absent, {tally.ended} ended"
    elif replace:
        counts += "; rows were rejected, so nobody was ended for being absent"
    console.print(counts, highlight=False)


@recipients.command("list")
def list_recipients(
    region: Region,
    class_: ClassOption = None,
    consent_expiring_within: Annotated[
        int | None, typer.Option(min=0, help="Days: whose consent is to be renewed.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of CSV.")] = False,
) -> None:
    """Recipients of a region: CSV on standard output."""

    def wanted(relief: Relief) -> Wanted:
        ends_by = None
        if consent_expiring_within is not None:
            ends_by = relief.desk.today + timedelta(days=consent_expiring_within)
        return Wanted(region=region, class_=class_, consent_ends_by=ends_by)

    _list(region, wanted, as_json=as_json)


@recipients.command()
def due(
    region: Region,
    class_: ClassOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of CSV.")] = False,
) -> None:
    """Who is due for verification: CSV on standard output."""
    _list(
        region,
        lambda relief: Wanted(region=region, class_=class_, due_by=relief.desk.today),
        as_json=as_json,
    )


@recipients.command()
def end(recipient: RecipientId) -> None:
    """The household receives no relief any more. 退保"""
    _print(_done(lambda relief: relief.desk.end(recipient, _operator(""))))


@recipients.command("report-change")
def report_change(
    recipient: RecipientId,
    why: Annotated[Reason, typer.Option(help="What is known of it.")] = Reason.REPORTED,
) -> None:
    """The household is due at once. 即时复核"""
    reason = WhyDue(why.value)
    _print(_done(lambda relief: relief.desk.report_change(recipient, _operator(""), reason)))


def reverify(
    region: Region,
    class_: ClassOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many; the longest due first.")
    ] = None,
    *,
    due: Annotated[bool, typer.Option("--due", help="Those who are due; nobody else is.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be begun.")] = False,
) -> None:
    """Begin batches of those who are due; workers verify them. 定期复核"""
    if not due:
        raise _refused("--due is needed: only those who are due are verified again")
    who = _operator(region)
    order = Order(region=region, class_=class_, limit=limit)

    async def work(relief: Relief) -> dict[str, Any]:
        outlook = await relief.reverification.outlook(order)
        _warn(outlook.summary.consent_expiring, outlook.summary.consent_expired)
        begun = [] if dry_run else await relief.reverification.begin(order, who)
        return reverified(outlook, begun)

    sys.stdout.write(json.dumps(_done(work), indent=1) + "\n")


def _warn(expiring: int, expired: int) -> None:
    if expiring or expired:
        console.print(
            f"consent: of {expired} households it has ended, of {expiring} it ends within 30 days;"
            " whose has ended is not asked about (hedui recipients list --consent-expiring-within)",
            highlight=False,
            soft_wrap=True,
        )


def _list(region: str, wanted: Callable[[Relief], Wanted], *, as_json: bool) -> None:
    who = _operator(region)

    async def work(relief: Relief) -> None:
        those, after = wanted(relief), ""
        sys.stdout.write("" if as_json else csv_lines([_COLUMNS]))
        while True:
            page = await relief.desk.page(who, those, after=after, limit=_PAGE)
            sys.stdout.write(_written([shown(one) for one in page], as_json=as_json))
            if len(page) < _PAGE:
                return
            after = page[-1].id

    _done(work)


def _written(documents: Sequence[dict[str, Any]], *, as_json: bool) -> str:
    if as_json:
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in documents)
    return csv_lines([[one[name] for name in _COLUMNS] for one in documents])


def _operator(region: str) -> Caller:
    if region and not (region.isascii() and region.isdigit() and len(region) in _REGIONS):
        raise _refused("a region is 2, 4, 6, 9 or 12 digits")
    return Caller(_ACTOR, region, ("batch",))


def _done(use: Callable[[Relief], Coroutine[Any, Any, T]]) -> T:
    """The use case on the service's own database."""

    async def work() -> T:
        settings = Settings()
        async with stages(settings) as built:
            return await use(relief_of(built, settings, batching_of(built, settings)))

    try:
        return asyncio.run(work())
    except HeduiError as error:
        raise _refused(str(error)) from None


def _print(one: StoredRecipient) -> None:
    sys.stdout.write(json.dumps(shown(one), ensure_ascii=False) + "\n")


def _refused(words: str) -> typer.Exit:
    console.print(f"[red]hedui:[/red] {words}", highlight=False, soft_wrap=True)
    return typer.Exit(2)
