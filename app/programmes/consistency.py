"""What programme files must agree on among themselves, faulty ones included."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.programmes.document import KEY, Document
from app.programmes.faults import Fault, nearest
from app.programmes.file_models import KINDS, NULLABLE
from app.programmes.parameters import Area

_AREAS: Final[tuple[Area, ...]] = ("urban", "rural")


@dataclass(frozen=True, slots=True)
class Outline:
    """As much of a file as others depend on, taken from whatever it holds."""

    document: Document
    area: str | None
    own: frozenset[str]  # names of its parameters
    limits: tuple[tuple[tuple[str, ...], str], ...]  # where, and the parameter named
    holds_one_of: tuple[tuple[tuple[str, ...], str], ...]  # where, and the programme named
    has_tests: bool

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.holds_one_of)

    @property
    def used(self) -> frozenset[str]:
        return frozenset(name for _, name in self.limits)


def outline_of(document: Document) -> Outline:
    """The outline of a programme's file; a part that is not as it must be counts as not there."""
    content = document.content if isinstance(document.content, dict) else {}
    area = content.get("area")
    held = _listed(content.get("holds_one_of"))
    tests = _listed(content.get("tests"))
    return Outline(
        document=document,
        area=area if isinstance(area, str) else None,
        own=names_in(document),
        limits=tuple(_limits(tests)),
        holds_one_of=tuple(
            (("holds_one_of", str(at)), name)
            for at, name in enumerate(held)
            if isinstance(name, str)
        ),
        has_tests=bool(tests),
    )


def names_in(document: Document) -> frozenset[str]:
    """The parameters that a file gives, right or wrong."""
    content = document.content if isinstance(document.content, dict) else {}
    given = content.get("parameters")
    return frozenset(given) if isinstance(given, dict) else frozenset()


def _listed(part: Any) -> Sequence[Any]:
    return part if isinstance(part, list) else ()


def _limits(tests: Sequence[Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    for at, test in enumerate(tests):
        limit = test.get("limit") if isinstance(test, dict) else None
        path = ("tests", str(at), "limit")
        if isinstance(limit, str):
            yield path, limit
        for number, name in enumerate(_listed(limit)):
            if isinstance(name, str):
                yield (*path, str(number)), name


def disagreements(
    outlines: Mapping[str, Outline], local: Document, counting: Sequence[str]
) -> Iterator[Fault]:
    """Every fault of programmes, by key, among themselves and with what they share.

    `counting` names the parameters that every programme needs.
    """
    shared = names_in(local) if isinstance(local.content, dict) else None
    if shared is not None:
        yield from _missing(outlines, local, shared, counting)
    for programme, outline in outlines.items():
        if not isinstance(outline.document.content, dict):
            continue
        yield from _of_tests(outline, shared)
        yield from _unused(outline, counting)
        yield from _of_categories(programme, outlines)


def _missing(
    outlines: Mapping[str, Outline], local: Document, shared: frozenset[str], names: Sequence[str]
) -> Iterator[Fault]:
    for name in names:
        without = [one.document.file for one in outlines.values() if name not in one.own]
        if name not in shared and without:
            who = without[0] if len(without) == 1 else f"{without[0]} and {len(without) - 1} more"
            words = f"is missing here and in {who}{nearest(name, shared - set(names))}"
            yield local.fault(("parameters", name), words)


def _of_tests(outline: Outline, shared: frozenset[str] | None) -> Iterator[Fault]:
    tests = _listed(outline.document.content.get("tests")) if outline.has_tests else ()
    for at, test in enumerate(tests):
        if isinstance(test, dict) and test.get("limit") == []:
            yield outline.document.fault(("tests", at, "limit"), "names no parameter")
    if shared is None:
        return
    amounts = (shared | outline.own) - KINDS.keys() - NULLABLE
    for path, name in outline.limits:
        if name not in amounts:
            words = f"{name} is no parameter that is an amount{nearest(name, amounts)}"
            yield outline.document.fault(path, words)


def _unused(outline: Outline, counting: Sequence[str]) -> Iterator[Fault]:
    needed = outline.used | set(counting)
    for name in sorted(outline.own - needed):
        words = f"no test names it and it is no counting rule{nearest(name, needed)}"
        yield outline.document.fault(("parameters", name, KEY), words)


def _of_categories(programme: str, outlines: Mapping[str, Outline]) -> Iterator[Fault]:
    outline = outlines[programme]
    document = outline.document
    for path, name in outline.holds_one_of:
        words = _wrong_with(name, programme, outlines)
        if words:
            yield document.fault(path, words)
    if outline.has_tests:
        return
    if not outline.holds_one_of:
        yield document.fault(("tests",), "a programme needs tests or holds_one_of")
        return
    for area in _AREAS:
        elsewhere = outline.area in _AREAS and outline.area != area
        can_be_held = any(_holds_in(area, outlines.get(name)) for name in outline.categories)
        if not elsewhere and not can_be_held:
            yield document.fault(("holds_one_of",), f"nothing can be held where {area}")


def _holds_in(area: Area, category: Outline | None) -> bool:
    return category is None or category.area not in _AREAS or category.area == area


def _wrong_with(name: str, programme: str, outlines: Mapping[str, Outline]) -> str:
    if name == programme or name not in outlines:
        known = outlines.keys() - {programme}
        return f"{name} is no other programme{nearest(name, known)}"
    way = _way_back(programme, (name,), outlines)
    if way:
        return f"{programme} rests on itself by way of {', '.join(way)}"
    if outlines[name].holds_one_of:
        return f"{name} itself rests on others"
    return ""


def _way_back(
    programme: str, way: tuple[str, ...], outlines: Mapping[str, Outline]
) -> tuple[str, ...]:
    """The programmes by which one comes back to where one started; empty where one does not."""
    last = outlines.get(way[-1])
    for name in () if last is None else last.categories:
        if name == programme:
            return way
        if name not in way:
            found = _way_back(programme, (*way, name), outlines)
            if found:
                return found
    return ()
