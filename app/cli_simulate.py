"""`hedui programmes simulate`: what a draft of a standard would change, from stored evidence."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table

from app.domain.errors import HeduiError
from app.domain.instants import china_day
from app.programmes.standard import Standards
from app.report.recount import Recounted, Sample, extrapolated, recounted
from app.report.simulation import Draft, Simulation
from app.report.simulation_tally import Tally
from app.settings import Settings
from app.wiring import Stages, stages

console = Console(stderr=True)
_LEVELS: Final = (2, 4, 6, 9, 12)
_ACTOR: Final = "hedui programmes simulate"
_NOTES: Final[Mapping[str, str]] = {
    "local_standard": "supporters' payments stay as they were counted: under the local standard "
    "that was in force; income would differ where supporters pay",
    "counted_otherwise": "households whose totals were counted by another version of the standard "
    "than the one in force that day; both sides are judged by those totals",
    "new_programme": "nobody decides for the programme yet: the newest decision of each household "
    "was judged",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line says."""

    draft: Path
    region: str
    day: date
    level: int
    every_household: bool
    recount: bool
    sample: int
    seed: int


def simulate(
    draft: Annotated[Path, typer.Argument(help="A programme's file as it would be. YAML")],
    region: Annotated[str, typer.Option(help="The households of this region's subtree.")],
    *,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="The day of both standards; else today."
        ),
    ] = None,
    level: Annotated[
        int | None, typer.Option(help="Digits of the regions told apart; else the next level.")
    ] = None,
    all_households: Annotated[
        bool, typer.Option("--all-households", help="Whatever programme they were decided for.")
    ] = False,
    recount: Annotated[
        bool, typer.Option("--recount", help="Conclude a random sample anew from its evidence.")
    ] = False,
    sample: Annotated[int, typer.Option(min=1, help="Households of --recount.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the draw of --recount.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """How outcomes and cost would change under a draft; no source is asked. 政策模拟"""
    asked = _Asked(
        draft=draft,
        region=_region(region),
        day=china_day(datetime.now(UTC)) if as_of is None else as_of.date(),
        level=_level(level, region),
        every_household=all_households,
        recount=recount,
        sample=sample,
        seed=seed,
    )
    try:
        document = asyncio.run(_simulated(asked))
    except HeduiError as error:
        raise _refused(str(error)) from None
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        return
    for table in _recount_tables(document) if recount else _tables(document):
        Console().print(table)
    for note in document["notes"]:
        households = "" if note["households"] is None else f"{note['households']} "
        console.print(f"{households}{note['words']}", highlight=False)


def _region(region: str) -> str:
    if not region.isascii() or not region.isdigit() or len(region) not in _LEVELS:
        raise _refused("a region is 2, 4, 6, 9 or 12 digits")
    return region


def _level(level: int | None, region: str) -> int:
    if level is None:
        return next((one for one in _LEVELS if one > len(region)), _LEVELS[-1])
    if level not in _LEVELS:
        raise _refused("a level is 2, 4, 6, 9 or 12 digits")
    return level


def _refused(words: str) -> typer.Exit:
    console.print(f"[red]hedui:[/red] {words}", highlight=False, soft_wrap=True)
    return typer.Exit(2)


async def _simulated(asked: _Asked) -> dict[str, Any]:
    async with stages(Settings()) as built:
        draft = _draft(asked, built.standards)
        head = {
            "programme": draft.programme,
            "draft": asked.draft.name,
            "region": asked.region,
            "as_of": asked.day.isoformat(),
        }
        await built.shelf.database.write(lambda tx: _audit(built, tx, head))
        if asked.recount:
            return head | await _recounted(built, draft, asked)
        simulation = Simulation(draft, Tally(asked.level))
        decisions = built.shelf.facts.decisions
        await built.shelf.database.read(lambda tx: simulation.run(tx, decisions, asked.region))
        return head | simulation.tally.document() | {"notes": _notes(simulation)}


def _draft(asked: _Asked, current: Standards) -> Draft:
    try:
        text = asked.draft.read_text("utf-8")
    except OSError as error:
        raise _refused(f"{asked.draft}: {error.strerror}") from None
    drafted, programme = current.with_draft(text, file=asked.draft.name)
    return Draft(
        current=current,
        drafted=drafted,
        programme=programme,
        day=asked.day,
        every_household=asked.every_household,
    )


def _audit(built: Stages, tx: sa.Connection, head: Mapping[str, str]) -> None:
    built.desk.audit.append(
        tx,
        actor=_ACTOR,
        action="programme_simulated",
        about=(head["programme"], head["region"]),
        details={"as_of": head["as_of"]},
    )


async def _recounted(built: Stages, draft: Draft, asked: _Asked) -> dict[str, Any]:
    """One household after the other: nothing but their stored evidence is read."""
    chosen, decisions = draft.chosen(asked.region), built.shelf.facts.decisions
    keys = await built.shelf.database.read(lambda tx: decisions.ids(tx, chosen))
    sample = Sample.of([id_ for id_, _ in keys], asked.sample, asked.seed)
    found: list[Recounted] = []
    for id_ in sample.ids:
        verification = await built.verifier.load(id_)
        case, _ = await built.verifier.case_of(verification)
        found.append(await asyncio.to_thread(recounted, case, built.knowledge, draft))
    return {**extrapolated(sample, found), "notes": []}


def _notes(simulation: Simulation) -> list[dict[str, Any]]:
    codes: dict[str, int | None] = {}
    if simulation.standard_differs:
        codes["local_standard"] = None
    if simulation.counted_otherwise:
        codes["counted_otherwise"] = simulation.counted_otherwise
    if simulation.draft.is_new:
        codes["new_programme"] = None
    return [
        {"code": code, "households": households, "words": _NOTES[code]}
        for code, households in codes.items()
    ]


def _tables(document: dict[str, Any]) -> list[Table]:
    title = f"{document['programme']} in {document['region']} on {document['as_of']}"
    outcomes = _table(title, ("before", "after"), ("households", "members"))
    for one in document["outcomes"]:
        style = None if one["before"] == one["after"] else "yellow"
        outcomes.add_row(
            one["before"], one["after"], str(one["households"]), str(one["members"]), style=style
        )
    outcomes.caption = (
        f"{document['changed_households']} of {document['households']} households change, "
        f"{document['changed_members']} members; {document['expected_wrong']:.1f} of the stored "
        "decisions are expected to be wrong"
    )
    regions = _table(
        "by region; yuan a month",
        ("region",),
        ("households", "change", "before", "after", "difference"),
    )
    for one in (*document["regions"], {**document, "region": "all"}):
        cost = one["cost"] or {}
        amounts = (_amount(cost.get(name)) for name in ("before", "after", "difference"))
        counts = (str(one["households"]), str(one["changed_households"]))
        regions.add_row(one["region"], *counts, *amounts)
    return [outcomes, regions, *_largest(document["largest"])]


def _largest(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    if not rows:
        return []
    table = _table(
        "largest changes; yuan a month", ("verification", "region", "before", "after"), ("change",)
    )
    for one in rows:
        table.add_row(
            *(one[name] for name in ("verification", "region", "before", "after", "change"))
        )
    return [table]


def _recount_tables(document: dict[str, Any]) -> list[Table]:
    title = f"{document['programme']} in {document['region']}: {document['sample']} of "
    title += f"{document['population']} households concluded anew"
    table = _table(title, ("before", "after"), ("sampled", "households", "95 % interval"))
    everyone = {"before": "all that change", "after": "", **document["changed"]}
    for one in (*document["outcomes"], everyone):
        low, high = one["interval"]
        counts = (str(one["sampled"]), str(one["households"]), f"{low} – {high}")
        table.add_row(one["before"], one["after"], *counts)
    cost = document["cost"]
    if cost["difference"] is not None:
        low, high = cost["interval"]
        table.caption = f"difference {cost['difference']} yuan a month (95 %: {low} – {high})"
    return [table]


def _table(title: str, words: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in words:
        table.add_column(name)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _amount(cost: Any) -> str:
    if cost is None:
        return "–"
    if isinstance(cost, str):
        return cost
    return f"{cost['min'] or '…'} – {cost['max'] or '…'}"
