"""Configuration: the service's settings, the file of sources with its limits and agreements."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from app.settings import Settings
from app.verification.terms import Agreement
from connectors.registry import LIMITS, SOURCES
from connectors.transport.limits import Limits
from docs.generator.markdown import code, heading, safe, table
from docs.generator.vocabulary import meaning
from docs.generator.words import Words, one_line

_ROOT: Final = Path(__file__).parents[2]
_TOLD: Final = re.compile(r"`(\w+)`(?:, |: | \()")
_SOURCE_KEYS: Final = re.compile(r"Configuration: (.*?)\.(?: |$)")


def settings_page(words: Words) -> str:
    """Every `HEDUI_…` variable."""
    own = words.own
    lines = heading(1, own("Settings", "设置"))
    lines += [
        words(
            "Read from the environment when a process starts; what is wrong stops it with the "
            "setting's name. Made from `app/settings.py`."
        ),
        "",
    ]
    rows = [
        (
            code(f"HEDUI_{name.upper()}"),
            _type_of(words, one.annotation) + _bounds(one),
            code(_default(one)),
            safe(words(one.description or "")),
        )
        for name, one in Settings.model_fields.items()
    ]
    head = [
        own("setting", "设置"),
        own("type", "类型"),
        own("default", "默认"),
        own("meaning", "含义"),
    ]
    return "\n".join(lines + table(head, rows))


def _type_of(words: Words, annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return ", ".join(code(one or '""') for one in get_args(annotation))
    if isinstance(annotation, UnionType):
        return _type_of(words, next(one for one in get_args(annotation) if one is not NoneType))
    names = {
        str: words.own("text", "文本"),
        int: words.own("whole number", "整数"),
        bool: words.own("true or false", "布尔"),
        Path: words.own("path", "路径"),
    }
    return names[annotation]


def _bounds(one: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "max_length": "≤", "pattern": ""}
    found = [
        f"{sign} {code(getattr(part, name))}".strip()
        for part in one.metadata
        for name, sign in signs.items()
        if getattr(part, name, None) is not None
    ]
    return f" {' '.join(found)}" if found else ""


def _default(one: FieldInfo) -> str:
    return "" if one.default in (None, "") else str(one.default).lower()


def sources_page(words: Words) -> str:
    """The file that `HEDUI_SOURCES` names, and what each connector promises."""
    own = words.own
    lines = heading(1, own("Sources", "信息源"))
    lines += [
        words(
            "The YAML file that `HEDUI_SOURCES` names: `sources`, `limits`, `exchange_rates`, "
            "`agreements`, `centres`, `assistance`. How to write one: "
            "[connect a source](../tutorials/source.md); the last two: "
            "[ask other centres](../how-to/assistance.md)."
        ),
        "",
    ]
    lines += heading(2, own("Settings of each source", "各信息源的设置"), "settings")
    rows = [
        (code(name), meaning(words, "Source", name), safe(words(_keys(name)))) for name in SOURCES
    ]
    lines += table([own("source", "信息源"), own("name", "名称"), own("settings", "设置")], rows)
    lines += [
        words(
            "Every source takes `mapping` (a file of field mappings of your own) as well, and "
            "`manual: true` in the place of all others: clerks enter what it holds. The sections "
            "`dci` and `x_road`: [connect a registry](../how-to/connect-a-registry.md)."
        ),
        "",
    ]
    lines += heading(2, own("Limits", "限额"), "limits") + _limits(words)
    lines += heading(2, own("Agreements", "协议"), "agreements") + _agreements(words)
    lines += heading(2, own("Promises", "承诺"), "promises") + _promises(words)
    return "\n".join(lines)


def _keys(name: str) -> str:
    builder: Any = SOURCES[name]
    told = one_line(inspect.getdoc(builder.__self__) or "")
    found = _SOURCE_KEYS.search(told + " ")
    return found[1] if found else ""


def _limits(words: Words) -> list[str]:
    own = words.own
    told = _parts(Limits)
    rows = []
    for one in fields(Limits):
        others = ", ".join(
            f"{source} {code(getattr(its, one.name))}"
            for source, its in LIMITS.items()
            if getattr(its, one.name) != one.default
        )
        shown = safe(words(told[one.name])) if one.name in told else safe(words(_OTHER[one.name]))
        rows.append((code(one.name), code(one.default or ""), safe(others), shown))
    head = [
        own("limit", "限额"),
        own("default", "默认"),
        own("else", "另有"),
        own("meaning", "含义"),
    ]
    return table(head, rows)


_OTHER: Final[Mapping[str, str]] = {
    "concurrency": "calls at once",
    "tries": "how often a call is tried before its answer counts as failed",
    "max_bytes": "the longest reply that is read",
}
"""What the docstring of `Limits` leaves to the names."""


def _parts(kind: type) -> dict[str, str]:
    """`name`: words; … of a docstring, by name."""
    told = one_line(kind.__doc__ or "")
    found = re.findall(r"`(\w+)`: ((?:[^;`]|`[^`]+`(?!:))+?)(?=[;.] ?`|[;.]?$|\.$)", told)
    return {name: text.strip().rstrip(".;") for name, text in found}


def _agreements(words: Words) -> list[str]:
    own = words.own
    told = {
        "number": "its number",
        "contact": "whom to call",
        **_parts(Agreement),
    }
    rows = [(code(one.name), safe(words(told[one.name]))) for one in fields(Agreement)]
    return table([own("field", "字段"), own("meaning", "含义")], rows)


def _promises(words: Words) -> list[str]:
    own = words.own
    lists = {
        name: yaml.safe_load((_ROOT / "connectors" / name / "checklist.yaml").read_text("utf-8"))
        for name in SOURCES
    }
    lines = [
        own("✓ kept; a number: exempt, and why below.", "✓ 已做到；数字表示免除，原因见下。"),
        "",
    ]
    notes: list[str] = []
    rows = []
    for promise in next(iter(lists.values())):
        cells = [_kept(lists[name].get(promise), notes) for name in SOURCES]
        rows.append((f"{code(promise)} {safe(words(_PROMISES[promise]))}", *cells))
    lines += table([own("promise", "承诺"), *(code(name) for name in SOURCES)], rows)
    return [*lines, *(f"{place}. {safe(words(one))}" for place, one in enumerate(notes, 1)), ""]


def _kept(line: Any, notes: list[str]) -> str:
    if line == "done":
        return "✓"
    why = line["exempt"] if isinstance(line, Mapping) else str(line).removeprefix("exempt:")
    text = one_line(str(why))
    if text not in notes:
        notes.append(text)
    return str(notes.index(text) + 1)


_PROMISES: Final[Mapping[str, str]] = {
    "three-outcomes": "found, no record and unknown are told apart",
    "total-deadline": "a call ends within its deadline, whatever happens",
    "size-limit": "no reply is read beyond its limit",
    "named-retries": "only named failures are repeated",
    "rate-limit": "rate and calls at once are kept over all processes",
    "consent-at-send": "consent is looked at when a question leaves",
    "intent-before-asking": "what is to be asked is stored before it is asked",
    "reply-bound-to-request": "a reply to another question or about another person is refused",
    "repeats-harmless": "the same answer twice counts once",
    "late-and-partial": "late and partial answers are taken in",
    "units-normalised": "amounts and dates come out in our units",
    "encoding-declared": "the text's encoding is known, never guessed",
    "codes-closed": "an unknown code is reported, never guessed",
    "faults-tested": "every fault of the wire is tested",
    "diagnostics-redacted": "what is told of a failure names no person",
    "no-person-in-logs": "no person in a log",
    "documented": "its interface is documented",
}
