"""`hedui error-rate`: whether predicted rates hold, what was learned, and one case's causes."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
from rich.console import Console

from app.domain.errors import ConfigurationError, NotFound
from app.domain.instants import CHINA, china_day
from app.error_rate.audited import AuditedDecisions, GroupBy
from app.error_rate.audited_file import read_audited
from app.error_rate.calibration import IDENTITY, Recalibrated, recalibrate
from app.error_rate.diagrams import Language, causes_chart, reliability_diagram
from app.error_rate.monitoring import monitor
from app.error_rate.versions import (
    CalibrationFile,
    LearnedFile,
    Models,
    calibration_file,
    text_of,
    version_of,
)
from app.present_error_rate import (
    explained_table,
    overall_words,
    recalibrated_tables,
    tables_of,
    versions_document,
    versions_table,
)
from app.review import upkeep
from app.settings import Settings
from app.store.facts import DecisionFacts
from app.store.known_outcomes import KnownOutcomes
from app.verification.library import Library, knowing
from app.wiring import stages

error_rate = typer.Typer(
    no_args_is_help=True, help="Predicted error rates: reliability, learning. 差错率"
)
console = Console(stderr=True)
_A_DAY: Final = ["%Y-%m-%d"]
_ACTOR: Final = "hedui error-rate"

FromFile = Annotated[
    Path | None,
    typer.Option("--from", help="CSV of audited decisions instead of the service's own."),
]
InRegion = Annotated[str, typer.Option("--region", help="Of this region's subtree alone.")]
Since = Annotated[
    datetime | None, typer.Option(formats=_A_DAY, help="In force from this day on; else today.")
]
Out = Annotated[
    Path | None, typer.Option(help="Write the version here instead: it takes no effect.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
InLanguage = Annotated[Language, typer.Option(help="Of the diagram.")]


@error_rate.command("learn")
def learn_parameters(
    *,
    since: Since = None,
    observed_from: Annotated[
        datetime | None, typer.Option(formats=_A_DAY, help="Leave out what was observed before.")
    ] = None,
    cases: Annotated[
        int, typer.Option(min=0, help="Of so many households, decided last: what members have.")
    ] = 2000,
    region: InRegion = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Learn the parameters from all that was observed of sources, as a new version. 参数学习"""

    async def work() -> None:
        async with _opened() as (library, kept):
            day = _first_day(since, upkeep.day_of(kept))
            seen_from = observed_from.replace(tzinfo=CHINA) if observed_from else None
            seen = await upkeep.observations(kept, region=region, since=seen_from)
            things = await upkeep.held(kept, library.knowledge, region=region, cases=cases)
            version, not_used = upkeep.learned(library.models, seen, things, since=day)
            if as_json:
                _write(asdict(version))
            else:
                told = [one for one in version.explained if one.learned != one.assumed]
                Console().print(explained_table("Learned 参数学习", told))
            for source in not_used:
                console.print(f"not used: nothing is assumed of the source {source}")
            await _file(kept, version, out)

    asyncio.run(work())


@error_rate.command("recalibrate")
def recalibrate_rates(
    *,
    source: FromFile = None,
    since: Since = None,
    region: InRegion = "",
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Learn from known outcomes how rates are to be corrected, as a new version. 校准

    All decisions are concluded anew from their evidence with the parameters then in force, so that
    what is corrected are the rates of one version; of a file, it must be they that predicted.
    """

    async def work() -> None:
        async with _opened() as (library, kept):
            day = _first_day(since, upkeep.day_of(kept))
            parameters, _ = library.models.in_force(day)
            if source is None:
                raw = knowing(library.knowledge, parameters, IDENTITY)
                audited = await upkeep.predicted(kept, raw, region=region)
            else:
                audited = read_audited(source)
            found = recalibrate(
                audited,
                version=version_of(day, audited.learned_from.digest),
                since=day,
                parameters=parameters.version,
            )
            _show_recalibrated(found, as_json)
            await _file(kept, calibration_file(found), out)

    asyncio.run(work())


@error_rate.command("reliability")
def show_reliability(
    *,
    source: FromFile = None,
    by: Annotated[
        list[GroupBy] | None, typer.Option(help="Compare these groups; else all kinds.")
    ] = None,
    region: InRegion = "",
    bins: Annotated[int, typer.Option(min=1, max=100, help="Bins of equal mass.")] = 10,
    svg: Annotated[Path | None, typer.Option(help="Where the diagram goes.")] = None,
    language: InLanguage = Language.ZH,
    as_json: AsJson = False,
) -> None:
    """Predicted beside found, over all decisions and by groups. 可靠性"""

    async def read() -> AuditedDecisions:
        async with _opened() as (_, kept):
            return await upkeep.stated(kept, region=region)

    audited = asyncio.run(read()) if source is None else read_audited(source)
    found = monitor(audited, tuple(by or GroupBy), bins=bins)
    if svg is not None:
        _write_to(svg, reliability_diagram(found.table, language))
    if as_json:
        _write(asdict(found))
        return
    for table in tables_of(found):
        Console().print(table)
    Console().print(overall_words(found))


@error_rate.command("explain-parameters")
def explain_parameters(
    *,
    version: Annotated[str | None, typer.Option(help="Else the one in force today.")] = None,
    source: Annotated[str | None, typer.Option(help="Of this source alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """How each learned number came about: assumed, expected of its type, seen, learned."""
    models = Models.load(Settings().models_folder)
    wanted = version or models.in_force(_today())[0].version
    models.named(wanted, IDENTITY.version)
    (found,) = [one for one in models.parameters if one.parameters.version == wanted]
    place = "" if source is None else f"sources.{source}."
    explained = [one for one in found.explained if one.key.startswith(place)]
    if as_json:
        _write({"version": wanted, "explained": [asdict(one) for one in explained]})
    elif found.file is None:
        Console().print(f"{wanted} is shipped: {found.document['reference'].strip()}")
    else:
        Console().print(explained_table(wanted, explained))


@error_rate.command("versions")
def show_versions(*, as_json: AsJson = False) -> None:
    """All versions of parameters and calibrations, and which are in force. 模型版本"""

    models = Models.load(Settings().models_folder)
    if not as_json:
        Console().print(versions_table(models, _today()))
        return
    _write(versions_document(models, _today()))


@error_rate.command("case")
def draw_case(
    verification_id: str,
    *,
    svg: Annotated[Path, typer.Option(help="Where the diagram goes.")],
    programme: Annotated[str | None, typer.Option(help="Needed where there are several.")] = None,
    language: InLanguage = Language.ZH,
) -> None:
    """One decision's causes of error, adding up to its rate, as a diagram. 差错来源"""

    async def work() -> None:
        async with stages(Settings()) as built:
            shelf = built.shelf
            stored = await shelf.database.read(lambda tx: shelf.results.newest(tx, verification_id))
        if stored is None:
            raise NotFound("no verification of that id has a result")
        decisions = {one["programme"]: one for one in orjson.loads(stored.body)["decisions"]}
        wanted = programme or (next(iter(decisions)) if len(decisions) == 1 else "")
        if wanted not in decisions:
            raise NotFound(f"decided were {', '.join(decisions)}: name one with --programme")
        _write_to(svg, causes_chart(decisions[wanted], language))

    asyncio.run(work())


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[Library, upkeep.Upkeep]]:
    """The versions, and what the upkeep stands on, with the service's database open."""
    settings = Settings()
    async with stages(settings) as built:
        yield (
            built.library,
            upkeep.Upkeep(
                database=built.shelf.database,
                verifier=built.verifier,
                known=KnownOutcomes(DecisionFacts(built.cipher)),
                audit=built.desk.audit,
                folder=settings.models_folder,
                now=built.desk.now,
            ),
        )


def _today() -> date:
    return china_day(datetime.now(UTC))


def _first_day(since: datetime | None, today: date) -> date:
    day = today if since is None else since.date()
    if day < today:
        raise typer.BadParameter(f"{day} is over: what was decided stays", param_hint="--since")
    return day


async def _file(
    kept: upkeep.Upkeep, version: LearnedFile | CalibrationFile, out: Path | None
) -> None:
    """Put the version where it belongs, and say from when it counts."""
    if out is not None:
        _write_to(out, text_of(version))
        console.print(f"version {version.version} in {out}: it takes no effect there")
        return
    path = await upkeep.file(kept, version, _ACTOR)
    console.print(
        f"version {version.version} in {path}: takes effect when the service starts next, "
        f"on {version.since} at the earliest"
    )


def _show_recalibrated(found: Recalibrated, as_json: bool) -> None:
    if as_json:
        _write(asdict(calibration_file(found)))
        return
    for table in recalibrated_tables(found):
        Console().print(table)
    if found.certain.audits:
        console.print(
            f"{found.certain.wrong} of {found.certain.audits} decisions of rate 0 or 1 were wrong: "
            "no map touches these"
        )


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1, default=str) + "\n")


def _write_to(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None
