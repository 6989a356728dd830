"""Smaller reference pages: problems, closed words, metrics, notices, programme standards."""

import inspect
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from app.alerts.kinds import ChangeKind
from app.api.problems import known_problems
from app.domain.decision import ActionKind, Cause, Outcome
from app.domain.evidence import SourceState, Unasked
from app.domain.household import AssetKind, ExpenseKind, IncomeKind, Purpose, Relationship
from app.domain.profile import FindingCode
from app.domain.review import CHOICES, Choice, ReasonCode
from app.observe.figures import Figures, families
from app.observe.metrics import Observed
from app.programmes.schema import json_schema
from app.programmes.standard import Standards
from connectors.failure import REPEATABLE, FailureKind
from docs.generator import interface
from docs.generator.markdown import anchor, code, heading, safe, table
from docs.generator.shapes import Shapes
from docs.generator.vocabulary import meaning
from docs.generator.words import Words

_SHOWN: Final[tuple[type[StrEnum], ...]] = (
    Purpose,
    Relationship,
    IncomeKind,
    AssetKind,
    ExpenseKind,
    Unasked,
    Outcome,
    Cause,
    FindingCode,
    ChangeKind,
)


def problems_page(words: Words) -> str:
    """Every type of problem document, with its status."""
    own = words.own
    lines = heading(1, own("Problems", "问题文档"))
    lines += [
        words(
            "An error is `application/problem+json` (RFC 9457): `type`, `title`, `status`, and "
            "with `invalid-request` the list `errors`, each with `pointer` (JSON Pointer), `code`, "
            "`detail`. It never repeats a value that was sent."
        ),
        "",
    ]
    rows = [
        (code(f"urn:hedui:problem:{name}"), code(status), safe(words(told)))
        for name, status, told in known_problems()
    ]
    head = [own("type", "类型"), own("status", "状态码"), own("meaning", "含义")]
    return "\n".join(lines + table(head, rows))


def words_page(words: Words) -> str:
    """The closed words of the interface."""
    own = words.own
    lines = heading(1, own("Closed words", "固定取值"))
    head = [own("value", "值"), own("meaning", "含义")]
    lines += heading(2, own("Status of a verification", "核对状态"), "status")
    statuses = ("accepted", "querying", "partial", "in_review", "final", "cancelled")
    lines += table(head, [(code(one), meaning(words, "Status", one)) for one in statuses])
    lines += heading(2, own("State of a source", "信息源状态"), "source-state")
    name = "app__domain__evidence__SourceState"
    lines += table(head, [(code(one), meaning(words, name, one)) for one in SourceState])
    lines += heading(2, own("Why an answer is missing", "没有反馈的原因"), "failure-kind")
    rows = [
        (
            code(one),
            meaning(words, "FailureKind", one),
            own("yes", "是") if one in REPEATABLE else own("no", "否"),
        )
        for one in FailureKind
    ]
    lines += table([*head, own("asked again", "再次询问")], rows)
    for kind in _SHOWN:
        lines += heading(2, words(_first(kind)), anchor(kind.__name__))
        lines += table(head, [(code(one), meaning(words, kind.__name__, one)) for one in kind])
    return "\n".join(lines)


def _first(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n")[0].rstrip(".")


def review_page(words: Words) -> str:
    """What waits for a person, what can be decided of it, and the codes of reasons."""
    own = words.own
    lines = heading(1, own("Kinds of review items", "待办种类"))
    rows = [
        (
            code(kind),
            meaning(words, "ActionKind", kind),
            "<br>".join(f"{code(one)} {meaning(words, 'Choice', one)}" for one in CHOICES[kind]),
        )
        for kind in ActionKind
    ]
    head = [own("kind", "种类"), own("name", "名称"), own("choices", "可作的决定")]
    lines += table(head, rows)
    lines += heading(2, own("Choices", "决定"), "choices")
    head = [own("value", "值"), own("meaning", "含义")]
    lines += table(head, [(code(one), meaning(words, "Choice", one)) for one in Choice])
    lines += heading(2, own("Codes of reasons", "原因代码"), "reasons")
    lines += table(head, [(code(one), meaning(words, "ReasonCode", one)) for one in ReasonCode])
    return "\n".join(lines)


def metrics_page(words: Words) -> str:
    """Names, kinds, labels and help of all that `/metrics` shows of hedui."""
    own = words.own
    lines = heading(1, own("Metrics", "指标"))
    lines += [
        words(
            "Prometheus metrics at `/metrics` (`HEDUI_METRICS`, `HEDUI_METRICS_PORT`). No label "
            "holds a person, case or place. Beside them stand those of the process and of Python."
        ),
        "",
    ]
    seen = Observed()
    known = Figures(unit_seconds_median=1.0, notice_age=1.0)
    metrics: Iterable[Any] = [*seen.registry.collect(), *families(known)]
    rows = [
        (code(one.name), one.type, safe(words(one.documentation)))
        for one in sorted(metrics, key=lambda one: one.name)
        if one.name.startswith("hedui_")
    ]
    head = [own("metric", "指标"), own("kind", "类型"), own("meaning", "含义")]
    return "\n".join(lines + table(head, rows))


def notices_page(words: Words) -> str:
    """What the service posts to case systems."""
    own = words.own
    lines = heading(1, own("Notices", "回调通知"))
    lines += [
        words(
            "Posted to `callback_url` and to subscriptions until they are accepted; the same event "
            "can come more than once and keeps its id. See "
            "[receive notices](../how-to/connect-a-case-system.md)."
        ),
        "",
        *interface.notices(words),
    ]
    return "\n".join(lines)


def standards_page(words: Words) -> str:
    """The shipped programmes, and the schema of a programme's file."""
    own = words.own
    lines = heading(1, own("Programme standards", "救助标准"))
    lines += heading(2, own("Shipped programmes", "随附的项目"), "programmes")
    standards = Standards.load(None)
    files = [standards.file(key) for key in standards.programmes]
    rows = [
        (
            code(one.programme),
            safe(one.name.get(words.language, one.name["zh"])),
            one.clause or "",
            _until(one.until),
        )
        for one in files
    ]
    head = [own("programme", "项目"), own("name", "名称"), own("clause", "条款")]
    lines += table([*head, own("last day", "截止")], rows)
    lines += heading(2, own("Schema of the files", "文件格式"), "schema")
    definitions: Mapping[str, Any] = json_schema()["$defs"]
    here = "standards.md"
    shapes = Shapes(words, dict.fromkeys(definitions, here), here)
    for name, schema in definitions.items():
        lines += shapes.section(name, schema)
    return "\n".join(lines)


def _until(day: date | None) -> str:
    return "" if day is None else day.isoformat()
