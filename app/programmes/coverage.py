"""What a check of the files tells beyond their faults: regions, gaps, examples, strays."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from app.domain.errors import NoStandardInForce
from app.programmes.consistency import names_in
from app.programmes.document import KEY, Document
from app.programmes.faults import Fault, in_order, nearest
from app.programmes.files import LOCAL_FILE, ProgrammeFile, open_document
from app.programmes.folder import SHIPPED, Files
from app.programmes.parameters import WHOLE_COUNTRY, Area, Parameter
from app.programmes.resolve import Resolver, Situation
from app.programmes.standard import COUNTING, Standards

_PROVINCE: Final = 2  # digits of a province's code
_COUNTY: Final = 6
_VALUES: Final = ("values", "urban", "rural")
_PARTS: Final = ("parameters", "benefits", "targets")
_AREAS: Final[tuple[Area, ...]] = ("urban", "rural")


@dataclass(frozen=True, slots=True)
class Gap:
    """A region and area in which a programme lacks values, and why."""

    region: str
    area: Area
    why: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a programme's values are all in force for every region that they name.

    `named` counts the regions by the length of their codes; `ended` is the last day of a programme
    that is over.
    """

    file: ProgrammeFile
    named: Mapping[int, int]
    gaps: tuple[Gap, ...]
    ended: date | None


def coverage(standards: Standards, day: date) -> tuple[Coverage, ...]:
    """For each programme whether all its values exist that day, for each region that it names."""
    resolver = standards.resolver
    return tuple(_coverage(resolver, standards.file(key), day) for key in standards.programmes)


def unknown_regions(files: Files) -> tuple[Fault, ...]:
    """Values for counties that no level knows: such values are never used.

    Known are the counties that the shipped `local.yaml` and the folder's name; a province of which
    they name no county may have any.
    """
    local = files.documents[LOCAL_FILE]
    shipped = open_document(SHIPPED / LOCAL_FILE)
    known = frozenset(region for one in (local, shipped) for _, region in _regions(one))
    others = (one for name, one in files.documents.items() if name != LOCAL_FILE)
    return in_order([fault for one in others for fault in _strays(one, known)])


def warnings(standards: Standards, files: Files, day: date) -> tuple[Fault, ...]:
    """What is no fault and yet to be looked at: examples in force, values that nothing uses."""
    found = [*_examples(standards, files, day), *_unused(standards, files)]
    local = files.documents[LOCAL_FILE]
    shipped = frozenset(region for _, region in _regions(open_document(SHIPPED / LOCAL_FILE)))
    return in_order([*found, *_strays(local, shipped)])


def _coverage(resolver: Resolver, file: ProgrammeFile, day: date) -> Coverage:
    if file.until is not None and day > file.until:
        return Coverage(file, {}, (), file.until)
    regions = sorted(_named(resolver, file), key=lambda region: (len(region), region))
    areas = (file.area,) if file.area else _AREAS
    situations = [Situation(region, day, area) for region in regions for area in areas]
    gaps = tuple(gap for one in situations for gap in _gap(resolver, file, one))
    return Coverage(file, Counter(len(region) for region in regions), gaps, None)


def _named(resolver: Resolver, file: ProgrammeFile) -> frozenset[str]:
    parameters = resolver.parameters(file)
    return frozenset(region for one in parameters for region in one.regions) - {WHOLE_COUNTRY}


def _gap(resolver: Resolver, file: ProgrammeFile, at: Situation) -> Iterator[Gap]:
    try:
        resolver.resolved(file.programme, at)
    except NoStandardInForce as error:
        yield Gap(at.region, at.area, str(error))


def _examples(standards: Standards, files: Files, day: date) -> Iterator[Fault]:
    """The made-up values that some programme rests on that day."""
    for programme in standards.programmes:
        file = standards.file(programme)
        if file.until is not None and day > file.until:
            continue
        for parameter in standards.resolver.parameters(file):
            if parameter.example and _has_begun(parameter, day):
                document, path = _place_of(parameter, file, files)
                yield document.fault((*path, KEY), "example values are in force")


def _place_of(
    parameter: Parameter, file: ProgrammeFile, files: Files
) -> tuple[Document, tuple[str, ...]]:
    """The document that gives the parameter, and the path to it there."""
    name = parameter.name
    if parameter is file.valid_months:
        return file.document, ("valid_months",)
    if parameter is file.benefits.get(name):
        return file.document, ("benefits", name)
    own = parameter is file.parameters.get(name)
    return file.document if own else files.documents[LOCAL_FILE], ("parameters", name)


def _has_begun(parameter: Parameter, day: date) -> bool:
    firsts = (dated[0][0] for by in parameter.by_area.values() for dated in by.values())
    return min(firsts) <= day


def _unused(standards: Standards, files: Files) -> Iterator[Fault]:
    used = set(COUNTING)
    for programme in standards.programmes:
        used |= {name for line in standards.file(programme).tests for name in line.limit}
    local = files.documents[LOCAL_FILE]
    for name in sorted(names_in(local) - used):
        yield local.fault(("parameters", name, KEY), "no programme uses it")


def _strays(document: Document, known: frozenset[str]) -> Iterator[Fault]:
    for path, region in _regions(document):
        if not _is_known(region, known):
            words = f"no county that local.yaml names has this code{nearest(region, known)}"
            yield document.fault((*path, region, KEY), words)


def _is_known(region: str, known: frozenset[str]) -> bool:
    """A village or township by its county, a city by any of its counties."""
    counties = {one for one in known if len(one) == _COUNTY and one[:2] == region[:2]}
    if len(region) <= _PROVINCE or not counties:
        return True
    county = region[:_COUNTY]
    return any(one.startswith(county) for one in counties)


def _regions(document: Document) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every region that has values, and the path to it; whatever is not in place is left out."""
    content = document.content if isinstance(document.content, dict) else {}
    for part in _PARTS:
        for name, parameter in _items(content.get(part)):
            yield from _regions_of((part, name), parameter)
    yield from _regions_of(("valid_months",), content.get("valid_months"))


def _regions_of(path: tuple[str, ...], parameter: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    for area, regions in _items(parameter):
        if area in _VALUES:
            for region, _ in _items(regions):
                if region.isdecimal():
                    yield (*path, area), region


def _items(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        yield from ((str(key), value) for key, value in part.items())
