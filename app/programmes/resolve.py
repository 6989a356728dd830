"""Which values a programme rests on in a region on a day, and since when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.domain.errors import NoStandardInForce
from app.programmes.files import LOCAL_FILE, ProgrammeFile
from app.programmes.parameters import WHOLE_COUNTRY, Area, InForce, Parameter, Value

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Situation:
    """Where and when a standard is asked for."""

    region: str
    day: date
    area: Area


@dataclass(frozen=True, slots=True)
class Used:
    """A parameter with its value in force."""

    parameter: Parameter
    in_force: InForce

    @property
    def value(self) -> Value:
        return self.in_force.value


class ChangeKind(StrEnum):
    """What can change: a value, or that a programme is in force."""

    VALUE = "value"
    BEGINS = "begins"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Change:
    """What changes on a day; a value has the region that sets it, a programme has neither."""

    kind: ChangeKind
    on: date
    name: str
    value: Value = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A programme's file with the values that hold; `categories` are those that can be held.

    `begun` says of the categories that came or went since when that is so.
    """

    file: ProgrammeFile
    situation: Situation
    parameters: Mapping[str, Used]
    benefits: Mapping[str, Used]
    valid_months: Used | None
    categories: tuple[str, ...]
    begun: tuple[InForce, ...]

    @property
    def used(self) -> tuple[Used, ...]:
        months = () if self.valid_months is None else (self.valid_months,)
        return (*self.parameters.values(), *self.benefits.values(), *months)

    @property
    def since(self) -> date:
        """The newest date of effect among all that the standard rests on."""
        return max(one.since for one in self._all)

    @property
    def region(self) -> str:
        """The nearest region that set any of it."""
        regions = {one.region for one in self._all} - {WHOLE_COUNTRY}
        return max(regions, key=len, default=WHOLE_COUNTRY)

    @property
    def _all(self) -> tuple[InForce, ...]:
        return (*(one.in_force for one in self.used), *self.begun)


@dataclass(frozen=True, slots=True)
class Resolver:
    """All programmes and what they share; `counting` names what every one of them needs."""

    programmes: Mapping[str, ProgrammeFile]
    shared: Mapping[str, Parameter]
    counting: Sequence[str]

    def resolved(self, programme: str, situation: Situation) -> Resolved:
        """The values in force; raises NoStandardInForce. The programme must be a known one."""
        file = self.programmes[programme]
        if file.until is not None and situation.day > file.until:
            raise NoStandardInForce(f"{_none(file, situation)}, its last day was {file.until}")
        parameters, benefits = self._parameters(file), dict(file.benefits)
        months = {} if file.valid_months is None else {"valid_months": file.valid_months}
        in_force, amounts, valid = (
            _used(some, situation) for some in (parameters, benefits, months)
        )
        if len(in_force) + len(amounts) + len(valid) < len(self.parameters(file)):
            raise _not_yet(file, self.parameters(file), situation)
        categories, begun = self._categories(file, situation)
        if not file.tests and not categories:
            raise NoStandardInForce(f"{_none(file, situation)}, nor for what it rests on")
        holds = valid.get("valid_months")
        return Resolved(file, situation, in_force, amounts, holds, categories, begun)

    def parameters(self, file: ProgrammeFile) -> tuple[Parameter, ...]:
        """All that must have a value: counting rules, limits, benefits, validity."""
        months = () if file.valid_months is None else (file.valid_months,)
        return (*self._parameters(file).values(), *file.benefits.values(), *months)

    def changes(self, resolved: Resolved) -> Iterator[Change]:
        """What is written down to change later: values, and programmes that it can rest on."""
        at = resolved.situation
        for used in resolved.used:
            coming = used.parameter.next_change(at.region, at.day, at.area)
            if coming is not None:
                name = used.parameter.name
                yield Change(ChangeKind.VALUE, coming.since, name, coming.value, coming.region)
        for programme in (resolved.file.programme, *self._in_area(resolved.file, at.area)):
            first, until = self._first(programme, at), self.programmes[programme].until
            if first is not None and first.since > at.day:
                yield Change(ChangeKind.BEGINS, first.since, programme)
            if until is not None and until >= at.day:
                yield Change(ChangeKind.ENDS, until + _A_DAY, programme)

    def _parameters(self, file: ProgrammeFile) -> Mapping[str, Parameter]:
        """The parameters that the standard rests on, each once, in a fixed order."""
        own = {**self.shared, **file.parameters}
        limits = (name for line in file.tests for name in line.limit)
        return {name: own[name] for name in dict.fromkeys((*self.counting, *limits))}

    def _in_area(self, file: ProgrammeFile, area: Area) -> tuple[str, ...]:
        """The categories that can be held there: urban dibao does not count in the country."""
        return tuple(
            name for name in file.holds_one_of if self.programmes[name].area in {None, area}
        )

    def _categories(
        self, file: ProgrammeFile, at: Situation
    ) -> tuple[tuple[str, ...], tuple[InForce, ...]]:
        """The categories that can be held that day, and since when those came or others went."""
        held, begun = [], []
        for name in self._in_area(file, at.area):
            first, until = self._first(name, at), self.programmes[name].until
            if first is not None and first.since > at.day:
                continue
            if until is not None and until < at.day:
                begun.append(InForce(None, until + _A_DAY, WHOLE_COUNTRY))
                continue
            held.append(name)
            begun += [] if first is None else [first]
        return tuple(held), tuple(begun)

    def _first(self, programme: str, at: Situation) -> InForce | None:
        """When the programme begins: the latest first value; None where one has none at all.

        A category without values is kept: to ask for it says what is missing.
        """
        firsts = [
            one.first(at.region, at.area) for one in self.parameters(self.programmes[programme])
        ]
        begun = [one for one in firsts if one is not None]
        return max(begun, key=lambda one: one.since) if len(begun) == len(firsts) else None


def _used(parameters: Mapping[str, Parameter], at: Situation) -> dict[str, Used]:
    found = {name: one.in_force(at.region, at.day, at.area) for name, one in parameters.items()}
    return {name: Used(parameters[name], one) for name, one in found.items() if one is not None}


def _none(file: ProgrammeFile, at: Situation) -> str:
    return f"{file.programme}: none for {at.region} on {at.day}"


def _not_yet(
    file: ProgrammeFile, parameters: Sequence[Parameter], at: Situation
) -> NoStandardInForce:
    none = _none(file, at)
    remedy = f"to {file.file} or {LOCAL_FILE} in the folder of programme standards"
    firsts = [(one.name, one.first(at.region, at.area)) for one in parameters]
    never = sorted(name for name, first in firsts if first is None)
    if never:
        return NoStandardInForce(
            f"{none}, no level of the region has a {never[0]}: add its values {remedy}"
        )
    first = max(first.since for _, first in firsts if first is not None)
    return NoStandardInForce(f"{none}, the first starts {first}: add the earlier values {remedy}")
