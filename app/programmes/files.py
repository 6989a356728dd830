"""Programme files 标准文件: what they hold, read one by one with all that is wrong in each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from app.domain.decision import Comparison
from app.programmes.document import Document, read_text
from app.programmes.faults import TOP, Fault
from app.programmes.file_faults import faults_of_dates, faults_of_model
from app.programmes.file_models import LocalIn, Parameters, ProgrammeIn, SourceIn, TestIn
from app.programmes.file_values import ParameterIn, Strict
from app.programmes.parameters import Area, ByRegion, Parameter

LOCAL_FILE: Final = "local.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestLine:
    """One test as the file has it; the limit is the product of the parameters named."""

    __test__ = False  # not a test case of the test runner

    test: str
    comparison: Comparison
    limit: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a programme rests on 依据: a regulation, notice or clause and its articles."""

    title: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFile:
    """What a programme's file holds."""

    file: str
    programme: str
    name: Mapping[str, str]
    clause: str | None
    area: Area | None  # None: the township decides
    until: date | None  # last day in force
    sources: tuple[Source, ...]
    valid_months: Parameter | None
    holds_one_of: tuple[str, ...]
    tests: tuple[TestLine, ...]
    left_to_case_system: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    benefits: Mapping[str, Parameter]
    targets: Mapping[str, Parameter]
    document: Document = field(repr=False)
    draft: bool = False  # tried out, not in force


@dataclass(frozen=True, slots=True)
class LocalFile:
    """What programmes share; `local.yaml` holds parameters alone."""

    document: Document
    parameters: Mapping[str, Parameter]


_Model = TypeVar("_Model", bound=Strict)


def open_document(path: Path) -> Document:
    """The file's text as data; a file that cannot be read is a fault of its own."""
    try:
        return read_text(path.read_text("utf-8"), path.name)
    except UnicodeDecodeError as error:
        words = f"must be UTF-8, and is not from byte {error.start} on"
        return Document(path.name, None, (Fault(path.name, TOP, "file", words),))
    except OSError as error:
        words = f"cannot be read: {error.strerror}"
        return Document(path.name, None, (Fault(path.name, TOP, "file", words),))


def read_local(document: Document) -> tuple[LocalFile | None, tuple[Fault, ...]]:
    """The parameters that programmes share; None and why, where anything is wrong."""
    content, faults = _validated(LocalIn, document)
    if content is None or faults:
        return None, faults
    return LocalFile(document, _parameters(content.parameters)), ()


def read_programme(
    document: Document, *, key: str | None
) -> tuple[ProgrammeFile | None, tuple[Fault, ...]]:
    """One programme; None and why, where anything is wrong.

    `key` is what the file is called; None for a draft, which may have any key.
    """
    content, faults = _validated(ProgrammeIn, document)
    given = document.content.get("programme") if isinstance(document.content, dict) else None
    if key is not None and given is not None and given != key:
        other = document.fault(("programme",), f"must be {key}, as the file is called")
        faults = (*faults, other)
    if content is None or faults:
        return None, faults
    return _programme(content, document, draft=key is None), ()


def _validated(model: type[_Model], document: Document) -> tuple[_Model | None, tuple[Fault, ...]]:
    faults = [*document.faults, *faults_of_dates(document)]
    if document.content is None and faults:
        return None, tuple(faults)
    try:
        return model.model_validate(document.content), tuple(faults)
    except ValidationError as error:
        return None, (*faults, *faults_of_model(error, model, document))


def _programme(content: ProgrammeIn, document: Document, *, draft: bool) -> ProgrammeFile:
    months = content.valid_months
    return ProgrammeFile(
        file=document.file,
        programme=content.programme,
        name=content.name.model_dump(exclude_none=True),
        clause=content.clause,
        area=None if content.area == "by_township" else content.area,
        until=content.until,
        sources=tuple(_source(one) for one in content.sources),
        valid_months=None if months is None else _parameter("valid_months", months),
        holds_one_of=tuple(content.holds_one_of),
        tests=tuple(_test(line) for line in content.tests),
        left_to_case_system=tuple(content.left_to_case_system),
        parameters=_parameters(content.parameters),
        benefits={name: _parameter(name, one) for name, one in content.benefits.items()},
        targets={name: _parameter(name, one) for name, one in content.targets.items()},
        document=document,
        draft=draft,
    )


def _source(one: SourceIn) -> Source:
    return Source(title=one.title, articles=tuple(one.articles))


def _test(line: TestIn) -> TestLine:
    return TestLine(test=line.test, comparison=Comparison(line.comparison), limit=tuple(line.limit))


def _parameters(given: Parameters) -> Mapping[str, Parameter]:
    return {name: _parameter(name, one) for name, one in given.given.items()}


def _parameter(name: str, one: ParameterIn[Any]) -> Parameter:
    alike, town, country = one.values, one.urban, one.rural
    by_area: dict[Area, ByRegion] = {
        "urban": _regions(town if alike is None else alike),
        "rural": _regions(country if alike is None else alike),
    }
    return Parameter(
        name=name, reference=one.reference, example=one.example, by_area=by_area, unit=one.unit
    )


def _regions(values: Mapping[str, Mapping[date, Any]] | None) -> ByRegion:
    """Values by region; None is for the checker of types, the model has seen to it."""
    return {region: tuple(sorted(dated.items())) for region, dated in (values or {}).items()}
