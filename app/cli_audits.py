"""`hedui audit-sample`: audits planned, drawn, listed, handed to readers and measured."""

import asyncio
import csv
import json
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console

from app.access.tokens import Caller
from app.api.audits import listed_document, shown
from app.domain.errors import HeduiError, InvalidRequest
from app.present_audits import head_table, plan_table, result_tables, sample_tables
from app.review.audit_plan import AuditPlan, Measure
from app.review.audit_readings import Page
from app.review.audits import Auditing
from app.review.sampling.allocation import Allocation
from app.review.sampling.frame import Decided
from app.review.sampling.planning import plan_below, size_for
from app.settings import Settings
from app.wiring import stages

T = TypeVar("T")
audit_sample = typer.Typer(
    no_args_is_help=True, help="Audit samples: how often decisions are wrong. 抽查"
)
console = Console(stderr=True)
_OPERATOR: Final = Caller("hedui audit-sample", "", ("audit", "review"))
_MOST: Final = 1000
_COLUMNS: Final = (
    "position",
    "verification_id",
    "case_reference",
    "programme",
    "region",
    "reading",
)
AuditId = Annotated[str, typer.Argument(help="The audit's id: as_…")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


@audit_sample.command()
def plan(
    half_width: Annotated[
        float | None, typer.Option(help="± of the rate at 95 %, as a share: 0.02.")
    ] = None,
    below: Annotated[
        float | None, typer.Option(help="Or: the limit that the rate is to be shown to be below.")
    ] = None,
    expected: Annotated[float, typer.Option(help="The rate that is expected.")] = 0.05,
    frame: Annotated[int | None, typer.Option(min=1, help="Decisions in the frame.")] = None,
    design_effect: Annotated[float, typer.Option(min=0.1)] = 1.0,
    *,
    as_json: AsJson = False,
) -> None:
    """How many decisions to draw, without any database."""
    if (half_width is None) == (below is None):
        raise _refused("give either --half-width or --below")
    document: dict[str, Any] = {"expected": expected, "frame": frame}
    try:
        if half_width is not None:
            n = size_for(expected, half_width, frame, design_effect=design_effect)
            document |= {"half_width": half_width, "size": n}
        elif below is not None and frame is not None:
            found = plan_below(below, expected, frame, design_effect=design_effect)
            document |= {"below": below, "size": found.n}
            document |= {"most_errors": found.at_most, "power": round(found.power, 4)}
        else:
            raise _refused("--below needs --frame")
    except HeduiError as error:
        raise _refused(str(error)) from None
    _show(document, lambda: [plan_table(document)], as_json=as_json)


@audit_sample.command()
def draw(
    region: Annotated[str, typer.Option(help="The decisions of this region's subtree.")],
    programme: Annotated[list[str], typer.Option(help="Once for each programme.")],
    final_from: Day,
    final_until: Day,
    kind: Annotated[
        list[Decided] | None, typer.Option(help="Once for each kind; else all.")
    ] = None,
    size: Annotated[int | None, typer.Option(min=2, help="Decisions of each kind.")] = None,
    half_width: Annotated[float | None, typer.Option(help="Or: ± of each rate at 95 %.")] = None,
    allocation: Allocation = Allocation.NEYMAN,
    risk_supplement: Annotated[
        int, typer.Option(min=0, help="So many more of each kind by their predicted rate.")
    ] = 0,
    second_reading_share: Annotated[float, typer.Option(min=0.0, max=1.0)] = 0.0,
    tolerance: Annotated[
        list[str] | None, typer.Option(help="Greatest share tolerated: inclusion=0.02")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Else one is drawn and kept.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Draw a sample of final decisions, at random within strata; days are China's."""
    wanted = AuditPlan(
        programmes=tuple(dict.fromkeys(programme)),
        region=region,
        final_from=final_from.date(),
        final_until=final_until.date(),
        kinds=tuple(dict.fromkeys(kind or Decided)),
        size=size,
        half_width=half_width,
        allocation=allocation,
        risk_supplement=risk_supplement,
        second_reading_share=second_reading_share,
        tolerance=_limits(tolerance or []),
        seed=seed,
    )
    document = shown(_done(lambda auditing: auditing.audits.draw(wanted, _OPERATOR)))
    _show(document, lambda: sample_tables(document), as_json=as_json)


@audit_sample.command("list")
def list_samples(
    region: Annotated[str, typer.Option(help="Of this region's subtree.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Audits, the newest first."""
    who = Caller(_OPERATOR.actor, region, _OPERATOR.scopes)
    found = _done(lambda auditing: auditing.audits.all(who, after="", limit=_MOST))
    documents = [shown(one) for one in found]
    _show(documents, lambda: [head_table(documents)], as_json=as_json)


@audit_sample.command()
def show(
    audit: AuditId,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Look at the frame and draw again: is it the same?")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """An audit's design and sizes; not for those who read decisions for it."""
    document = shown(_done(lambda auditing: auditing.audits.get(audit, _OPERATOR)))
    if again:
        document["same_again"] = _done(
            lambda auditing: auditing.audits.drawn_again(audit, _OPERATOR)
        )
    _show(document, lambda: sample_tables(document), as_json=as_json)
    if document.get("same_again") is False:
        raise typer.Exit(1)


@audit_sample.command()
def worklist(
    audit: AuditId,
    reader: Annotated[str, typer.Option(help="The reader's client id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """What a reader is to read, blind to outcome and score: CSV on standard output."""
    page = Page(reader=reader, after=0, limit=sys.maxsize)
    found = _done(lambda auditing: auditing.readings.worklist(audit, _OPERATOR, page))
    documents = [listed_document(one) for one in found]
    if as_json:
        _print(documents)
        return
    writer = csv.DictWriter(sys.stdout, _COLUMNS)
    writer.writeheader()
    writer.writerows(documents)


@audit_sample.command()
def results(audit: AuditId, *, as_json: AsJson = False) -> None:
    """Measured error rates, as far as decisions have been read."""
    document = _done(lambda auditing: auditing.audits.results(audit, _OPERATOR))
    _show(document, lambda: result_tables(document), as_json=as_json)


def _limits(given: Sequence[str]) -> Mapping[Measure, float]:
    limits = {}
    for one in given:
        name, _, share = one.partition("=")
        try:
            limits[Measure(name)] = float(share)
        except ValueError:
            raise _refused(f"a tolerance is {'|'.join(Measure)}, =, and a share") from None
        if not 0.0 < limits[Measure(name)] < 1.0:
            raise _refused(f"a tolerance is a share between 0 and 1: {name}")
    return limits


def _done(use: Callable[[Auditing], Coroutine[Any, Any, T]]) -> T:
    """The use case on the service's own database."""

    async def work() -> T:
        async with stages(Settings()) as built:
            return await use(built.auditing)

    try:
        return asyncio.run(work())
    except InvalidRequest as error:
        for one in error.errors:
            console.print(f"[red]hedui:[/red] {one.pointer}: {one.detail}", highlight=False)
        raise typer.Exit(2) from None
    except HeduiError as error:
        raise _refused(str(error)) from None


def _refused(words: str) -> typer.Exit:
    console.print(f"[red]hedui:[/red] {words}", highlight=False)
    return typer.Exit(2)


def _show(document: Any, tables: Callable[[], Sequence[Any]], *, as_json: bool) -> None:
    if as_json:
        _print(document)
        return
    for table in tables():
        Console().print(table)


def _print(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
