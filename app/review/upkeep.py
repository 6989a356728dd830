"""Keeps the error-rate models 模型维护: what became known, read for learning; versions, filed."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from app.access.consent import is_adult
from app.audit.chain import AuditTrail
from app.domain.decision import Outcome
from app.domain.errors import ConfigurationError, Conflict, TooFewAudits
from app.domain.instants import china_day
from app.error_rate.audited import Audited, AuditedDecisions, GroupBy, audited_decisions, size_group
from app.error_rate.holdings import SeenHolding
from app.error_rate.learning import learn
from app.error_rate.observed import Kind, Observation
from app.error_rate.versions import (
    CalibrationFile,
    LearnedFile,
    Models,
    name_of,
    text_of,
    version_of,
)
from app.store.known_outcomes import KnownDecision, KnownOutcomes, SeenSource
from app.store.session import Database
from app.verification.conclude import Case, Conclusion, Knowledge, conclude
from app.verification.run import Verifier
from app.verification.score.holdings import holdings_of

_COUNTY = 6
_KNOWN_KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What the upkeep of the models stands on; `folder` is where their versions are kept."""

    database: Database
    verifier: Verifier
    known: KnownOutcomes
    audit: AuditTrail
    folder: Path
    now: Callable[[], datetime]


async def stated(upkeep: Upkeep, *, region: str = "") -> AuditedDecisions:
    """Decisions of known outcome with the rates that were stated of them: to be monitored."""
    rows = await upkeep.database.read(lambda tx: upkeep.known.decisions(tx, region=region))
    return audited_of(rows)


def audited_of(rows: Iterable[KnownDecision]) -> AuditedDecisions:
    """The decisions with the rates that were stated of them."""
    return audited_decisions(
        [_audited(row, row.error_rate, row.interval, Outcome(row.favours)) for row in rows]
    )


async def predicted(upkeep: Upkeep, knowledge: Knowledge, *, region: str = "") -> AuditedDecisions:
    """Decisions of known outcome with the rates that `knowledge` predicts from their evidence.

    Concluded anew from what is stored, so that all rates are of one version; nobody is asked.
    """
    rows = await upkeep.database.read(lambda tx: upkeep.known.decisions(tx, region=region))
    by_case: dict[str, list[KnownDecision]] = {}
    for row in rows:
        by_case.setdefault(row.verification_id, []).append(row)
    found = []
    for id_, known in by_case.items():
        _, conclusion = await _concluded(upkeep, id_, knowledge)
        decisions = {one.programme: one for one in conclusion.decisions}
        for row in known:
            error = decisions[row.programme].error
            favours = decisions[row.programme].favours
            found.append(_audited(row, error.rate, error.interval, favours))
    return audited_decisions(found)


def _audited(
    row: KnownDecision, rate: float, interval: tuple[float, float], favours: Outcome
) -> Audited:
    return Audited(
        predicted=rate,
        interval=interval,
        wrong=favours.value != row.true_outcome,
        weight=1.0 / row.probability,
        case=row.verification_id,
        known_on=china_day(row.known_at),
        groups={
            GroupBy.PROGRAMME: row.programme,
            GroupBy.REGION: row.region[:_COUNTY],
            GroupBy.AREA: row.area,
            GroupBy.ETHNIC_GROUP: f"{row.ethnic_group:02d}" if row.ethnic_group else "",
            GroupBy.HOUSEHOLD_SIZE: size_group(row.household_size),
            GroupBy.OUTCOME: favours.value,
        },
    )


async def observations(
    upkeep: Upkeep, *, region: str = "", since: datetime | None = None
) -> tuple[Observation, ...]:
    """What audits and objections showed of sources."""
    rows = await upkeep.database.read(
        lambda tx: upkeep.known.observations(tx, region=region, since=since)
    )
    return tuple(_observation(row) for row in rows)


def _observation(row: SeenSource) -> Observation:
    if row.kind not in _KNOWN_KINDS:
        raise ConfigurationError(f"source_observation: {row.kind} is no kind of observation")
    return Observation(
        source=row.source,
        kind=Kind(row.kind),
        hits=row.hits,
        trials=row.trials,
        months=row.months,
        log_ratio=row.log_ratio,
        probability=row.probability,
        observed_on=china_day(row.observed_at),
    )


async def held(
    upkeep: Upkeep, knowledge: Knowledge, *, region: str = "", cases: int
) -> tuple[SeenHolding, ...]:
    """What members of the households that were decided last have, where a source told all.

    Read from their profiles, concluded anew from what is stored; nobody is asked.
    """
    ids = await upkeep.database.read(lambda tx: upkeep.known.newest(tx, region=region, limit=cases))
    found: list[SeenHolding] = []
    for id_ in ids:
        case, conclusion = await _concluded(upkeep, id_, knowledge)
        adults = frozenset(
            one.ref
            for one in case.request.household.members
            if is_adult(one, case.request) is not False
        )
        found += holdings_of(conclusion.profile, case.statuses, adults)
    return tuple(found)


async def _concluded(upkeep: Upkeep, id_: str, knowledge: Knowledge) -> tuple[Case, Conclusion]:
    case, _ = await upkeep.verifier.case_of(await upkeep.verifier.load(id_))
    return case, await asyncio.to_thread(conclude, case, knowledge)


def learned(
    models: Models,
    seen: Sequence[Observation],
    things: Sequence[SeenHolding],
    *,
    since: date,
) -> tuple[LearnedFile, tuple[str, ...]]:
    """A version learned from the shipped parameters, and the sources of which it holds nothing.

    Raises TooFewAudits where nothing was observed.
    """
    if not seen and not things:
        raise TooFewAudits("nothing was observed of sources yet: audit some decisions")
    found = learn(models.shipped.document, seen, things)
    version = LearnedFile(
        version=version_of(since, found.learned_from.digest),
        since=since,
        assumed=models.shipped.parameters.version,
        learned_from=found.learned_from,
        parameters=found.content,
        explained=found.explained,
    )
    return version, found.not_used


async def file(upkeep: Upkeep, version: LearnedFile | CalibrationFile, actor: str) -> Path:
    """Put a new version into the folder, with its entry on the audit trail.

    The file takes its name only after the entry is committed: no entry, no effect. Raises Conflict
    where the version is there already, ConfigurationError where the folder cannot be written.
    """
    path = upkeep.folder / name_of(version)
    part = path.with_name(f".{path.name}.part")
    if path.exists():
        raise Conflict(f"{path.name}: is there already; nothing new was learned")
    try:
        upkeep.folder.mkdir(parents=True, exist_ok=True)
        part.write_text(text_of(version), "utf-8")
        await upkeep.database.write(lambda tx: _enter(upkeep.audit, tx, version, actor))
        part.rename(path)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return path


def _enter(
    audit: AuditTrail, tx: sa.Connection, version: LearnedFile | CalibrationFile, actor: str
) -> None:
    learned = version.learned_from
    is_parameters = isinstance(version, LearnedFile)
    audit.append(
        tx,
        actor=actor,
        action="error_rate_learned" if is_parameters else "error_rate_calibrated",
        about=(version.version, ""),
        details={
            "since": version.since.isoformat(),
            "rows": str(learned.rows),
            "digest": learned.digest,
        },
    )


def day_of(upkeep: Upkeep) -> date:
    """Today, in China."""
    return china_day(upkeep.now())
