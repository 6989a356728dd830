"""Error-rate models on the terminal: reliability, groups, what was learned, versions."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any, assert_never

from rich.table import Table

from app.error_rate.calibration import Recalibrated
from app.error_rate.explained import Explained
from app.error_rate.monitoring import Compared, Measured, Monitored, Share, TooFew
from app.error_rate.skill import Bin, Skill
from app.error_rate.versions import CalibrationFile, LearnedFile, Models

_ALPHA = 0.05


def percent(rate: float) -> str:
    return f"{rate:.2%}"


def between(interval: tuple[float, float]) -> str:
    return f"{percent(interval[0])} – {percent(interval[1])}"


def tables_of(found: Monitored) -> Iterator[Table]:
    """The reliability table with its scores, then one table a grouping."""
    yield _reliability(found)
    for one in found.compared:
        yield _compared(one, found.overall)


def _reliability(found: Monitored) -> Table:
    table = _table(
        "Reliability 可靠性", "decisions", "effective", "predicted", "observed", "95 % interval"
    )
    for row in found.table:
        outside = not row.low <= row.predicted <= row.high
        table.add_row(*_bin(row), style="yellow" if outside else None)
    table.caption = scores(found.skill)
    return table


def _bin(row: Bin) -> tuple[str, ...]:
    shares = (percent(row.predicted), percent(row.observed), between((row.low, row.high)))
    return (str(row.count), f"{row.effective:.1f}", *shares)


def scores(skill: Skill) -> str:
    """The scores in one line."""
    brier = (
        f"Brier {skill.brier:.5f} = reliability {skill.reliability:.5f} "
        f"- resolution {skill.resolution:.5f} + uncertainty {skill.uncertainty:.5f} "
        f"+ within {skill.within:.5f}"
    )
    parts = (brier, f"ECE {skill.ece:.5f}", f"log loss {skill.log_loss:.5f}", f"AUC {_auc(skill)}")
    return "; ".join(parts)


def _auc(skill: Skill) -> str:
    if skill.auc is None:
        return "— (all alike)"
    if skill.auc.interval is None:
        return f"{skill.auc.value:.3f} (too few for an interval)"
    low, high = skill.auc.interval
    return f"{skill.auc.value:.3f} ({low:.3f} – {high:.3f})"


def _compared(compared: Compared, overall: Measured) -> Table:
    table = _table(
        f"By {compared.by.value}",
        *("group", "decisions", "effective", "predicted", "observed", "95 % interval"),
        *("expected", "observed / predicted", "p (Holm)"),
    )
    unequal = {} if compared.equality is None else compared.equality.groups
    for name, one in (*compared.groups.items(), ("all", overall)):
        p_value = unequal.get(name)
        is_other = p_value is not None and p_value < _ALPHA
        told = "" if p_value is None else f"{p_value:.3f}"
        table.add_row(name, *_measured(one), told, style="yellow" if is_other else None)
    table.caption = "; ".join(_remarks(compared))
    return table


def _remarks(compared: Compared) -> Iterator[str]:
    test = compared.equality
    if test is None:
        yield "fewer than two groups are large enough to be compared"
    else:
        verdict = "unequal" if test.adjusted < _ALPHA else "no sign of unequal error"
        yield (
            f"{verdict}: p = {test.adjusted:.3f}, adjusted for the number of groupings "
            f"({test.p_value:.3f} alone)"
        )
    if compared.untold:
        yield f"{compared.untold} decisions of no known group"


def _measured(one: Measured) -> tuple[str, ...]:
    match one:
        case TooFew():
            words = f"too few: {one.needed} are needed"
            return (str(one.count), f"{one.effective:.1f}", "—", "—", words, "—", "—")
        case Share():
            ratio = "—"
            if one.ratio is not None and one.ratio_interval is not None:
                low, high = one.ratio_interval
                ratio = f"{one.ratio:.2f} ({low:.2f} – {high:.2f})"
            within = "" if one.within else " outside"
            return (
                str(one.count),
                f"{one.effective:.1f}",
                percent(one.predicted),
                percent(one.observed),
                between(one.interval),
                between(one.expected) + within,
                ratio,
            )
        case _:
            assert_never(one)


def overall_words(found: Monitored) -> str:
    """Whether the share found wrong is where the predicted rates put it."""
    match found.overall:
        case TooFew() as few:
            return f"{few.effective:.1f} effective decisions are too few: {few.needed} are needed"
        case Share() as share:
            where = "within" if share.within else "outside"
            return (
                f"{percent(share.observed)} found wrong, {percent(share.predicted)} predicted: "
                f"{where} the expected {between(share.expected)}"
            )
        case _:
            assert_never(found.overall)


def explained_table(title: str, explained: Iterable[Explained]) -> Table:
    """Each number: assumed, expected of its type, seen, learned, with its interval."""
    table = _table(
        title,
        *("parameter", "assumed", "type expects", "seen", "learned", "95 % interval", "weight"),
        "note",
    )
    for one in explained:
        table.add_row(
            one.key,
            f"{one.assumed:.5g}",
            "" if one.type is None else f"{one.expected:.5g} ({one.type})",
            _counted(one),
            f"{one.learned:.5g}",
            f"{one.interval[0]:.4g} – {one.interval[1]:.4g}",
            f"{one.assumed_weight:.4g} → {one.weight:.4g}",
            one.note or "",
        )
    return table


def _counted(one: Explained) -> str:
    if not one.trials:
        return "—"
    return f"{one.trials:.1f}" if one.hits is None else f"{one.hits:.1f} of {one.trials:.1f}"


def recalibrated_tables(found: Recalibrated) -> Iterator[Table]:
    """What the map makes of some rates, and held-out skill without and with it."""
    skill = _table(f"Held out, by {found.method} 校准", "score", "before", "after")
    for name in ("brier", "ece", "log_loss"):
        skill.add_row(name, *(f"{getattr(one, name):.5f}" for one in (found.before, found.after)))
    yield skill
    maps = _table("Calibrated rates", "programme", "audits", *map(percent, _RATES))
    for one in found.calibration.maps:
        rates = [found.calibration.calibrated(rate, one.programme) for rate in _RATES]
        name = "all others" if one.programme == "*" else one.programme
        maps.add_row(name, str(one.audits), *map(percent, rates))
    yield maps


_RATES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


def versions_table(models: Models, day: date) -> Table:
    """All versions, and which of them are in force."""
    parameters, calibration = models.in_force(day)
    table = _table(
        "Error-rate models 模型版本",
        *("kind", "version", "since", "learned from", "rows", "period", "in force"),
    )
    table.columns[1].no_wrap = True
    for one in models.parameters:
        version = one.parameters.version
        learned = ("shipped", "", "") if one.file is None else _learned(one.file.assumed, one.file)
        mark = "yes" if version == parameters.version else ""
        table.add_row("parameters", version, str(one.parameters.since), *learned, mark)
    for file in models.calibrations:
        mark = "yes" if file.version == calibration.version else ""
        learned = _learned(file.parameters, file)
        table.add_row("calibration", file.version, str(file.since), *learned, mark)
    return table


def versions_document(models: Models, day: date) -> dict[str, Any]:
    """The same for machines."""
    parameters, calibration = models.in_force(day)
    files: list[LearnedFile | CalibrationFile] = [
        one.file for one in models.parameters if one.file is not None
    ]
    return {
        "in_force": {"parameters": parameters.version, "calibration": calibration.version},
        "shipped": models.shipped.parameters.version,
        "learned": [
            {
                "format": one.format,
                "version": one.version,
                "since": one.since.isoformat(),
                "learned_from": asdict(one.learned_from),
            }
            for one in (*files, *models.calibrations)
        ],
    }


def _learned(base: str, file: LearnedFile | CalibrationFile) -> tuple[str, str, str]:
    learned = file.learned_from
    period = "" if learned.first is None else f"{learned.first} – {learned.last}"
    return base, str(learned.rows), period


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
