"""How a standard comes about: each limit's factors, who set them when, and what changes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias, assert_never

from app.domain.decision import Comparison
from app.programmes.files import ProgrammeFile
from app.programmes.parameters import Parameter, Value
from app.programmes.resolve import Change, Resolved, Used
from app.programmes.standard import COUNTING, Standard, Standards, standard_of

Json: TypeAlias = Mapping[str, "Json"] | list["Json"] | str | int | None
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """One value in force: what it is, since when, which region set it, and where it comes from."""

    name: str
    value: Value
    unit: str | None
    since: date
    region: str
    reference: str
    example: bool


@dataclass(frozen=True, slots=True)
class TestExplained:
    """One test and the figures whose product its limit is."""

    __test__ = False  # not a test case of the test runner

    test: str
    comparison: Comparison
    limit: Decimal
    factors: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A standard with all that it rests on; `changes` are those of the next day that has any."""

    standard: Standard
    file: ProgrammeFile
    region: str
    as_of: date
    tests: tuple[TestExplained, ...]
    counting: tuple[Figure, ...]
    benefits: tuple[Figure, ...]
    targets: tuple[Figure, ...]
    valid_months: Figure | None
    changes: tuple[Change, ...]

    @property
    def holds_until(self) -> date | None:
        """The last day of the present values; None where no change is written down."""
        return self.changes[0].on - _A_DAY if self.changes else None


def explain(standards: Standards, programme: str, region: str, day: date) -> Explanation:
    """The standard in force and how it comes about. Raises UnknownProgramme, NoStandardInForce."""
    resolved = standards.resolved(programme, region, day)
    standard, file = standard_of(resolved), resolved.file
    figures = {name: _figure(used) for name, used in resolved.parameters.items()}
    months = resolved.valid_months
    return Explanation(
        standard=standard,
        file=file,
        region=region,
        as_of=day,
        tests=tuple(
            TestExplained(
                rule.test, rule.comparison, rule.limit, tuple(figures[one] for one in line.limit)
            )
            for rule, line in zip(standard.tests, file.tests, strict=True)
        ),
        counting=tuple(figures[name] for name in COUNTING),
        benefits=tuple(_figure(used) for used in resolved.benefits.values()),
        targets=_targets(file.targets.values(), resolved),
        valid_months=None if months is None else _figure(months),
        changes=_next(standards.resolver.changes(resolved)),
    )


def as_document(explained: Explanation) -> Mapping[str, Json]:
    """The explanation for machines: amounts as decimal strings, days as YYYY-MM-DD."""
    standard, file, months = explained.standard, explained.file, explained.valid_months
    return {
        "programme": standard.programme,
        "name": dict(standard.name),
        "clause": file.clause,
        "region": explained.region,
        "area": standard.area,
        "as_of": explained.as_of.isoformat(),
        "standard": standard.id,
        "set_by": standard.region,
        "valid_from": standard.valid_from.isoformat(),
        "holds_until": _text(explained.holds_until),
        "until": _text(standard.until),
        "changes": [_change_document(one) for one in explained.changes],
        "example": standard.example,
        "valid_months": None if months is None else _figure_document(months),
        "holds_one_of": [*standard.holds_one_of],
        "tests": [_test_document(one) for one in explained.tests],
        "counting": [_figure_document(one) for one in explained.counting],
        "benefits": [_figure_document(one) for one in explained.benefits],
        "targets": [_figure_document(one) for one in explained.targets],
        "left_to_case_system": [*standard.left_to_case_system],
        "sources": [{"title": one.title, "articles": [*one.articles]} for one in standard.sources],
    }


def value_document(value: Value) -> Json:
    """A value for machines."""
    match value:
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple():
            return [*value]
        case Mapping():
            return dict(value)
        case int() | None:
            return value
        case _:
            assert_never(value)


def _figure(used: Used) -> Figure:
    parameter, in_force = used.parameter, used.in_force
    return Figure(
        name=parameter.name,
        value=in_force.value,
        unit=parameter.unit,
        since=in_force.since,
        region=in_force.region,
        reference=parameter.reference,
        example=parameter.example,
    )


def _targets(targets: Iterable[Parameter], resolved: Resolved) -> tuple[Figure, ...]:
    """Those in force: a target binds the province, and its absence no household."""
    at = resolved.situation
    found = ((one, one.in_force(at.region, at.day, at.area)) for one in targets)
    return tuple(_figure(Used(one, now)) for one, now in found if now is not None)


def _next(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Those of the first day that has any."""
    every = tuple(changes)
    first = min((one.on for one in every), default=None)
    return tuple(one for one in every if one.on == first)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _change_document(change: Change) -> Mapping[str, Json]:
    return {
        "kind": change.kind.value,
        "on": change.on.isoformat(),
        "name": change.name,
        "value": value_document(change.value),
        "region": change.region,
    }


def _test_document(test: TestExplained) -> Mapping[str, Json]:
    return {
        "test": test.test,
        "comparison": test.comparison.value,
        "limit": f"{test.limit:f}",
        "factors": [_figure_document(one) for one in test.factors],
    }


def _figure_document(figure: Figure) -> Mapping[str, Json]:
    return {
        "name": figure.name,
        "value": value_document(figure.value),
        "unit": figure.unit,
        "since": figure.since.isoformat(),
        "region": figure.region,
        "reference": figure.reference,
        "example": figure.example,
    }
