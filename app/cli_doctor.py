"""hedui doctor: what keeps the service from working, found before a household waits for it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import sqlalchemy as sa
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app.access.addresses import LOOPBACK, PUBLIC
from app.alerts.rules_file import load_rules
from app.audit.chain import AuditTrail
from app.domain.errors import ConfigurationError, HeduiError, StorageUnavailable
from app.domain.instants import china_day
from app.error_rate.versions import Models
from app.jobs.checkup import Checkup, Finding, State
from app.keys import Wrapping, audit_key, keys_of, read_key, wrapping
from app.programmes.standard import Standards
from app.recipients.rules import Rules as RecipientRules
from app.safe_start import refuse_unsafe
from app.settings import Settings, read_sources_file
from app.store.audit_entries import AuditEntries
from app.store.crypto import KEY_BYTES
from app.store.roles import weak_walls
from app.store.session import Database, connect
from app.verification.terms import agreements_of
from app.wiring import exchange_rates
from app.wiring_audit import callback_rules
from app.wiring_sources import answering_of
from connectors.centres import MARK, check_centres, reach_centre
from connectors.failure import SourceError
from connectors.reach import reach
from connectors.registry import build_sources, resolve_value, resolved
from matching.calibration.applied import read_adjustments
from matching.weights import load_weights
from matching.weights_file import read_weights

_LOOKS: Final = {
    State.OK: "[green]ok[/green]",
    State.WARNING: "[yellow]warning[/yellow]",
    State.FAILED: "[red]failed[/red]",
    State.UNKNOWN: "[red]unknown[/red]",
}
_SEE: Final = "correct it"


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
    without_sources: Annotated[
        bool, typer.Option("--without-sources", help="Do not call the sources.")
    ] = False,
) -> None:
    """Check configuration, database, clock, keys, disk, workers and every source.

    Changes nothing and asks no source about anybody. Exit status 1 where something failed.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        found = [_wrong_setting(one["loc"], str(one["type"])) for one in error.errors()]
    else:
        found = examined(settings, with_sources=not without_sources)
    if as_json:
        body = orjson.dumps([asdict(one) for one in found], option=orjson.OPT_INDENT_2)
        sys.stdout.write(body.decode() + "\n")
    else:
        _print(found)
    if any(one.state in (State.FAILED, State.UNKNOWN) for one in found):
        raise typer.Exit(1)


def examined(settings: Settings, *, with_sources: bool = True) -> list[Finding]:
    """All checks, in the order in which faults are best mended."""
    found = [
        _read("settings", lambda: _settings(settings)),
        _read("callback addresses", lambda: _callbacks(settings)),
        _read("audit anchors", lambda: _anchors(settings)),
        _read("programmes", lambda: _standards(settings)),
        _read("error-rate models", lambda: _models(settings)),
        _read("match weights", lambda: _weights(settings)),
        _read("alert rules", lambda: _alerts(settings)),
        _read("re-verification rules", lambda: _cadences(settings)),
    ]
    of_sources = _read("sources file", lambda: _sources(settings))
    found.append(of_sources)
    keys, master = _keys(settings)
    found += keys
    found += asyncio.run(_running(settings, master))
    if with_sources and of_sources.state is State.OK:
        found += asyncio.run(_reached(settings))
    return found


def _settings(settings: Settings) -> str:
    refuse_unsafe(settings, read_sources_file(settings.sources))
    return "production" if settings.production else "for one machine"


def _callbacks(settings: Settings) -> str:
    rules = callback_rules(settings)
    words = [name for name in (PUBLIC, LOOPBACK) if getattr(rules, name)]
    return ", ".join([f"{len(rules.patterns)} listed", *words])


def _anchors(settings: Settings) -> str:
    """An anchor that whoever holds the database can change as well shows mistakes alone."""
    if not settings.production:
        return "for one machine: kept with the database" if not settings.audit_anchor else "set"
    if not settings.audit_anchor:
        raise ConfigurationError("HEDUI_PRODUCTION: HEDUI_AUDIT_ANCHOR must name another place")
    if not settings.audit_signing_key:
        raise ConfigurationError("HEDUI_PRODUCTION: HEDUI_AUDIT_SIGNING_KEY must lie elsewhere")
    return "set"


def _standards(settings: Settings) -> str:
    count = len(Standards.load(settings.programmes).programmes)
    return f"{count} programmes"


def _models(settings: Settings) -> str:
    parameters, calibration = Models.load(settings.models_folder).in_force(datetime.now(UTC).date())
    return f"parameters {parameters.version}, calibration {calibration.version}"


def _weights(settings: Settings) -> str:
    path, learned = settings.matching_weights, settings.matching_adjustments
    weights = load_weights() if path is None else read_weights(path)
    if learned is not None:
        read_adjustments(learned)
    return f"version {weights.version}"


def _alerts(settings: Settings) -> str:
    rules = load_rules(settings.alerts, china_day(datetime.now(UTC)))
    return f"of {len(rules.by_region)} regions"


def _cadences(settings: Settings) -> str:
    schedule = RecipientRules.load(settings.recipients).schedule
    return f"scheduled from {schedule.opens:%H:%M}" if schedule.enabled else "no schedule"


def _sources(settings: Settings) -> str:
    if settings.sources is None:
        return "none: HEDUI_SOURCES is not set, every source is unknown"
    document = read_sources_file(settings.sources)
    exchange_rates(document)
    agreements_of(document)
    try:
        names = build_sources(document.get("sources") or {}, document.get("limits") or {})
        centres = check_centres(document.get("centres"))
        answering_of(document.get("assistance"), names)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    return f"{len(names)} of 10 sources" + (f", {centres} other centres" if centres else "")


def _keys(settings: Settings) -> tuple[list[Finding], Wrapping | None]:
    """Of the keys, none is made here: with a new one, nothing stored could be read."""
    found = [_read("master key", lambda: _master(settings))]
    usable = found[0].state is State.OK
    if settings.audit_key_file is not None:
        its = settings.audit_key_file
        found.append(_read("audit key", lambda: _key(its)))
        usable = usable and found[1].state is State.OK
    return found, wrapping(settings) if usable else None


def _master(settings: Settings) -> str:
    if not settings.key_source:
        return _key(settings.key_file or settings.data_dir / "master.key")
    return f"{settings.key_source.partition(':')[0]}, key {wrapping(settings).store.id}"


def _key(path: Path) -> str:
    try:
        read_key(path, create=False)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from None
    return f"{path}, readable by its owner alone"


async def _running(settings: Settings, wraps: Wrapping | None) -> list[Finding]:
    """What a connection to the database shows."""
    if wraps is None:
        return [Finding("database", State.UNKNOWN, "not looked at without the keys", _SEE)]
    if _is_missing(settings.database):
        detail = "there is no database yet"
        return [Finding("database", State.FAILED, detail, "hedui migrate, or hedui serve")]
    database = connect(settings.database)
    try:
        of_key, service = await _right_key(database, wraps)
        trail = AuditTrail(audit_key(settings, service), AuditEntries(), lambda: datetime.now(UTC))
        found = [*await Checkup(database, trail, settings.data_dir).whole(), of_key]
        found.append(await _regions_apart(database, is_fault=settings.production))
    finally:
        await database.aclose()
    return found


def _is_missing(database: str) -> bool:
    """A SQLite file that connecting would make."""
    url = sa.make_url(database)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


async def _right_key(database: Database, wraps: Wrapping) -> tuple[Finding, bytes]:
    """With the service's secret, from which the trail's key may be derived."""
    name, unknown = "key of the database", wraps.master or bytes(KEY_BYTES)
    try:
        keys = await database.read(lambda tx: keys_of(tx, wraps))
    except (StorageUnavailable, sa.exc.SQLAlchemyError):
        return Finding(name, State.UNKNOWN, "the database cannot be read"), unknown
    except ConfigurationError as wrong:
        return Finding(name, State.FAILED, str(wrong), "set HEDUI_KEY_FILE to that key"), unknown
    if keys is None:
        return Finding(name, State.OK, "no data keys are stored yet"), unknown
    active = keys.current().active
    return Finding(name, State.OK, f"key {active.id.hex()}, {active.suite.name}"), keys.service


async def _regions_apart(database: Database, *, is_fault: bool) -> Finding:
    """Row-level security holds for the role of the service; in production it must."""
    name = "regions apart"
    try:
        weak = await database.read(weak_walls)
    except (StorageUnavailable, sa.exc.SQLAlchemyError):
        return Finding(name, State.UNKNOWN, "the database cannot be read")
    if not weak:
        return Finding(name, State.OK, "each row is seen within its region alone")
    remedy = "two roles, the tables' owner for HEDUI_MIGRATION_DATABASE_URL: see roles.sql"
    return Finding(name, State.FAILED if is_fault else State.WARNING, "; ".join(weak), remedy)


async def _reached(settings: Settings) -> Sequence[Finding]:
    document = read_sources_file(settings.sources)
    sources: Mapping[str, Mapping[str, Any]] = document.get("sources") or {}
    listed: list[Mapping[str, Any]] = document.get("centres") or []
    return await asyncio.gather(
        *(_source(name, partial(_reach, name, given)) for name, given in sources.items()),
        *(_source(f"{MARK}{one['region']}", partial(reach_centre, one)) for one in listed),
    )


async def _reach(name: str, given: Mapping[str, Any]) -> str:
    return await reach(name, resolved(name, given, resolve_value))


async def _source(name: str, reached: Callable[[], Awaitable[str]]) -> Finding:
    try:
        detail = await reached()
    except SourceError as error:
        failure = error.failure
        remedy = f"see its url, credentials and network ({failure.kind.value})"
        return Finding(name, State.FAILED, failure.detail, remedy)
    except ValueError as error:
        return Finding(name, State.FAILED, str(error), "correct it in the sources file")
    return Finding(name, State.OK, detail)


def _read(name: str, work: Callable[[], str]) -> Finding:
    try:
        return Finding(name, State.OK, work())
    except (HeduiError, ValueError) as error:
        return Finding(name, State.FAILED, str(error), _SEE)
    except OSError as error:
        return Finding(name, State.FAILED, f"{error.filename}: {error.strerror}", _SEE)


def _wrong_setting(where: tuple[int | str, ...], kind: str) -> Finding:
    """Its value is not shown: it may be a secret."""
    name = f"HEDUI_{str(where[0]).upper()}" if where else "HEDUI_…"
    return Finding("settings", State.FAILED, f"{name}: {kind}", _SEE)


def _print(found: Sequence[Finding]) -> None:
    table = Table("check", "", "found", "remedy")
    for one in found:
        table.add_row(one.name, _LOOKS[one.state], one.detail, one.remedy)
    Console().print(table)
