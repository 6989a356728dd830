"""Field mappings as data: which of a source's fields is which of ours, in what unit and code.

A mapping file names its version (a date), the interface document and, for each kind of record, the
record class, where the person's and the record's fields come from and how each is read. Another
county's names are another file, no code.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.failure import Failure, FailureKind, SourceError
from connectors.readers import (
    IMPLAUSIBLE,
    READERS,
    UNKNOWN_CODE,
    UNREADABLE,
    Hints,
    Read,
    Reader,
    ReaderName,
    date_pattern,
    is_blank,
)
from connectors.records import AnyRecord, Subject

Raw: TypeAlias = str | int | bool | None

ABSENT: Final = "no field"
"""Begins the problem where a row lacks a field that the document gives it."""

_OF_THE_PERSON: Final = " of the person"
_NOTHING: Final = Read(None)
_COMMON: Final = frozenset({"subjects", "raw", "problems", "type"})
_CLASSES: Final[Mapping[str, Any]] = {
    member.__name__: member for member in get_args(get_args(AnyRecord)[0])
}


class _Entry(BaseModel):
    """How one of our fields is read from one of the source's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(alias="from")
    read: ReaderName
    formats: tuple[str, ...] = ()
    codes: dict[str, bool | str] = {}
    required: bool = False  # without it the row is no record
    optional: bool = False  # the row may lack the field altogether


class _Kind(BaseModel):
    """One kind of record; `subject` empty where the source folder gives the subjects."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: str
    subject: dict[str, _Entry] = {}
    fields: dict[str, _Entry]


class _File(BaseModel):
    """A mapping file; keys that a source folder reads by itself may stand beside these."""

    model_config = ConfigDict(frozen=True)

    version: date
    document: str
    records: dict[str, _Kind]


@dataclass(frozen=True, slots=True)
class _Step:
    """One field's reading, ready to be done (it is done for each field of each record)."""

    ours: str
    source: str
    reader: Reader
    hints: Hints
    required: bool
    optional: bool
    of_the_person: bool

    def read(self, row: Mapping[str, object]) -> Read:
        value = row.get(self.source)
        if value is None or value == "":
            absent = self.source not in row and not self.optional
            return Read(None, f"{ABSENT} {self.source}") if absent else _NOTHING
        read = self.reader(value, self.hints)
        if read.problem is None:
            return read
        if is_blank(value):
            return _NOTHING
        # What the register keyed wrongly about the person weakens the evidence of who it is, but
        # leaves the record itself whole; a code that is unknown is unknown wherever it stands.
        whose = _OF_THE_PERSON if self.of_the_person and read.problem != UNKNOWN_CODE else ""
        return Read(read.value, f"{read.problem}{whose} in {self.source}")


@dataclass(frozen=True, slots=True)
class _Recipe:
    """All readings that make a record of one kind."""

    record: Any
    subject: tuple[_Step, ...]
    steps: tuple[_Step, ...]
    unmapped: tuple[str, ...]  # our fields that the source does not tell


class FieldMap:
    """A mapping file, checked when it is loaded."""

    def __init__(self, version: str, document: str, recipes: Mapping[str, _Recipe]) -> None:
        self.version = version
        self.document = document
        self._recipes = recipes

    @classmethod
    def load(cls, path: Path) -> "FieldMap":
        """Raises `ValueError` naming the file and what is wrong in it."""
        try:
            file = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
            recipes = {kind: _recipe_of(entry) for kind, entry in file.records.items()}
        except (ValidationError, ValueError, yaml.YAMLError) as error:
            raise ValueError(f"mapping {path.name}: {error}") from error
        return cls(file.version.isoformat(), file.document, recipes)

    def record(self, kind: str, row: Mapping[str, object], **given: object) -> AnyRecord:
        """The row as a record; `given` sets fields of ours (`problems` are added).

        Raises `SourceError` (`MALFORMED`) where a required field is missing or unreadable.
        """
        recipe = self._recipes[kind]
        problems: list[str] = []
        values: dict[str, Any] = dict.fromkeys(recipe.unmapped)
        values.update(_read_all(kind, recipe.steps, row, problems))
        if recipe.subject:
            about = _read_all(kind, recipe.subject, row, problems)
            values["subjects"] = (Subject(**about),)
        given_problems = given.pop("problems", ())
        assert isinstance(given_problems, tuple)  # noqa: S101 - narrows for the type check
        values.update(given)
        values.setdefault("subjects", ())
        values["problems"] = (*problems, *given_problems)
        values["raw"] = raw_of(row)
        record: AnyRecord = recipe.record(**values)
        return record


def raw_of(row: Mapping[str, object]) -> Mapping[str, Raw]:
    """The source's own fields, as plain values."""
    return {name: _plain(value) for name, value in row.items()}


def unmapped_in(records: Iterable[AnyRecord]) -> Failure | None:
    """The gap where a record holds a code or a value that the mapping could not read."""
    for record in records:
        for problem in record.problems:
            if _leaves_a_gap(problem):
                return Failure(FailureKind.UNMAPPED, problem)
    return None


def _leaves_a_gap(problem: str) -> bool:
    if not problem.startswith((UNKNOWN_CODE, UNREADABLE, IMPLAUSIBLE, ABSENT)):
        return False
    return _OF_THE_PERSON not in problem


def _read_all(
    kind: str, steps: Iterable[_Step], row: Mapping[str, object], problems: list[str]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for step in steps:
        value, problem = step.read(row)
        if step.required and (value is None or value == ""):
            text = f"{kind} without a usable {step.source}"
            raise SourceError.of(FailureKind.MALFORMED, text)
        if problem is not None:
            problems.append(problem)
        values[step.ours] = value
    return values


def _plain(value: object) -> Raw:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, (float, Decimal, date)):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _recipe_of(kind: _Kind) -> _Recipe:
    record = _CLASSES.get(kind.record)
    if record is None:
        raise ValueError(f"{kind.record} is no record")
    steps = _steps(record, kind.fields, of_the_person=False)
    known = kind.fields.keys() | _COMMON
    unmapped = tuple(
        each.name
        for each in fields(record)
        if each.name not in known and each.default is MISSING and _may_be_none(record, each.name)
    )
    subject = _steps(Subject, kind.subject, of_the_person=True)
    return _Recipe(record, subject, steps, unmapped)


def _steps(cls: Any, entries: Mapping[str, _Entry], *, of_the_person: bool) -> tuple[_Step, ...]:
    hints = get_type_hints(cls)
    steps = []
    for ours, entry in entries.items():
        if ours not in hints or ours in _COMMON:
            raise ValueError(f"{cls.__name__} has no field {ours}")
        for pattern in entry.formats:
            date_pattern(pattern)
        if entry.read is ReaderName.CODE and not entry.codes:
            raise ValueError(f"{ours}: the reader code needs codes")
        if entry.codes and entry.read not in {ReaderName.BOOL, ReaderName.CODE}:
            raise ValueError(f"{ours}: the reader {entry.read} takes no codes")
        codes = _meanings(ours, hints[ours], entry.codes)
        steps.append(
            _Step(
                ours=ours,
                source=entry.source,
                reader=READERS[entry.read],
                hints=Hints(entry.formats, codes),
                required=entry.required,
                optional=entry.optional,
                of_the_person=of_the_person,
            )
        )
    return tuple(steps)


def _meanings(ours: str, hint: Any, codes: Mapping[str, bool | str]) -> Mapping[str, object]:
    """The code list with our closed words; one that is not ours is a mistake in the file."""
    members = _members(hint)
    enum = next((m for m in members if isinstance(m, type) and issubclass(m, StrEnum)), None)
    meanings: dict[str, object] = {}
    for code, meaning in codes.items():
        if enum is not None:
            meanings[code] = enum(str(meaning))
        elif type(meaning) in members:
            meanings[code] = meaning
        else:
            raise ValueError(f"{ours}: code {code} means nothing that the field can hold")
    return meanings


def _may_be_none(record: Any, name: str) -> bool:
    return type(None) in _members(get_type_hints(record)[name])


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
